"""The steps of a place: each with what it makes known."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Literal

from services.enrolment.model import (
    OPEN,
    RETURNING,
    Cohort,
    Credit,
    Decision,
    Employee,
    Place,
    PlaceState,
    Programme,
    Session,
    Skip,
)
from services.enrolment.programme_file import ProgrammeFile
from services.enrolment.rules.audience import reason_to_leave_queue
from services.enrolment.rules.reasons import (
    BackFromLeave,
    DeclinedByHer,
    LeftEmployment,
    NoLongerEligible,
    NotAnsweredInTime,
    OfferTakenBack,
    OnLeave,
    SwappedGroups,
    Why,
    said,
)
from services.enrolment.rules.states import STATES, Step
from shared.events import Event
from shared.events.base import Fact
from shared.events.enrolment import (
    PersonQueued,
    PersonSkipped,
    PlaceCompleted,
    PlaceConfirmed,
    PlaceDeclined,
    PlaceExpired,
    PlaceOffered,
    PlacePaused,
    PlaceWithdrawn,
    SessionFact,
)
from shared.events.hr import Absence

LAST_HOURS = timedelta(hours=24)
"""An offer must be answered at least this long before the first session."""
REFILL_UNTIL = timedelta(days=2)
"""A seat that becomes free later than this before the first session stays free."""


class Refused(Fact):
    """The place is in a state from which the step cannot be taken."""

    state: PlaceState
    step: Step


class Taken(Fact):
    """A step that was taken: the place as it is now, and what is to be announced."""

    place: Place
    announced: tuple[Event, ...]


class Must(Fact):
    """A step that follows from how somebody stands now, and why."""

    step: Literal["withdraw", "pause"]
    why: LeftEmployment | NoLongerEligible | OnLeave


def queue(employee: Employee, programme: Programme, why: Why, now: datetime) -> Taken:
    """She waits for a place in the programme from `now`."""
    number = employee.places.get(programme.id, 0) + 1
    reason = said(why)
    place = Place(
        id=f"{programme.id}:{employee.id}:{number}",
        employee_id=employee.id,
        programme=programme.id,
        title=programme.content.title.localised(),
        reason=reason,
        queued_at=now,
        history=(Decision(at=now, state="queued", reason=reason),),
    )
    return Taken(place=place, announced=(PersonQueued(**_who(place), reason=reason),))


def skip(place: Place, cohort_id: str, why: Why, now: datetime) -> Taken | None:
    """Somebody behind her gets a seat; nothing to say if she has been told the same about this cohort."""
    reason = said(why)
    if any(skip.cohort_id == cohort_id and skip.reason.code == reason.code for skip in place.skips):
        return None
    seen = Skip(at=now, cohort_id=cohort_id, reason=reason)
    after = place.having(version=place.version + 1, skips=(*place.skips, seen))
    return Taken(place=after, announced=(PersonSkipped(**_who(after), cohort_id=cohort_id, reason=reason),))


def answer_deadline(cohort: Cohort, now: datetime) -> datetime:
    """When an offer made `now` must be answered: as the programme says, but well before the first session."""
    latest = cohort.first_session.starts_at - LAST_HOURS
    return min(now + timedelta(days=cohort.content.offer.answer_within_days), latest)


def may_fill(cohort: Cohort, now: datetime) -> bool:
    """Whether there is still time to offer seats of the cohort to others."""
    return cohort.state != "completed" and cohort.first_session.starts_at - now >= REFILL_UNTIL


def offer(place: Place, cohort: Cohort, url: str, now: datetime) -> Taken | Refused:
    """She is offered a seat in the cohort; `url` is where she answers."""
    answer_by = answer_deadline(cohort, now)
    after = _moved(place, "offer", now, cohort_id=cohort.id, offers=place.offers + 1, answer_by=answer_by)
    if isinstance(after, Refused):
        return after
    return Taken(
        place=after,
        announced=(PlaceOffered(**_where(after, cohort), answer_by=answer_by, answer_url=url),),
    )


def accept(place: Place, cohort: Cohort, now: datetime) -> Taken | Refused:
    """She says yes."""
    return _confirmed(_moved(place, "accept", now, confirmed_at=now, answer_by=None, undelivered=None), cohort)


def seat(place: Place, cohort: Cohort, why: Why, now: datetime) -> Taken | Refused:
    """She succeeds somebody in a post, and takes over the post's seat without being asked."""
    return _confirmed(_moved(place, "seat", now, why, cohort_id=cohort.id, confirmed_at=now), cohort)


