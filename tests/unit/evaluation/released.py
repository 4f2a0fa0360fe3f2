"""Three years of releases: twelve cohorts of one programme in two revisions, and three of another, for the reports.

The figures are made up, but fit together: levels, changes, shares and counts are those of whole people.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from math import sqrt
from random import Random

from services.evaluation.model import Hidden, InstrumentRef, Participation, Release
from shared.events import LocalisedText
from shared.events.evaluation import Figure

TITLES = {
    "FLC": LocalisedText(sv="Ny som chef", en="New as a manager"),
    "MID": LocalisedText(sv="Leda genom andra", en="Leading through others"),
}
ASKED = tuple(InstrumentRef(code=code, version=1) for code in ("HME", "LU", "BE", "TR", "NV", "RI"))
WORDINGS = (InstrumentRef(code="UM", version=2), InstrumentRef(code="RX", version=2), *ASKED)
PARTS = ("reflection", "breadth", "depth", "community")


def a_release(
    cohort_id: str,
    stage: str,
    figures: Sequence[Figure],
    *,
    programme: str = "FLC",
    revision: int = 2,
    on: date = date(2027, 2, 4),
    hidden: Sequence[Hidden] = (),
    participation: Sequence[Participation] = (),
    instruments: Sequence[InstrumentRef] = WORDINGS,
) -> Release:
    """What is published about one stage of a cohort."""
    return Release(
        id=f"{cohort_id}:{stage}:release",
        cohort_id=cohort_id,
        programme=programme,
        revision=revision,
        title=TITLES[programme],
        k=5,
        released_on=on,
        figures=tuple(figures),
        hidden=tuple(hidden),
        participation=tuple(participation),
        instruments=tuple(instruments),
    )


def a_figure(indicator: str, wave: str, n: int, value: float, half: float | None = None) -> Figure:
    """A figure, with an interval of this half width where it has one."""
    low, high = (None, None) if half is None else (round(value - half, 1), round(value + half, 1))
    return Figure(indicator=indicator, wave=wave, n=n, value=round(value, 1), low=low, high=high)


def a_cohort(
    cohort_id: str, *, programme: str = "FLC", revision: int = 2, ends: date = date(2027, 1, 20), gain: float = 8.0
) -> list[Release]:
    """A cohort's releases from its end to a year after."""
    draw = Random(cohort_id)
    n = draw.randint(9, 14)
    before, moved = draw.gauss(54, 3), draw.gauss(gain, 14 / sqrt(n))
    made = {"programme": programme, "revision": revision}
    right_after = a_release(
        cohort_id,
        "T1",
        _right_after(draw, n, before, moved),
        on=ends + timedelta(days=15),
        participation=[
            Participation(wave="T0", asked=n + 2, answered=n + 1),
            Participation(wave="T1", asked=n + 2, answered=n, pairs=n),
        ],
        **made,  # type: ignore[arg-type]
    )
    later = [
        ("T2", 105, [a_figure("TR", "T2", n - 1, draw.gauss(68, 4), 9.5)]),
        ("T3", 197, _half_a_year(draw, n - 1, before, moved)),
        ("T4", 380, [*_moved("UM", "T4", n - 2, before, moved - 1), *_network(draw, "T4", n - 2)]),
    ]
    return [
        *_pulses(draw, cohort_id, n, ends, made),
        right_after,
        *(
            a_release(
                cohort_id,
                stage,
                figures,
                on=ends + timedelta(days=days),
                hidden=[Hidden(indicator="HME.leadership", reason="too_few")] if stage == "T3" else [],
                participation=[Participation(wave=stage, asked=n + 2, answered=n - 1, pairs=n - 2)],
                **made,  # type: ignore[arg-type]
            )
            for stage, days, figures in later
        ),
    ]


def _right_after(draw: Random, n: int, before: float, moved: float) -> list[Figure]:
    improved = max(5, round(n * 0.5))
    parts = [draw.gauss(mean, 3) for mean in (58, 74, 69, 84)]
    gladly = max(5, round(n * 0.6))
    return [
        *_moved("UM", "T1", n, before, moved, with_before=True),
        a_figure("UM.improved", "T1", n, 100 * improved / n),
        a_figure("UM.not_improved", "T1", n, 100 * (n - improved) / n),
        a_figure("UM.looking_back", "T1", n, before - 7),
        a_figure("UM.looking_back_change", "T1", n, moved + 7, 7.0),
        a_figure("UM.task", "T1", n, 61.1),
        a_figure("UM.task_change", "T1", n, 13.9, 11.0),
        *_moved("LU", "T1", n, before + 4, moved - 3, with_before=True),
        a_figure("RX", "T1", n, sum(parts) / 4, 6.0),
        *(a_figure(f"RX.{part}", "T1", n, value) for part, value in zip(PARTS, parts, strict=True)),
        a_figure("NV.density", "T1", n, 31.8),
        a_figure("NV.reach", "T1", n, 100.0),
        a_figure("NV.callable", "T1", n, 90.9),
        a_figure("RI.promoters", "T1", n, gladly),
    ]


def _half_a_year(draw: Random, n: int, before: float, moved: float) -> list[Figure]:
    return [
        *_moved("UM", "T3", n, before, moved - 2),
        *_moved("HME.governance", "T3", n, 71, 3.1, with_before=True),
        a_figure("TR", "T3", n, draw.gauss(66, 4), 10.0),
        *_moved("BE.own", "T3", n, 66, 9.0, with_before=True),
        *_moved("BE.seen", "T3", n, 61, 3.5, with_before=True),
        *_network(draw, "T3", n),
    ]


def _moved(name: str, wave: str, n: int, before: float, moved: float, *, with_before: bool = False) -> list[Figure]:
    half = 2.2 * 14 / sqrt(n)
    levels = [a_figure(name, "T0", n, before)] if with_before else []
    change = f"{name}.change" if "." not in name else f"{name}_change"
    return [*levels, a_figure(name, wave, n, before + moved), a_figure(change, wave, n, moved, half)]


def _network(draw: Random, wave: str, n: int) -> list[Figure]:
    return [
        a_figure("NV.density", wave, n, 22.7),
        a_figure("NV.reach", wave, n, 87.5),
        a_figure("NV.self_organised", wave, n, 62.5),
        a_figure("NV.usefulness", wave, n, 59.4),
        a_figure("NV.retention", wave, n, 71.4),
        a_figure("NV.vitality", wave, n, draw.gauss(62, 12)),
    ]


def _pulses(draw: Random, cohort_id: str, n: int, ends: date, made: dict[str, object]) -> list[Release]:
    return [
        a_release(
            cohort_id,
            f"P:{cohort_id}:M{number}",
            [a_figure("RX.pulse", "P", n - 1, draw.gauss(66 + 3 * number, 2))],
            on=ends - timedelta(days=60 - 20 * number),
            participation=[Participation(wave="P", asked=n + 1, answered=n - 1)],
            **made,  # type: ignore[arg-type]
        )
        for number in (1, 2)
    ]


def three_years() -> list[Release]:
    """Twelve cohorts of FLC from 2025 to 2027, the last six under a revision that does more; three of MID."""
    found: list[Release] = []
    for number in range(1, 13):
        ends = date(2025, 1, 20) + timedelta(days=75 * number)
        newer = number > 6
        found += a_cohort(f"FLC-{number}", revision=2 if newer else 1, ends=ends, gain=10.0 if newer else 5.0)
    for number in range(1, 4):
        found += a_cohort(f"MID-{number}", programme="MID", revision=1, ends=date(2025 + number - 1, 6, 1), gain=4.0)
    return found
