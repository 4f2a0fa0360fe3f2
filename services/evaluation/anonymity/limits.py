"""Rules that need no knowledge of other figures: smallest numbers, counts, bands, comments, ratings of managers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from statistics import fmean
from typing import Literal

from services.evaluation.anonymity.sets import apart
from services.evaluation.model import DailyCount

SMALLEST_K = 5
"""The threshold can be raised, never lowered."""

SMALLEST_NETWORK = 8
"""I14: network figures rest on at least so many of a group."""

SMALLEST_COMMENTS = 8
"""I10: so many comments on a question, or none is shown."""

RATINGS_PER_PROGRAMME = 15
"""I12: a programme's figure of how employees rate their managers rests on at least so many of them."""

EXTREME = 10.0
"""A mean so near to an end of the scale is told as a band: nearly everybody has given the same answer (I5)."""

_BANDS = ((0.0, 10.0), (10.0, 40.0), (40.0, 60.0), (60.0, 90.0), (90.0, 100.0))
"""Around the five answers' own values 0, 25, 50, 75, 100, so that a band does not say on which side of one."""

Mode = Literal["confidential", "anonymous"]
Band = tuple[float, float]


def threshold(configured: int) -> int:
    """The k that is used: as configured, but at least `SMALLEST_K`."""
    return max(SMALLEST_K, configured)


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


Grouping = Mapping[str, frozenset[str]]
"""Everybody who answered a question, by how she answered it."""


def publishable_groups(groupings: Sequence[Grouping], *, k: int, already: Sequence[Grouping] = ()) -> Grouping:
    """As `publishable_shares`, but knowing who is in which group and what is published of the question (I1, I2, I5).

    `already` may be over other people: shares over twelve and over seven of them tell the shares of the five between.
    """
    least = threshold(k)
    for grouping in groupings:
        large_enough = all(len(group) >= least for group in grouping.values())
        if large_enough and all(_apart_by_answer(grouping, other, least) for other in already):
            return grouping
    return {}


def _apart_by_answer(one: Grouping, other: Grouping, least: int) -> bool:
    """Each group differs from each that it overlaps by nobody or enough, and those between are not all in one group."""
    if not all(apart(mine, theirs, least) for mine in one.values() for theirs in other.values() if mine & theirs):
        return False
    everybody, before = frozenset[str]().union(*one.values()), frozenset[str]().union(*other.values())
    new, gone = everybody - before, before - everybody
    return not any(
        between and between <= group for between, grouping in ((new, one), (gone, other)) for group in grouping.values()
    )


def count_for_today(before: DailyCount | None, today: date, *, invited: int, answered: int) -> DailyCount:
    """What is told of participation in an open wave: the day's first count stays until tomorrow (I6).

    A count that followed each answer would tell who answered when.
    """
    if before is not None and before.taken_on >= today:
        return before
    return DailyCount(taken_on=today, invited=invited, answered=answered)


def homogeneous(scores: Sequence[float], step: float) -> bool:
    """I5: everybody, or everybody but one, is of one mind, so that a figure about all is one about each.

    `scores` are on the 0–100 scale; `step` is the least by which one person's score can move. The spread counts as none
    while it is below half a step: were it zero only, the band would say that everybody answered exactly alike. The one
    who differs is left out because she knows what she answered herself, and would learn what all the others did.
    """
    mean = fmean(scores)
    odd = max(scores, key=lambda score: abs(score - mean))
    others = list(scores)
    others.remove(odd)
    return _of_one_mind(scores, step, EXTREME) or (bool(others) and _of_one_mind(others, step, EXTREME / 2))


def _of_one_mind(scores: Sequence[float], step: float, end: float) -> bool:
    mean = fmean(scores)
    spread = sqrt(sum((score - mean) ** 2 for score in scores) / len(scores))
    return mean <= end or mean >= 100 - end or spread < step / 2


