"""People and rooms as numbers, and who sits where: what the composition of several groups reckons on."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from services.enrolment.model import Wish
from services.enrolment.programme_file import GroupRules
from services.enrolment.rules.group_rules import department_limit
from services.enrolment.rules.people import Person
from services.enrolment.rules.reasons import (
    DepartmentShareReached,
    OtherLanguage,
    OwnManagerInGroup,
    TooLateForGroup,
    Why,
)
from shared.events.base import Fact

Numbers = NDArray[np.int64]
NOBODY = -1


class Candidate(Person):
    """Somebody who may sit in one of several groups, or already does."""

    language: Literal["sv", "en"] = "sv"
    hindrances: Mapping[str, Why] = Field(default_factory=dict)
    """Ids of the cohorts where she cannot sit, whoever else does, and why."""


class Room(Fact):
    """A cohort with seats to fill. If it was `composed` before, a minimum no longer matters."""

    cohort_id: str
    rules: GroupRules
    seated: tuple[Candidate, ...] = ()
    reserved: int = 0
    """Seats that are kept for somebody."""
    language: Literal["sv", "en"] | None = None
    composed: bool = False

    @property
    def free(self) -> int:
        """Seats to fill."""
        return max(0, self.rules.max - len(self.seated) - self.reserved)

    @property
    def least(self) -> int:
        """How many must be added for there to be a group at all."""
        return 0 if self.composed else max(0, self.rules.min - len(self.seated))

    def limit(self, size: int) -> int:
        """How many from one department may sit here when there are `size` in all."""
        return department_limit(self.rules, size, composed=self.composed)

    def hinders(self, person: Candidate) -> Why | None:
        """Why she cannot sit here, whoever else does."""
        if self.cohort_id in person.hindrances:
            return person.hindrances[self.cohort_id]
        if self.language and self.language != person.language:
            return OtherLanguage(language=self.language)
        return None


@dataclass
class Board:
    """Who sits where so far. People are numbered first in line first, rooms by cohort id, departments by name."""

    people: tuple[Candidate, ...]
    rooms: tuple[Room, ...]
    wishes: tuple[Wish, ...]
    turn: Numbers
    """Where the search for a room begins for each person: a lot that the seed decides."""
    department: Numbers
    base: Numbers
    """How many of each department (row) were seated before in each room (column)."""
    can: NDArray[np.bool_]
    """Whether a person (row) may sit in a room (column), as far as those seated before are concerned."""
    near: dict[int, tuple[int, ...]]
    """Managers and reports of a person in the line."""
    separate: NDArray[np.bool_]
    free: Numbers
    seats: Numbers
    """How many are to be seated in each room."""
    limit: Numbers
    count: Numbers = field(init=False)
    filled: Numbers = field(init=False)
    room: Numbers = field(init=False)
    inside: list[set[int]] = field(init=False)

    def __post_init__(self) -> None:
        self.clear()
        self.numbers = {person.employee_id: number for number, person in enumerate(self.people)}
        self.before = {person.employee_id: g for g, room in enumerate(self.rooms) for person in room.seated}

    @classmethod
    def of(cls, line: Sequence[Candidate], rooms: Sequence[Room], wishes: Sequence[Wish], seed: int) -> "Board":
        """The board before anybody is seated."""
        ordered = tuple(sorted(rooms, key=lambda room: room.cohort_id))
        names = sorted({p.department for p in line} | {p.department for room in rooms for p in room.seated})
        number = {name: position for position, name in enumerate(names)}
        base = np.zeros((len(names), len(ordered)), dtype=np.int64)
        for g, room in enumerate(ordered):
            for person in room.seated:
                base[number[person.department], g] += 1
        free = np.array([room.free for room in ordered], dtype=np.int64)
        return cls(
            people=tuple(line),
            rooms=ordered,
            wishes=tuple(sorted(wishes, key=lambda wish: (wish.kind, wish.one, wish.other))),
            turn=np.array([_lot(seed, person.employee_id, len(ordered)) for person in line], dtype=np.int64),
            department=np.array([number[person.department] for person in line], dtype=np.int64),
            base=base,
            can=_possible(line, ordered),
            near=_relations(line) if any(room.rules.separate_manager_and_report for room in ordered) else {},
            separate=np.array([room.rules.separate_manager_and_report for room in ordered], dtype=np.bool_),
            free=free,
            seats=free.copy(),
            limit=np.array([room.limit(len(room.seated) + room.free) for room in ordered], dtype=np.int64),
        )

    def clear(self) -> None:
        """Nobody is seated."""
        self.count = self.base.copy()
        self.filled = np.zeros(len(self.rooms), dtype=np.int64)
        self.room = np.full(len(self.people), NOBODY, dtype=np.int64)
        self.inside = [set() for _ in self.rooms]

    def aim(self, seats: Numbers) -> None:
        """Begin anew with so many to be seated in each room; the departments' limits follow."""
        self.seats = seats
        sizes = [len(room.seated) + int(n) for room, n in zip(self.rooms, seats, strict=True)]
        self.limit = np.array([room.limit(size) for room, size in zip(self.rooms, sizes, strict=True)], dtype=np.int64)
        self.clear()

    def settle(self) -> None:
        """The rooms stay as full as they are."""
        self.seats = self.filled.copy()
        self.limit = np.array([self.final_limit(g) for g in range(len(self.rooms))], dtype=np.int64)

    def put(self, p: int, g: int) -> None:
        """She sits in room `g` from now on, wherever she was; NOBODY's room is none."""
        was = int(self.room[p])
        for room, step in ((was, -1), (g, 1)):
            if room != NOBODY:
                self.count[self.department[p], room] += step
                self.filled[room] += step
        if was != NOBODY:
            self.inside[was].discard(p)
        if g != NOBODY:
            self.inside[g].add(p)
        self.room[p] = g

    def apart(self, p: int, g: int, leaving: int = NOBODY) -> bool:
        """Whether no manager or report of hers sits in the room, `leaving` aside."""
        if not self.separate[g]:
            return True
        return all(self.room[other] != g or other == leaving for other in self.near.get(p, ()))

    def fits(self, p: int, g: int, leaving: int = NOBODY) -> bool:
        """Whether she may sit in the room with those who do, numbers aside."""
        return bool(self.can[p, g]) and self.apart(p, g, leaving)

    def members(self, g: int) -> list[int]:
        """Those added to the room, first in line first."""
        return sorted(self.inside[g])

    def arrangement(self) -> Numbers:
        """Who sits where, to come back to."""
        return self.room.copy()

    def arrange(self, room: Numbers) -> None:
        """Seat everybody as remembered."""
        self.clear()
        for p in np.flatnonzero(room != NOBODY):
            self.put(int(p), int(room[p]))

    def value(self) -> int:
        """Pairs of people from one department who sit together."""
        return int((self.count * (self.count - 1) // 2).sum())

    def where(self, employee_id: str) -> int | None:
        """The room where she sits."""
        if employee_id in self.numbers:
            g = int(self.room[self.numbers[employee_id]])
            return None if g == NOBODY else g
        return self.before.get(employee_id)

    def met(self, wish: Wish) -> bool:
        """Whether the wish is met; who has no seat sits with nobody."""
        one, other = self.where(wish.one), self.where(wish.other)
        together = one is not None and one == other
        return together if wish.kind == "together" else not together

    def unmet(self) -> tuple[Wish, ...]:
        """The wishes that are not met."""
        return tuple(wish for wish in self.wishes if not self.met(wish))

    def final_limit(self, g: int) -> int:
        """How many from one department may sit in the room as full as it is."""
        return self.rooms[g].limit(len(self.rooms[g].seated) + int(self.filled[g]))

    def passed(self) -> Iterator[tuple[int, int, Why]]:
        """Those without a seat: for each room where somebody behind them has one, or where a seat stays free, why."""
        last = self.last_in_room()
        held = self.filled > np.array([NOBODY if room.composed else 0 for room in self.rooms])
        left = held & (self.filled < self.free)
        for p in np.flatnonzero(self.room == NOBODY):
            for g in np.flatnonzero((last > p) | left):
                instead = bool(last[g] > p)
                why = self._why(int(p), int(g), int(self.filled[g]) + (not instead))
                if why and (instead or not isinstance(why, TooLateForGroup)):
                    yield int(p), int(g), why

    def last_in_room(self) -> Numbers:
        """The last in line of those added to each room."""
        return np.array([max(people, default=NOBODY) for people in self.inside], dtype=np.int64)

    def _why(self, p: int, g: int, added: int) -> Why | None:
        """Why she does not sit in the room, where so many are added, she included."""
        room, person = self.rooms[g], self.people[p]
        if why := room.hinders(person):
            return why
        if not self.fits(p, g):
            return OwnManagerInGroup()
        limit = room.limit(len(room.seated) + added)
        return DepartmentShareReached(limit=limit) if self.count[self.department[p], g] >= limit else None


def _lot(seed: int, employee_id: str, sides: int) -> int:
    digest = hashlib.sha256(f"{seed}:{employee_id}".encode()).digest()
    return int.from_bytes(digest[:8]) % max(sides, 1)


def _possible(line: Sequence[Candidate], rooms: Sequence[Room]) -> NDArray[np.bool_]:
    can = np.ones((len(line), len(rooms)), dtype=np.bool_)
    column = {room.cohort_id: g for g, room in enumerate(rooms)}
    for p, person in enumerate(line):
        can[p, [column[cohort_id] for cohort_id in person.hindrances if cohort_id in column]] = False
    for g, room in enumerate(rooms):
        if room.language:
            can[:, g] &= np.array([person.language == room.language for person in line], dtype=np.bool_)
        if room.rules.separate_manager_and_report:
            can[:, g] &= _unrelated(line, room.seated)
    return can


def _unrelated(line: Sequence[Candidate], seated: Sequence[Candidate]) -> Any:
    here = {person.employee_id for person in seated}
    bosses = {person.manager_id for person in seated}
    return np.array([p.manager_id not in here and p.employee_id not in bosses for p in line], dtype=np.bool_)


def _relations(line: Sequence[Candidate]) -> dict[int, tuple[int, ...]]:
    numbers = {person.employee_id: number for number, person in enumerate(line)}
    near: defaultdict[int, set[int]] = defaultdict(set)
    for p, person in enumerate(line):
        boss = numbers.get(person.manager_id or "")
        if boss is not None and boss != p:
            near[p].add(boss)
            near[boss].add(p)
    return {p: tuple(sorted(others)) for p, others in near.items()}
