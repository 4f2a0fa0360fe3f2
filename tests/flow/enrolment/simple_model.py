"""Enrolment as the office would explain it, in memory: one programme, its queue and its groups, and nothing else.

It shares no code with the service, so that the two can only agree by both being right. What it leaves out: departments,
approvals, posts, units, attendance; its clock must stay before the first session.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

SWEDEN = ZoneInfo("Europe/Stockholm")
FREE = holidays.country_holidays("SE", categories=("public", "de_facto"), include_sundays=False)
DAY = timedelta(days=1)
SETTLES = timedelta(hours=24)
LEAVING = {"LeftEmployment", "LeavesBefore"}
BY_HR = {"MatchedAudience", "StaysOn", "NoLongerEligible"} | LEAVING
SEATED = {"offered", "confirmed"}
OPEN = SEATED | {"queued", "paused"}
FIRST, BEFORE_OTHERS, IN_TURN = 1, 2, 3


def working_days_later(moment: datetime, number: int) -> datetime:
    """The same time of day, so many days later on which people work."""
    local = moment.astimezone(SWEDEN)
    while number:
        local += DAY
        number -= local.weekday() < 5 and local.date() not in FREE
    return local.astimezone(UTC)


def day_of(moment: datetime) -> date:
    """The day that it is in the municipality."""
    return moment.astimezone(SWEDEN).date()


@dataclass(frozen=True)
class Told:
    """What HR told once: from `begins` on she has this level and this leave; without level she is gone."""

    version: int
    begins: date
    level: str | None
    away: tuple[date, date | None] | None = None


@dataclass(frozen=True)
class Stands:
    """How somebody stands on a day."""

    here: bool = False
    level: str = "none"
    on_leave: bool = False
    last_day: date | None = None


@dataclass
class Person:
    """Somebody, and all that HR has told about her."""

    id: str
    told: dict[int, Told] = field(default_factory=dict)
    stands: Stands = Stands()
    role_at: datetime | None = None
    """When HR's word last gave her another role."""

    def counts(self, day: date) -> Told | None:
        """What holds on a day: the newest of what has begun. A last day that was replaced by another never was."""
        begun = [told for told in self._valid() if told.begins <= day]
        return max(begun, key=lambda told: told.version, default=None)

    def on(self, day: date) -> Stands:
        """How she stands on a day."""
        now = self.counts(day)
        if now is None or now.level is None:
            return Stands(level=self.stands.level)
        ends = [
            t.begins for t in self._valid() if t.begins > day and (then := self.counts(t.begins)) and not then.level
        ]
        return Stands(True, now.level, is_away(now, day), min(ends) - DAY if ends else None)

    def _valid(self) -> Iterator[Told]:
        newest = sorted(self.told.values(), key=lambda told: told.version)
        for told, newer in zip(newest, [*newest[1:], None], strict=True):
            if told.level or newer is None or newer.level:
                yield told


def is_away(told: Told, day: date) -> bool:
    """Whether her leave covers the day."""
    return told.away is not None and told.away[0] <= day and (told.away[1] is None or day <= told.away[1])


@dataclass
class Place:
    """Her n-th place. `why` it began or ended; `word`: the last reason that was given for anything about it."""

    person: Person
    number: int
    queued_at: datetime
    why: str
    priority: int = IN_TURN
    state: str = "queued"
    word: str = ""
    word_at: datetime | None = None
    cohort: "Cohort | None" = None
    offers: int = 0
    answer_by: datetime | None = None
    not_in: set[str] = field(default_factory=set)

    @property
    def id(self) -> str:
        """As the service names it."""
        return f"FLC:{self.person.id}:{self.number}"

    @property
    def settles_at(self) -> datetime | None:
        """When what HR's word did to the queue can be undone by another word of HR's."""
        follows_hr = self.state in {"queued", "withdrawn"} and self.word in BY_HR
        since = [self.word_at] if follows_hr else []
        since += [self.person.role_at] if self.state == "queued" else []
        known = [moment for moment in since if moment]
        return max(known) + SETTLES if known else None


@dataclass
class Cohort:
    """A group of three at most."""

    id: str
    starts: tuple[datetime, ...]
    state: str = "scheduled"
    seed: int = 0