def band(mean: float) -> Band:
    """The part of the 0–100 scale that is told instead of a mean (I5)."""
    inside = (limits for limits in _BANDS if limits[0] <= mean <= limits[1])
    first = next(inside)
    return next(inside, first) if mean >= 50 else first


@dataclass(frozen=True)
class Cut:
    """Which children of a parent are shown, and over whom the parent is reckoned."""

    shown: frozenset[str]
    parent: frozenset[str]


def cut(children: Mapping[str, frozenset[str]], *, k: int) -> Cut:
    """Choose the children to show so that the hidden ones cannot be found by subtraction from the parent (I4).

    A child that is too small is hidden, and with it the smallest others until at least two are hidden that hold k
    people together. Where that would hide all, the parent is reckoned without the ones that are too small. Children do
    not overlap; the parent is everybody in them.
    """
    least = threshold(k)
    by_size = sorted(children, key=lambda name: (len(children[name]), name))
    hidden = [name for name in by_size if 0 < len(children[name]) < least]
    everybody = frozenset[str]().union(*children.values())
    if not hidden:
        return Cut(frozenset(name for name in by_size if children[name]), everybody)
    too_small = frozenset[str]().union(*(children[name] for name in hidden))
    rest = [name for name in by_size if len(children[name]) >= least]
    together = len(too_small)
    while rest and (len(hidden) < 2 or together < least):
        hidden.append(rest.pop(0))
        together += len(children[hidden[-1]])
    if rest:
        return Cut(frozenset(rest), everybody)
    return Cut(frozenset(name for name in by_size if len(children[name]) >= least), everybody - too_small)


def publishable_comments(
    comments: Sequence[str], *, k: int, released: bool, shuffle: Callable[[list[str]], None]
) -> tuple[str, ...]:
    """A question's comments as they may be read: all of them in no order, or none (I10).

    They have no author, day or subgroup, and a person has looked for names in them and released them. `shuffle` is the
    caller's chance. They are told once: a second list would show which came later.
    """
    if not released or len(comments) < max(SMALLEST_COMMENTS, threshold(k)):
        return ()
    mixed = list(comments)
    shuffle(mixed)
    return tuple(mixed)


@dataclass(frozen=True)
class Ratings:
    """How employees rate their managers, as far as it may be told."""

    own: Mapping[str, float]
    """By manager, for her alone."""
    programme: float | None
    managers: int | None
    raters: int | None


def publishable_ratings(by_manager: Mapping[str, Sequence[float]], *, k: int) -> Ratings:
    """A manager's own figure from k raters on; the programme's with k such managers and enough raters (I12).

    Each manager weighs once. One with fewer raters counts in neither: the others, together, could reckon hers.
    """
    least = threshold(k)
    own = {manager: fmean(scores) for manager, scores in by_manager.items() if len(scores) >= least}
    raters = sum(len(by_manager[manager]) for manager in own)
    if len(own) < least or raters < max(RATINGS_PER_PROGRAMME, 3 * least):
        return Ratings(own, None, None, None)
    return Ratings(own, fmean(own.values()), len(own), raters)


def publishable_network(members_who_answered: int, *, k: int) -> bool:
    """Whether a group's network figures may be told (I14)."""
    return members_who_answered >= max(SMALLEST_NETWORK, threshold(k))


def may_recompute(released_on: frozenset[str], now_on: frozenset[str], *, k: int) -> bool:
    """Whether a figure that was released over some may be told again over others, such as after an erasure (I7)."""
    return apart(released_on, now_on, threshold(k))


def may_change_mode(before: Mode, after: Mode, *, invitation_opened: bool) -> bool:
    """Whether the promise to those who are asked may be another one: never once an invitation was opened (I11)."""
    return before == after or not invitation_opened


def promise(*, link_keys: int) -> Mode:
    """What a receipt may say: answers are anonymous only when there is no key with which they could be linked (I11)."""
    return "confidential" if link_keys else "anonymous"
