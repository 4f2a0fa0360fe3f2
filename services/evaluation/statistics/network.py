"""How alive a network is, from answers that name nobody; and figures of a roster, where all agreed to one.

The first come from how many one has been in contact with, never from whom. Vitality and its thresholds are ours;
density is as in Wasserman and Faust 1994.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from services.evaluation.statistics.indices import Answer, item_index

ANSWERS_NEEDED = 8
"""So few answers at least carry a network's vitality."""

SHARE_NEEDED = 0.6
"""And so large a share of its members."""

ALIVE_FROM, FADING_FROM = 60.0, 40.0
"""Vitality from which a network is alive, or still fading; below, it has stalled."""


class Status(StrEnum):
    """How it is with a network."""

    alive = "alive"
    fading = "fading"
    stalled = "stalled"


@dataclass(frozen=True)
class NetworkFigures:
    """One wave of a network. Shares are 0–1; each is over those who answered its question, None when nobody did."""

    members: int
    answered: int
    """How many answered the question that was answered by the fewest."""
    density: float | None
    """Contacts of those who answered, of all that they could have."""
    reach: float | None
    """The share that had contact with somebody."""
    could_call: float | None
    """The share that could call somebody with a difficult question."""
    self_organised: float | None
    """The share that says that members have met on their own initiative."""
    usefulness: float | None
    """Index 0–100 of having been helped."""

    @property
    def carries(self) -> bool:
        """Whether enough of the members answered to say how alive the network is."""
        return self.answered >= max(ANSWERS_NEEDED, SHARE_NEEDED * self.members - 1e-9)


@dataclass(frozen=True)
class Vitality:
    """How alive a network is, 0–100, and in one word."""

    value: float
    retention: float
    """Density now over density when the programme ended; counts as 1 when it has grown."""

    @property
    def status(self) -> Status:
        """alive from 60, fading from 40, stalled below."""
        if self.value >= ALIVE_FROM:
            return Status.alive
        return Status.fading if self.value >= FADING_FROM else Status.stalled


@dataclass(frozen=True)
class Roster:
    """Figures of ties between numbered members."""

    members: int
    ties: int
    density: float
    """Ties of all that there could be."""
    transitivity: float
    """How often two contacts of the same member have contact with each other; 0 when nobody has two."""
    isolates: int
    largest_component: int


def density(contacts: Sequence[Answer], members: int) -> float | None:
    """Σ contacts / (m · (N − 1)) over the m who answered of N members; None when nobody did or nobody else is there.

    Who names more than there are now is in contact with all: the group has shrunk since the form was sent.

    Raises:
        ValueError: more answers than members, or a count below zero.
    """
    given = _counts(contacts)
    if len(given) > members:
        raise ValueError("a network cannot have more answers than members")
    if not given or members < 2:
        return None
    return sum(min(answer, members - 1) for answer in given) / (len(given) * (members - 1))


def reach(contacts: Sequence[Answer]) -> float | None:
    """The share with one contact or more, 0–1; None when nobody answered.

    Raises:
        ValueError: a count is below zero.
    """
    given = _counts(contacts)
    return sum(answer > 0 for answer in given) / len(given) if given else None


def _counts(contacts: Sequence[Answer]) -> list[int]:
    given = [answer for answer in contacts if answer is not None]
    if any(answer < 0 for answer in given):
        raise ValueError("contacts are counts of zero or more: look at how they were coded")
    return given


def network_figures(
    members: int,
    *,
    contacts: Sequence[Answer],
    could_call: Sequence[Answer],
    met: Sequence[Answer],
    helped: Sequence[Answer],
) -> NetworkFigures:
    """A wave's answers to the four questions of NV: two counts, yes (1) or no (0), and agreement 1–5.

    Raises:
        ValueError: an answer is none of these, or there are more than members.
    """
    if any(answer not in {0, 1, None} for answer in met):
        raise ValueError("whether the group has met is 1 for yes, 0 for no and None for what is not known")
    columns = (contacts, could_call, met, helped)
    if any(len(column) > members for column in columns):
        raise ValueError("a network cannot have more answers than members")
    return NetworkFigures(
        members=members,
        answered=min(sum(answer is not None for answer in column) for column in columns),
        density=density(contacts, members),
        reach=reach(contacts),
        could_call=reach(could_call),
        self_organised=reach(met),
        usefulness=item_index(helped),
    )


def vitality(first: NetworkFigures, now: NetworkFigures) -> Vitality | None:
    """100 · mean of min(1, retention), reach, self-organised share and usefulness/100, as the network is now.

    `first` is the wave at the end of the programme. None where it cannot be said: too few answered in either wave, or
    there were no contacts at first that could have been kept.
    """
    if not (first.carries and now.carries) or not first.density:
        return None
    parts = (now.density, now.reach, now.self_organised, now.usefulness)
    if any(part is None for part in parts):
        return None
    kept, reached, organised, useful = (part for part in parts if part is not None)
    retention = kept / first.density
    return Vitality(100 * (min(1.0, retention) + reached + organised + useful / 100) / 4, retention)


def roster(members: int, ties: Sequence[tuple[int, int]]) -> Roster:
    """Figures of undirected ties between members 0..N−1; a tie told by both, or twice, is one.

    A roster processes who knows whom, also about those who were not asked: only where every member has agreed.
    Source: Wasserman and Faust 1994; transitivity = 3 · triangles / connected triples (Newman 2001).

    Raises:
        ValueError: a tie with oneself or with somebody who is no member.
    """
    if any(a == b or not (0 <= a < members and 0 <= b < members) for a, b in ties):
        raise ValueError(f"a tie joins two different members, who are numbered 0 to {members - 1}")
    joined = np.zeros((members, members), dtype=int)
    for a, b in ties:
        joined[a, b] = joined[b, a] = 1
    degree = joined.sum(axis=1)
    triples = int((degree * (degree - 1)).sum())
    reached = np.eye(members, dtype=bool) | (joined > 0)
    while (further := reached @ reached).sum() > reached.sum():
        reached = further
    possible = members * (members - 1) // 2
    return Roster(
        members=members,
        ties=int(degree.sum()) // 2,
        density=int(degree.sum()) / 2 / possible if possible else 0.0,
        transitivity=int(np.trace(joined @ joined @ joined)) / triples if triples else 0.0,
        isolates=int((degree == 0).sum()),
        largest_component=int(reached.sum(axis=1).max(initial=0)),
    )