def swap(place: Place, cohort: Cohort, came_from: Cohort, now: datetime) -> Taken | Refused:
    """She takes over a colleague's seat in `cohort`, and the colleague hers in the one she came from."""
    had = credit(place, came_from)
    return _confirmed(_moved(place, "swap", now, SwappedGroups(), cohort_id=cohort.id, credits=had), cohort)


def _confirmed(after: Place | Refused, cohort: Cohort) -> Taken | Refused:
    if isinstance(after, Refused):
        return after
    event = PlaceConfirmed(**_where(after, cohort), round=after.round, excused=excused(after, cohort))
    return Taken(place=after, announced=(event,))


def excused(place: Place, cohort: Cohort) -> tuple[str, ...]:
    """Ids of the cohort's sessions that she need not attend, since she has credit for their modules."""
    done = {credit.module for credit in place.credits}
    return tuple(session.session_id for session in cohort.sessions if session.module in done)


def credit(place: Place, cohort: Cohort) -> tuple[Credit, ...]:
    """What she has credit for when she leaves `cohort`: what she had, and what she attended there."""
    attended = (
        Credit(
            module=session.module,
            session_id=session.session_id,
            cohort_id=cohort.id,
            hours=session.attendance[place.employee_id].hours,
        )
        for session in cohort.sessions
        if session.attendance and place.employee_id in (session.attended or ())
    )
    known = {one.module: one for one in place.credits}
    return tuple((known | {one.module: one for one in attended}).values())


def take_back(place: Place, cohort: Cohort, now: datetime) -> Taken | Refused:
    """The office takes an offer back; she keeps her place in line, and is not asked for this cohort again."""
    why = OfferTakenBack()
    not_in = (*place.not_in, cohort.id)
    after = _moved(place, "take_back", now, why, answer_by=None, cohort_id=None, not_in=not_in, undelivered=None)
    if isinstance(after, Refused):
        return after
    out = PlaceWithdrawn(
        **_who(place) | {"version": after.version}, cohort_id=cohort.id, was="offered", reason=after.reason
    )
    after = after.having(version=after.version + 1)
    return Taken(place=after, announced=(out, PersonQueued(**_who(after), reason=after.reason)))


def requeue(place: Place, cohort: Cohort, why: Why, now: datetime) -> Taken | Refused:
    """Her cohort is no more: she is among the first in line for another, with credit for what she attended."""
    return _queued_again(_moved(place, "requeue", now, why, **_first_in_line(place, cohort)))


def come_back(place: Place, cohort: Cohort, now: datetime) -> Taken | Refused:
    """She is back after a pause: among the first in line for another cohort, with credit for what she attended."""
    return _queued_again(_moved(place, "come_back", now, BackFromLeave(), **_first_in_line(place, cohort)))


def _first_in_line(place: Place, cohort: Cohort) -> dict[str, Any]:
    return {
        "priority": RETURNING,
        "credits": credit(place, cohort),
        "round": place.round + (place.confirmed_at is not None),
        "cohort_id": None,
        "answer_by": None,
        "confirmed_at": None,
        "undelivered": None,
    }


def _queued_again(after: Place | Refused) -> Taken | Refused:
    if isinstance(after, Refused):
        return after
    return Taken(place=after, announced=(PersonQueued(**_who(after), reason=after.reason),))


def decline(place: Place, cohort: Cohort, now: datetime) -> Taken | Refused:
    """She says no, to the offer or to what she had said yes to."""
    after = _moved(place, "decline", now, DeclinedByHer(), answer_by=None)
    if isinstance(after, Refused):
        return after
    return Taken(place=after, announced=(PlaceDeclined(**_where(after, cohort)),))


def expire(place: Place, cohort: Cohort, now: datetime) -> Taken | Refused:
    """The time to answer has run out."""
    after = _moved(place, "expire", now, NotAnsweredInTime(), answer_by=None)
    if isinstance(after, Refused):
        return after
    return Taken(place=after, announced=(PlaceExpired(**_where(after, cohort)),))


def withdraw(place: Place, why: Why, now: datetime) -> Taken | Refused:
    """She is out, wherever she was."""
    after = _moved(place, "withdraw", now, why, answer_by=None)
    if isinstance(after, Refused):
        return after
    event = PlaceWithdrawn(
        **_who(after),
        cohort_id=place.cohort_id,
        was=place.state,  # type: ignore[arg-type]  # the table lets nobody else withdraw
        reason=after.reason,
    )
    return Taken(place=after, announced=(event,))


