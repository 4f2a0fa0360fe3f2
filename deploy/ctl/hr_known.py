"""How somebody stands by what HR has told, today and on coming days, and what of that outlives something new."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from pydantic import BaseModel

from shared.events.hr import EmployeeChanged, EmployeeLeft

DAY = timedelta(days=1)


class Known(BaseModel):
    """Somebody as the staff register has her."""

    employee_id: str
    version: int
    """Version of what holds today."""
    highest: int
    """Highest version that is known, that of coming changes included."""
    left: bool = False
    level_since: date | None = None
    record: EmployeeChanged | None = None
    upcoming: tuple[EmployeeChanged, ...] = ()
    departures: tuple[EmployeeLeft, ...] = ()
    """Those that lie ahead and were told by themselves."""

    @property
    def course(self) -> tuple[EmployeeChanged, ...]:
        """Her record and those that follow it. A departure told by itself stands in them as the last day."""
        course: list[EmployeeChanged] = []
        last: date | None = None
        ahead: list[EmployeeChanged | EmployeeLeft] = [*self.upcoming, *self.departures]
        for fact in sorted(ahead, key=_begins, reverse=True):
            if isinstance(fact, EmployeeLeft):
                last = fact.last_day
            else:
                course.insert(0, _ending(fact, last))
                last = None if fact.employed_to and course[0] == fact else last
        if self.record:
            course.insert(0, self.record if self.left else _ending(self.record, last))
        return tuple(course)

    def on(self, day: date) -> EmployeeChanged | None:
        """How she stands on a day from today on; nothing if she has not begun by then."""
        return next((one for one in reversed(self.course) if self._has_begun(one, day)), None)

    def after(self, day: date) -> tuple[EmployeeChanged, ...]:
        """What follows after a day from today on."""
        return tuple(one for one in self.course if not self._has_begun(one, day))

    def has_ended(self, record: EmployeeChanged, day: date) -> bool:
        """Whether the employment that a record of hers is about is over on a day."""
        gone = self.left and self._is_present(record)
        return gone or (record.employed_to is not None and record.employed_to < day)

    def _has_begun(self, one: EmployeeChanged, day: date) -> bool:
        return self._is_present(one) or one.effective_from <= day

    def _is_present(self, one: EmployeeChanged) -> bool:
        return self.record is not None and one.version == self.record.version


def _begins(fact: EmployeeChanged | EmployeeLeft) -> tuple[date, int]:
    day = fact.effective_from if isinstance(fact, EmployeeChanged) else fact.last_day + DAY
    return day, fact.version


def _ending(record: EmployeeChanged, last_day: date | None) -> EmployeeChanged:
    if last_day is None or (record.employed_to and record.employed_to <= last_day):
        return record
    return record.model_copy(update={"employed_to": last_day})


def content(record: EmployeeChanged) -> dict[str, Any]:
    """What a record says of her, without when and in which version."""
    return {
        name: getattr(record, name)
        for name in EmployeeChanged.model_fields
        if name not in {"employee_id", "version", "effective_from"}
    }


def differing(one: EmployeeChanged, other: EmployeeChanged) -> list[str]:
    """The fields in which two records differ."""
    said = content(other)
    return [name for name, value in content(one).items() if value != said[name]]


def carried_on(
    said: EmployeeChanged, before: EmployeeChanged, coming: Sequence[EmployeeChanged]
) -> list[EmployeeChanged]:
    """What follows after something new that is `said`: coming records keep what they change, and take over the rest.

    `before` is the record that stood in the place of what is said. Left out is what says nothing any more, and what
    would begin after her last day.
    """
    result: list[EmployeeChanged] = []
    now = said
    for one in coming:
        own = differing(one, before)
        rest = {name: value for name, value in content(now).items() if name not in own}
        again = one.model_copy(update=rest)
        before = one
        if again.employed_to and again.employed_to < again.effective_from:
            continue
        if differing(again, now):
            result.append(again.model_copy(update={"version": said.version + len(result) + 1}))
        now = again
    return result


def losses(
    said: EmployeeChanged, before: EmployeeChanged, coming: Sequence[EmployeeChanged], again: Sequence[EmployeeChanged]
) -> list[str]:
    """What was known to come, after `before`, and does not after what is `said` and said `again`: a clause each."""
    lost: list[str] = []
    if before.employed_to and before.employed_to >= said.effective_from and said.employed_to is None:
        lost.append(f"the last day {before.employed_to} that is known is taken back")
    kept = {one.effective_from for one in again}
    for one in coming:
        other = differing(one, said)
        names = ", ".join(name for name in differing(one, before) if name in other)
        before = one
        if names and one.effective_from not in kept:
            lost.append(f"what is known to come on {one.effective_from} ({names}) will not come")
    return lost