class Model:
    """All there is, and what happens to it."""

    def __init__(self, now: datetime, cohorts: Iterable[Cohort], *, seats: int, answer_within: int) -> None:
        self.now = now
        self.people: dict[str, Person] = {}
        self.places: list[Place] = []
        self.cohorts = {cohort.id: cohort for cohort in cohorts}
        self.seats, self.answer_within = seats, answer_within
        self.levels: frozenset[str] = frozenset()
        self.retired = False

    # --- what can be asked

    def last_place(self, person: Person) -> Place | None:
        """The newest of her places."""
        return max((p for p in self.places if p.person is person), key=lambda p: p.number, default=None)

    def open_place(self, person: Person) -> Place | None:
        """The one that is not decided yet."""
        return next((p for p in self.places if p.person is person and p.state in OPEN), None)

    def line(self) -> list[Place]:
        """Who waits, first in line first; who came in the same moment has no order yet, and is sorted by name."""
        waiting = [place for place in self.places if place.state == "queued"]
        return sorted(waiting, key=lambda place: (place.priority, place.queued_at, place.id))

    def seated(self, cohort: Cohort) -> list[Place]:
        """Who has a seat in a group."""
        return [place for place in self.places if place.state in SEATED and place.cohort is cohort]

    # --- what HR tells

    def hr_tells(self, person_id: str, told: Told) -> None:
        """A message of HR's; one that is known already changes nothing."""
        person = self.people.setdefault(person_id, Person(person_id))
        person.told.setdefault(told.version, told)
        self._stand(person)
        self._fill_all()

    def _stand(self, person: Person) -> None:
        before, now = person.stands, person.on(day_of(self.now))
        person.stands = now
        if not before.here and not now.here:
            return
        joins, goes = now.here and not before.here, before.here and not now.here
        new_role = joins or (now.here and now.level != before.level)
        if new_role:
            person.role_at = self.now
        back = before.on_leave and now.here and not now.on_leave
        sooner, later, stays = _departure(before, now)
        if goes or now.on_leave or new_role or back or sooner or later:
            self._look_at_place(person)
        if (joins and len(self._of(person)) > 0) or later or stays:
            self._begin_again(person)
        if new_role or back or stays:
            self._let_wait(person, new_role=new_role)

    def _look_at_place(self, person: Person) -> None:
        """Her place follows from how she stands, step by step until it fits."""
        while (place := self.open_place(person)) and (step := self._must(place)):
            state, why = step
            if state == "queued":
                self._word(place, why)
                place.state, place.priority, place.cohort = "queued", FIRST, None
            else:
                self._out(place, state, why)

    def _must(self, place: Place) -> tuple[str, str] | None:
        stands = place.person.stands
        if not stands.here:
            return "withdrawn", "LeftEmployment"
        if place.cohort and place.state in SEATED:
            return self._must_in(place.cohort, place)
        if self.retired:
            return "withdrawn", "Retired"
        if place.state == "paused":
            return None if stands.on_leave else ("queued", "BackFromLeave")
        fits = stands.level in self.levels or (place.settles_at and self.now < place.settles_at)
        return None if fits else ("withdrawn", "NoLongerEligible")

    def _must_in(self, cohort: Cohort, place: Place) -> tuple[str, str] | None:
        stands, first = place.person.stands, cohort.starts[0].date()
        if stands.last_day and stands.last_day < first:
            return "withdrawn", "LeavesBefore"
        now = place.person.counts(day_of(self.now))
        if now and stands.on_leave and any(is_away(now, start.date()) for start in cohort.starts):
            return ("withdrawn" if place.state == "offered" else "paused"), "OnLeave"
        return None

    def _begin_again(self, person: Person) -> None:
        """Who was to leave, or had left, and stays after all: in the line again, first if she had a seat."""
        last = self.last_place(person)
        if last is None or last.state != "withdrawn" or last.why not in LEAVING or self.open_place(person):
            return
        recent = last.word_at and self.now - last.word_at <= timedelta(days=30)
        settled = last.settles_at is None or last.settles_at <= self.now
        if recent and settled and not self.retired and person.stands.here and person.stands.level in self.levels:
            self._queue(person, "StaysOn", FIRST if last.cohort else last.priority)

    def _let_wait(self, person: Person, *, new_role: bool) -> None:
        """She waits if the programme is for her: in a new role whatever was before, else if only HR took her out."""
        last = self.last_place(person)
        if not self._is_for(person):
            return
        if last and last.settles_at and self.now < last.settles_at:
            return
        taken_out = last and last.state == "withdrawn" and last.why in BY_HR - {"LeavesBefore"}
        if last is None or new_role or taken_out:
            self._queue(person, "MatchedAudience")

    def _is_for(self, person: Person) -> bool:
        stands = person.stands
        return not self.retired and stands.here and stands.level in self.levels and not self.open_place(person)

    def _settled(self, person: Person) -> None:
        self._look_at_place(person)
        if person.stands.last_day is None:
            self._begin_again(person)
        self._let_wait(person, new_role=False)

    # --- what the office does

    def programme_reads(self, levels: frozenset[str]) -> None:
        """The office writes the programme anew: it counts at once, and asks nobody again who has said no."""
        self.levels, self.retired = levels, False
        for place in self.line():
            if place.person.stands.level not in levels:
                self._out(place, "withdrawn", "NoLongerEligible")
        for person in sorted(self.people.values(), key=lambda each: each.id):
            last = self.last_place(person)
            if self._is_for(person) and not (last and _no(last)):
                self._queue(person, "MatchedAudience")
        self._fill_all()

    def retire(self) -> None:
        """The programme takes nobody more."""
        self.retired = True
        for place in self.places:
            if place.state in {"queued", "paused"}:
                self._out(place, "withdrawn", "Retired")

    def compose(self, cohort_id: str, seed: int) -> None:
        """The group is chosen from the line; a group of nobody is none."""
        cohort = self.cohorts[cohort_id]
        if not self._in_time(cohort) or cohort.state == "cancelled":
            return
        before, cohort.seed = cohort.seed, seed
        if not self._fill(cohort) and cohort.state == "scheduled":
            cohort.seed = before
        else:
            cohort.state = "composed"
        self._fill_all()

    def cancel(self, cohort_id: str) -> None:
        """The group is no more: its people are first in line for another."""
        cohort = self.cohorts[cohort_id]
        members, cohort.state = self.seated(cohort), "cancelled"
        for place in members:
            self._word(place, "GroupCancelled")
            place.state, place.priority, place.cohort, place.answer_by = "queued", FIRST, None, None
        for place in members:
            self._look_at_place(place.person)
        self._fill_all()

    def put(self, place: Place, *, first: bool) -> None:
        """The office lets her go before others, or back to her turn; who returns is before them anyway."""
        if place.state == "queued" and place.priority != FIRST:
            place.priority = BEFORE_OTHERS if first else IN_TURN
            self._fill_all()

    def take_back(self, place: Place) -> None:
        """An offer is taken back: she keeps her turn, for another group."""
        if place.state == "offered" and (cohort := place.cohort):
            place.not_in.add(cohort.id)
            self._word(place, "OfferTakenBack")
            place.state, place.cohort, place.answer_by = "queued", None, None
            self._fill(cohort)
            self._look_at_place(place.person)
            self._fill_all()

    def withdraw(self, place: Place) -> None:
        """The office ends a place."""
        if place.state in OPEN:
            self._out(place, "withdrawn", "WithdrawnByOffice")
            self._fill_all()

    # --- what she does

    def answers(self, place: Place, round_: int, said: str) -> None:
        """She answers an offer; an old one counts no more. A yes can become a no until the group begins."""
        if place.offers != round_ or place.cohort is None:
            return
        if place.state == "offered" and said == "accept":
            place.state, place.answer_by = "confirmed", None
        elif place.state in SEATED and said == "decline" and self.now < place.cohort.starts[0]:
            self._out(place, "declined", "DeclinedByHer")
            self._fill_all()

    def asks_again(self, place: Place, round_: int) -> None:
        """She was too late, and wants to be asked another time."""
        late = place.state == "expired" and place.offers == round_
        if late and place is self.last_place(place.person) and self._is_for(place.person):
            self._queue(place.person, "AskedAgain")
            self._fill_all()

    # --- what time does

    def time_passes(self, until: datetime) -> None:
        """Everything that is due happens in its moment: what has settled first, then deadlines, then the new day."""
        while (moment := min(self._due(), default=until)) <= until:
            self.now = moment
            for person in self._by_id(p.person for p in list(self.places) if p.settles_at == moment):
                self._settled(person)
            for place in sorted(self.places, key=lambda each: each.id):
                if place.state == "offered" and place.answer_by == moment:
                    self._out(place, "expired", "NotAnsweredInTime")
            if moment.astimezone(SWEDEN).time() == time():
                for person in self._by_id(self.people.values()):
                    self._stand(person)
            self._fill_all()
            if moment == until:
                break
        self.now = until

    def _due(self) -> list[datetime]:
        midnight = datetime.combine(day_of(self.now) + DAY, time(), tzinfo=SWEDEN).astimezone(UTC)
        known = [moment for place in self.places for moment in (place.settles_at, place.answer_by)]
        return [midnight, *(moment for moment in known if moment and moment > self.now)]

    # --- seats

    def _fill_all(self) -> None:
        for cohort in sorted(self.cohorts.values(), key=lambda each: each.id):
            if cohort.state == "composed":
                self._fill(cohort)

    def _fill(self, cohort: Cohort) -> int:
        if cohort.state == "cancelled" or not self._in_time(cohort):
            return 0
        able = [place for place in self.line() if self._can_sit(place, cohort)]
        able.sort(key=lambda place: (place.priority, place.queued_at, _lot(cohort.seed, place.person.id)))
        chosen = able[: self.seats - len(self.seated(cohort))]
        for place in chosen:
            place.state, place.cohort, place.offers, place.word = "offered", cohort, place.offers + 1, ""
            within = working_days_later(self.now, self.answer_within)
            place.answer_by = min(within, cohort.starts[0] - timedelta(hours=24))
        return len(chosen)

    def _in_time(self, cohort: Cohort) -> bool:
        return cohort.starts[0] - self.now >= timedelta(days=2)

    def _can_sit(self, place: Place, cohort: Cohort) -> bool:
        stands, first = place.person.stands, cohort.starts[0].date()
        now = place.person.counts(day_of(self.now))
        days = [start.date() for start in cohort.starts]  # nobody completes without either
        in_time = stands.last_day is None or stands.last_day >= first
        there = now is not None and not any(is_away(now, day) for day in days)
        return stands.here and stands.level in self.levels and cohort.id not in place.not_in and in_time and there

    def _out(self, place: Place, state: str, why: str) -> None:
        had, self_cohort = place.state in SEATED, place.cohort
        self._word(place, why)
        place.state, place.answer_by = state, None
        if had and self_cohort and self_cohort.state == "composed":
            self._fill(self_cohort)

    def _word(self, place: Place, why: str) -> None:
        place.why = place.word = why
        place.word_at = self.now

    def _queue(self, person: Person, why: str, priority: int = IN_TURN) -> None:
        number = len(self._of(person)) + 1
        place = Place(person, number, self.now, why, min(priority, IN_TURN), word=why, word_at=self.now)
        self.places.append(place)

    def _of(self, person: Person) -> list[Place]:
        return [place for place in self.places if place.person is person]

    @staticmethod
    def _by_id(people: Iterable[Person]) -> list[Person]:
        return [person for _, person in sorted({person.id: person for person in people}.items())]


def _no(last: Place) -> bool:
    """Whether a new text does not count against how her last place ended: somebody said no, or she is to leave."""
    leaves = last.why in LEAVING and last.person.stands.last_day is not None
    return last.state in {"declined", "expired"} or last.why == "WithdrawnByOffice" or leaves


def _departure(before: Stands, now: Stands) -> tuple[bool, bool, bool]:
    """Whether she leaves sooner than was known, later, or not at all."""
    known, new = before.last_day, now.last_day
    if known == new or not now.here:
        return False, False, False
    if new is None:
        return False, False, True
    return known is None or new < known, known is not None and new > known, False


def _lot(seed: int, employee_id: str) -> bytes:
    """Who came in the same moment is ordered by a lot that anybody can draw again from the group's seed."""
    return hashlib.sha256(f"{seed}:{employee_id}".encode()).digest()
