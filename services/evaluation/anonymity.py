"""What may be told about a group without telling about anybody in it. Everything published goes through here.

The rules have numbers, by which the rest of evaluation refers to them:

* I1 nothing published rests on fewer than k people, the count itself included;
* I2 two published sets of people for the same question and wave differ by nobody or by at least k;
* I3 follows from I2: "all" and "pairs" of a wave are not published side by side when few are in one but not the other;
* I6 while a wave is open nothing is told but counts of at least k, taken once a day;
* I8 and I9 (no order, no answer in an event) are held by what a response contains and by what is announced.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.evaluation.model import DailyCount, Hidden, HiddenBecause
from shared.events.evaluation import Figure

SMALLEST_K = 5
"""The threshold can be raised, never lowered."""

Question = tuple[str, str]
"""An item in a wave, such as ("UM1", "T0")."""


@dataclass(frozen=True)
class Candidate:
    """A figure that somebody would like to publish: about which questions, on whom it rests, and what it would tell.

    `people` are opaque names; they are compared here and never leave. `tell` is called only when it may be told.
    """

    indicator: str
    asks: frozenset[Question]
    people: frozenset[str]
    tell: Callable[[], Figure]


@dataclass(frozen=True)
class Published:
    """What may be told, and what is hidden."""

    figures: tuple[Figure, ...]
    hidden: tuple[Hidden, ...]


def threshold(configured: int) -> int:
    """The k that is used: as configured, but at least `SMALLEST_K`."""
    return max(SMALLEST_K, configured)


def publishable(candidates: Sequence[Candidate], *, k: int, already: Sequence[Candidate] = ()) -> Published:
    """Sort candidates into those that may be published and those that must not, judged in the given order.

    `already` is what has been published before: it counts in the difference rule as if it stood first.
    A hidden indicator is named once, with the first reason.
    """
    shown: list[Candidate] = []
    hidden: dict[str, Hidden] = {}
    for candidate in candidates:
        reason = _against(candidate, (*already, *shown), threshold(k))
        if reason is None:
            shown.append(candidate)
        else:
            hidden.setdefault(candidate.indicator, Hidden(indicator=candidate.indicator, reason=reason))
    return Published(tuple(_told(candidate) for candidate in shown), tuple(hidden.values()))


def _against(candidate: Candidate, shown: Sequence[Candidate], k: int) -> HiddenBecause | None:
    if len(candidate.people) < k:
        return "too_few"
    if not all(_apart(candidate, other, k) for other in shown):
        return "difference"
    return None


def _told(candidate: Candidate) -> Figure:
    figure = candidate.tell()
    if figure.n != len(candidate.people):
        raise ValueError(f"{candidate.indicator} says that it rests on other people than it was judged by")
    return figure


def _apart(one: Candidate, other: Candidate, k: int) -> bool:
    """I2: knowing both figures does not single out a group smaller than k."""
    if not one.asks & other.asks:
        return True
    return all(len(rest) == 0 or len(rest) >= k for rest in (one.people - other.people, other.people - one.people))


def publishable_count(count: int, *, k: int) -> int | None:
    """A number of people, or None where the number itself would point at somebody (I1)."""
    return count if count >= threshold(k) else None


def publishable_shares(
    counts: Mapping[str, int], groupings: Sequence[Mapping[str, Sequence[str]]], *, k: int
) -> dict[str, int]:
    """The first of `groupings` in which every group holds at least k people, as counts; nothing if there is none.

    A grouping names its groups and the finer counts that each of them adds up: {"improved": ["improved"], …}. Groups
    cover everybody, so that one of them hidden beside the others would be found by subtraction: it is all or nothing.
    """
    for grouping in groupings:
        grouped = {name: sum(counts[part] for part in parts) for name, parts in grouping.items()}
        if all(count >= threshold(k) for count in grouped.values()):
            return grouped
    return {}


def count_for_today(before: DailyCount | None, today: date, *, invited: int, answered: int) -> DailyCount:
    """What is told of participation in an open wave: the day's first count stays until tomorrow (I6).

    A count that followed each answer would tell who answered when.
    """
    if before is not None and before.taken_on >= today:
        return before
    return DailyCount(taken_on=today, invited=invited, answered=answered)
