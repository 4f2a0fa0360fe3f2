"""Releases written by hand, and histories of programmes, for the tests of what follows from them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np

from services.evaluation.model import Recommendation, Release
from services.evaluation.rules import evidence, recommendations
from services.evaluation.statistics import mean_with_interval
from shared.events.evaluation import Figure
from tests.unit.evaluation.arrange import TITLE

PARTS = ("reflection", "breadth", "depth", "community")
HEALTHY, SPREAD, RISE, SPREAD_OF_RISES = 70.0, 18.0, 8.0, 14.3
"""A rise of 8 with SD 16 between people and r = .6 between waves: the differences have the SD 16·√(2·(1 − .6))."""
TODAY = date(2027, 6, 1)


def level(indicator: str, value: float, n: int = 10, wave: str = "T1") -> Figure:
    """An index as it is published."""
    return Figure(indicator=indicator, wave=wave, n=n, value=value)


def gain(value: float, low: float | None, high: float | None, n: int = 10, wave: str = "T3") -> Figure:
    """A change of understanding as it is published."""
    return Figure(indicator="UM.change", wave=wave, n=n, value=value, low=low, high=high)


def alive(value: float) -> Figure:
    """How alive a network is."""
    return Figure(indicator="NV.vitality", wave="T4", n=9, value=value)


def a_release(cohort: int, *figures: Figure, wave: str = "T1", revision: int = 2) -> Release:
    """What is published of a cohort; cohorts end in the order of their numbers."""
    return Release(
        id=f"FLC-{cohort:02}:{wave}:release",
        cohort_id=f"FLC-{cohort:02}",
        programme="FLC",
        revision=revision,
        title=TITLE,
        k=5,
        released_on=TODAY,
        figures=figures,
        hidden=(),
        participation=(),
        instruments=(),
    )


def ends_of(releases: Sequence[Release]) -> dict[str, datetime]:
    """When each cohort ended."""
    first = datetime(2027, 1, 1, tzinfo=UTC)
    return {one.cohort_id: first + timedelta(days=90 * int(one.cohort_id[-2:])) for one in releases}


def answered(rng: np.random.Generator, cohort: int, n: int, means: Mapping[str, float], rise: float) -> list[Release]:
    """What becomes of a cohort of n people whose answers spread around these means: after it, and half a year later."""
    reaction = [
        level(f"RX.{part}", round(float(rng.normal(mean, SPREAD, n).clip(0, 100).mean()), 1), n)
        for part, mean in means.items()
    ]
    rises = mean_with_interval(rng.normal(rise, SPREAD_OF_RISES, n).tolist())
    used = level("TR", round(float(rng.normal(HEALTHY, SPREAD, n).clip(0, 100).mean()), 1), n, "T3")
    change = gain(round(rises.mean, 1), round(rises.low or 0, 1), round(rises.high or 0, 1), n)
    return [a_release(cohort, *reaction), a_release(cohort, used, change, wave="T3")]


def recommended_in(releases: Sequence[Release]) -> list[Recommendation]:
    """All that is recommended while releases come one after the other and the office declines everything."""
    found: list[Recommendation] = []
    for number, release in enumerate(releases, 1):
        known = releases[:number]
        verdict = evidence.verdict(known, ends_of(known))
        one = recommendations.proposed(release, verdict, known, found, TODAY)
        if one is not None:
            done = recommendations.decided(one, "declined", reason="no", by="Office", today=TODAY)
            assert done
            found.append(done[0])
    return found