def pause(place: Place, cohort: Cohort, why: Why, now: datetime) -> Taken | Refused:
    """She is away for a while; her seat is free, what she has attended stays hers."""
    after = _moved(place, "pause", now, why)
    if isinstance(after, Refused):
        return after
    return Taken(place=after, announced=(PlacePaused(**_where(after, cohort), reason=after.reason),))


def complete(place: Place, cohort: Cohort, now: datetime) -> Taken | Refused:
    """She has completed the programme."""
    after = _moved(place, "complete", now)
    if isinstance(after, Refused):
        return after
    return Taken(place=after, announced=(PlaceCompleted(**_where(after, cohort)),))


def marked(employee: Employee, place: Place) -> Employee:
    """The employee with what `place` means for her: which places are open, which programmes she has completed."""
    others = tuple(place_id for place_id in employee.open_places if place_id != place.id)
    number = int(place.id.rpartition(":")[2])
    completed = {*employee.completed, place.programme} if place.state == "completed" else employee.completed
    return employee.having(
        open_places=(*others, place.id) if place.state in OPEN else others,
        places=employee.places | {place.programme: max(number, employee.places.get(place.programme, 0))},
        completed=tuple(sorted(completed)),
    )


Standing = Literal["open", "confirmed", "begun", "declined", "expired", "completed", "gone"]


def standing(place: Place, cohort: Cohort, round_: int, now: datetime) -> Standing:
    """What the link of one offer can still do: answer (`open`), change a yes to a no (`confirmed`), or only tell."""
    if place.offers != round_ or place.cohort_id != cohort.id:
        return "gone"
    if place.state == "offered":
        return "open" if place.answer_by and now <= place.answer_by else "expired"
    if place.state == "confirmed":
        return "confirmed" if now < cohort.first_session.starts_at else "begun"
    if place.state in {"declined", "expired", "completed"}:
        return place.state
    return "gone"


def consequence(place: Place, employee: Employee, programme: ProgrammeFile, cohort: Cohort | None) -> Must | None:
    """What follows for a place from how its holder stands now; nothing if it may stay as it is.

    A leave counts when it covers the first session of a cohort that she has been offered, or any coming session of
    one that she belongs to. A promotion changes nothing once she has been offered a seat: she may finish.
    """
    if employee.left:
        return Must(step="withdraw", why=LeftEmployment())
    if place.state == "queued":
        unfit = reason_to_leave_queue(employee, programme.audience)
        return Must(step="withdraw", why=unfit) if unfit else None
    if cohort is None or not employee.on_leave or employee.record is None or employee.record.absent is None:
        return None
    why = OnLeave(until=employee.record.absent.last_day)
    if place.state == "offered" and misses((cohort.first_session,), employee.record.absent):
        return Must(step="withdraw", why=why)
    if place.state == "confirmed" and misses([s for s in cohort.sessions if not s.held], employee.record.absent):
        return Must(step="pause" if cohort.content.policies.on_absence == "pause" else "withdraw", why=why)
    return None


def misses(sessions: Iterable[Session], absence: Absence) -> bool:
    """Whether a leave covers one of the sessions. Their days are taken in UTC: nobody meets around midnight."""
    return any(absence.covers(session.starts_at.date()) for session in sessions)


def session_fact(session: Session) -> SessionFact:
    """The session as events carry it."""
    return SessionFact.model_validate(session.model_dump())


def _moved(place: Place, step: Step, now: datetime, why: Why | None = None, **changes: Any) -> Place | Refused:
    state = STATES.get((place.state, step))
    if state is None:
        return Refused(state=place.state, step=step)
    reason = said(why) if why else None
    return place.having(
        version=place.version + 1,
        state=state,
        reason=reason or place.reason,
        history=(*place.history, Decision(at=now, state=state, reason=reason)),
        **changes,
    )


def _who(place: Place) -> dict[str, Any]:
    return {
        "place_id": place.id,
        "version": place.version,
        "employee_id": place.employee_id,
        "programme": place.programme,
        "title": place.title,
    }


def _where(place: Place, cohort: Cohort) -> dict[str, Any]:
    return _who(place) | {"cohort_id": cohort.id, "sessions": tuple(map(session_fact, cohort.sessions))}
