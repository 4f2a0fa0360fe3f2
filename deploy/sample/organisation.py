"""The units of the municipality in three levels: administrations, areas in them, units in those."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from deploy.sample.names import words
from shared.events.hr import UnitChanged


@dataclass(frozen=True)
class Administration:
    """A top unit (förvaltning): its share of the staff, and what its areas and units are called."""

    name: str
    share: float
    areas: tuple[str, ...]
    units: tuple[str, ...]


@dataclass(frozen=True)
class Size:
    """How large a municipality is made."""

    employees: int = 5_700
    administrations: int = 10
    areas: int = 45
    units: int = 345
    first_line: int = 194
    potential: int = 20
    newly_appointed: float = 0.36
    """Share of the managers appointed within the last year and a half."""


MUNICIPALITY: Final = Size()
VILLAGE: Final = Size(
    employees=400, administrations=8, areas=10, units=46, first_line=46, potential=6, newly_appointed=0.85
)
"""A small place with many new managers, for a year that takes seconds."""

ADMINISTRATIONS: Final = (
    Administration(
        "Barn- och utbildningsförvaltningen",
        0.38,
        ("Förskola", "Grundskola F–6", "Grundskola 7–9", "Gymnasieskola", "Elevhälsa", "Anpassad skola"),
        ("Förskolan", "Skolan", "Fritidshemmet", "Arbetslaget"),
    ),
    Administration(
        "Vård- och omsorgsförvaltningen",
        0.30,
        ("Särskilt boende", "Hemtjänst", "Hemsjukvård", "Funktionsstöd", "Rehabilitering", "Bemanning"),
        ("Äldreboendet", "Hemtjänsten", "Gruppbostaden", "Dagverksamheten"),
    ),
    Administration(
        "Socialförvaltningen",
        0.08,
        ("Barn och familj", "Vuxen", "Ekonomiskt bistånd", "Öppenvård"),
        ("Mottagningen", "Utredningsgruppen", "Familjecentralen", "Stödboendet"),
    ),
    Administration(
        "Tekniska förvaltningen",
        0.06,
        ("Gata och park", "Vatten och avlopp", "Måltid", "Lokalvård"),
        ("Driftgruppen", "Köket", "Lokalvården", "Projektgruppen"),
    ),
    Administration(
        "Kommunledningsförvaltningen",
        0.05,
        ("Ekonomi", "HR", "Kansli", "Digitalisering", "Kommunikation"),
        ("Gruppen", "Servicecenter", "Stödet", "Enheten"),
    ),
    Administration(
        "Samhällsbyggnadsförvaltningen",
        0.04,
        ("Plan", "Bygglov", "Mark och exploatering"),
        ("Plangruppen", "Bygglovsgruppen", "Kartgruppen"),
    ),
    Administration(
        "Kultur- och fritidsförvaltningen",
        0.04,
        ("Bibliotek", "Kulturskola", "Bad och idrott"),
        ("Biblioteket", "Fritidsgården", "Badet", "Idrottshallen"),
    ),
    Administration(
        "Arbetsmarknads- och integrationsförvaltningen",
        0.02,
        ("Vuxenutbildning", "Arbetsmarknad"),
        ("Lärcentrum", "Jobbcentrum"),
    ),
    Administration("Miljöförvaltningen", 0.01, ("Tillsyn", "Hälsoskydd"), ("Tillsynsgruppen", "Miljögruppen")),
    Administration(
        "Norrby Bostäder AB", 0.02, ("Förvaltning", "Fastighetsutveckling"), ("Områdeskontoret", "Fastighetsgruppen")
    ),
)
"""Largest first, the municipal housing company last."""


@dataclass(frozen=True)
class Organisation:
    """The units as they are when the year begins, by level."""

    administrations: tuple[UnitChanged, ...]
    areas: tuple[UnitChanged, ...]
    units: tuple[UnitChanged, ...]

    @property
    def all_units(self) -> tuple[UnitChanged, ...]:
        """Every unit, a parent before its children."""
        return self.administrations + self.areas + self.units

    def below(self, parent: UnitChanged) -> tuple[UnitChanged, ...]:
        """The units directly below another."""
        return tuple(unit for unit in self.areas + self.units if unit.parent_id == parent.unit_id)


def organise(size: Size, rng: random.Random) -> Organisation:
    """The units of a municipality of this size; the larger an administration, the more areas and units it has."""
    chosen = (*ADMINISTRATIONS[: size.administrations - 1], ADMINISTRATIONS[-1])
    tops = [_unit(number, kind.name) for number, kind in enumerate(chosen, 1)]
    areas: list[UnitChanged] = []
    units: list[UnitChanged] = []
    for kind, top, count in zip(chosen, tops, apportion(size.areas, [kind.share for kind in chosen]), strict=True):
        for number in range(count):
            name = f"{kind.areas[number % len(kind.areas)]} {_part(number // len(kind.areas))}".strip()
            areas.append(_unit(100 + len(areas), name, top))
    owners = {top.unit_id: kind for kind, top in zip(chosen, tops, strict=True)}
    for number in range(size.units):
        area = _area_for(number, areas, owners, rng)
        kind = owners[str(area.parent_id)]
        units.append(_unit(1000 + number, f"{rng.choice(kind.units)} {rng.choice(words('places'))}", area))
    return Organisation(tuple(tops), tuple(areas), tuple(units))


def _unit(number: int, name: str, parent: UnitChanged | None = None) -> UnitChanged:
    return UnitChanged(unit_id=f"U{number:04}", version=1, name=name, parent_id=parent.unit_id if parent else None)


def apportion(count: int, weights: Sequence[float]) -> list[int]:
    """`count` things divided by weight: at least one each where they suffice, the largest remainders served first."""
    whole = sum(weights)
    exact = [count * weight / whole for weight in weights]
    parts = [max(1, int(share)) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: parts[i] - exact[i])
    for i in by_remainder[: max(0, count - sum(parts))]:
        parts[i] += 1
    parts[parts.index(max(parts))] += count - sum(parts)
    return parts


def _part(number: int) -> str:
    return ("", "norr", "söder", "öster", "väster", "centrum")[number] if number < 6 else str(number)


def _area_for(
    number: int, areas: list[UnitChanged], owners: dict[str, Administration], rng: random.Random
) -> UnitChanged:
    """Each area gets one unit in turn first; the others fall where the staff is."""
    if number < len(areas):
        return areas[number]
    siblings = [sum(other.parent_id == area.parent_id for other in areas) for area in areas]
    weights = [owners[str(area.parent_id)].share / n for area, n in zip(areas, siblings, strict=True)]
    return rng.choices(areas, weights)[0]
