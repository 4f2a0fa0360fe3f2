"""Whom a programme is for: who is queued by itself, who may be nominated, who may stay in the queue."""

from datetime import date, datetime, timedelta
from typing import Final, Literal

from services.enrolment.model import Employee, Place
from services.enrolment.programme_file import Audience, ProgrammeFile
from services.enrolment.rules.career_changes import Joined, Moved, Promoted, Rehired, SteppedDown
from services.enrolment.rules.organisation import Tree, is_within
from services.enrolment.rules.reasons import (
    AppointedTo,
    ExcludedByCompleted,
    HasNotCompleted,
    HolderIsBack,
    LeavesBefore,
    LeftEmployment,
    LeftPost,
    MatchedAudience,
    NoLongerEligible,
    Nominated,
    NominatedByManager,
    NotInTheseUnits,
    PutBack,
    PutFirst,
    StaysOn,
    Why,
)
from shared.events.hr import EmployeeChanged, Level

SETTLING: Final = timedelta(hours=24)
"""How long what a fact from HR did to a queue stands before another fact undoes it."""
OF_HER_ROLE: Final = frozenset(change.__name__ for change in (Joined, Rehired, Promoted, SteppedDown, Moved))
OF_HER_TURN: Final = frozenset({PutFirst.__name__, PutBack.__name__})
BY_HR: Final = frozenset(
    why.__name__
    for why in (
        AppointedTo,
        MatchedAudience,
        StaysOn,
        LeftEmployment,
        LeavesBefore,
        NoLongerEligible,
        NotInTheseUnits,
        LeftPost,
        HolderIsBack,
    )
)
"""Codes of the reasons that follow from what HR tells."""

By = Literal["office", "line_manager"]


def reason_to_queue(employee: Employee, programme: ProgrammeFile, today: date, units: Tree | None = None) -> Why | None:
    """Why the programme's rule queues her today by itself; nothing if it does not. `units`: as in `hindrance`."""
    audience = programme.audience
    if audience.entry != "automatic" or not is_free_for(employee, programme, units):
        return None
    if not _is_new_enough(employee, audience, today):
        return None
    if audience.appointed_within_days is None or employee.level_since is None:
        return MatchedAudience(level=_level(employee))
    return AppointedTo(level=_level(employee), since=employee.level_since)


def is_for(employee: Employee, programme: ProgrammeFile, today: date, units: Tree | None = None) -> bool:
    """Whether the programme is for her today, wherever she stands in it: what became of an earlier place of hers may
    still keep her out. `units`: as in `hindrance`."""
    audience = programme.audience
    if hindrance(employee, audience, units) is not None:
        return False
    by_name = audience.entry == "nominated" or has_open_place(employee, programme.code)
    return by_name or _is_new_enough(employee, audience, today)


def _is_new_enough(employee: Employee, audience: Audience, today: date) -> bool:
    if audience.appointed_within_days is None:
        return True
    since = employee.level_since
    return since is not None and today - since <= timedelta(days=audience.appointed_within_days)


def reason_to_nominate(
    employee: Employee, programme: ProgrammeFile, units: Tree, *, by: By
) -> Nominated | NominatedByManager | str:
    """The reason that a nomination gives; or one sentence that says why she cannot be nominated. `by`: who names her;
    `units`: the organisation."""
    audience = programme.audience
    if by not in audience.nominated_by:
        named = " or ".join(name.replace("_", " ") for name in audience.nominated_by)
        return f"people are named for the programme by the {named} only"
    if employee.record is None or employee.left:
        return "she is not employed"
    if has_open_place(employee, programme.code):
        return "she already has a place in the programme, or waits for one"
    why = hindrance(employee, audience, units)
    if why:
        return _in_a_sentence(why, employee.record, audience)
    return Nominated() if by == "office" else NominatedByManager()


def _in_a_sentence(why: Why, record: EmployeeChanged, audience: Audience) -> str:
    match why:
        case ExcludedByCompleted():
            return "she has completed a programme that excludes this one"
        case HasNotCompleted(programme=needed):
            return f"she has not completed {needed}, which this programme builds on"
        case NotInTheseUnits():
            return f"she works in {record.unit_id}, and the programme is for {', '.join(audience.units)}"
        case _:
            return f"her level is {record.level}, and the programme is for {', '.join(audience.levels)}"


def is_free_for(employee: Employee, programme: ProgrammeFile, units: Tree | None) -> bool:
    """Whether she is in the audience and not in the programme now. `units`: as in `hindrance`."""
    return hindrance(employee, programme.audience, units) is None and not has_open_place(employee, programme.code)


def may_go_on_to(employee: Employee, programme: ProgrammeFile) -> bool:
    """Whether a policy may let her go on in the programme: not in one that takes only whom somebody names, unless she
    has been named already."""
    return programme.audience.entry == "automatic" or has_open_place(employee, programme.code)


def hindrance(employee: Employee, audience: Audience, units: Tree | None = None) -> Why | None:
    """Why the programme is not for her as she stands today; nothing if it is.

    The time since her appointment is not looked at here: nobody loses a place by waiting for it. `units` is the
    organisation; without it the units that a programme is for are not looked at.
    """
    if employee.record is None or employee.left:
        return LeftEmployment()
    if employee.record.level not in audience.levels:
        return NoLongerEligible(level=employee.record.level)
    if units is not None and audience.units and not is_within(employee.record.unit_id, audience.units, units):
        return NotInTheseUnits()
    done = set(employee.completed)
    lacking = [code for code in audience.requires_completed if code not in done]
    if lacking:
        return HasNotCompleted(programme=lacking[0])
    excluding = [code for code in audience.excludes_completed if code in done]
    return ExcludedByCompleted(programme=excluding[0]) if excluding else None


def settles_at(place: Place, employee: Employee) -> datetime | None:
    """Until when her place is left as it is in the queue, or as it ended, whatever HR says about her level or unit.

    Nothing if HR has said nothing of the kind, and it was not HR's word that queued her or took her out. So corrections
    back and forth queue her once and take her out once in that time, what is true at its end counts, and a mistake that
    is corrected in time costs nobody her turn. What the office says of her turn changes nothing in that.
    """
    last = next(one for one in reversed(place.history) if one.reason is None or one.reason.code not in OF_HER_TURN)
    by_hr = place.state in {"queued", "withdrawn"} and last.reason is not None and last.reason.code in BY_HR
    said = [note.at for note in employee.career if note.what.code in OF_HER_ROLE] if place.state == "queued" else []
    since = max([*said, *([last.at] if by_hr else [])], default=None)
    return since + SETTLING if since else None


def may_wait_again(last: Place) -> bool:
    """Whether she may be queued once more, in the same role, after her last place in the programme ended: only if HR's
    word ended it. What she, her manager or the office said, and what she did in the programme, still counts."""
    return last.state == "withdrawn" and last.reason.code in BY_HR - {LeavesBefore.__name__}


def has_open_place(employee: Employee, programme: str) -> bool:
    """Whether she waits for, has been offered, holds or has paused a place in the programme."""
    return any(place_id.startswith(f"{programme}:{employee.id}:") for place_id in employee.open_places)


def _level(employee: Employee) -> Level:
    return employee.record.level if employee.record else "none"
