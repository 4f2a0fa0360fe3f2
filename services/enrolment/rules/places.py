"""The steps of a place: each with what it makes known."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from services.enrolment.model import (
    OPEN,
    ORDINARY,
    PRIORITISED,
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
from services.enrolment.rules import posts
from services.enrolment.rules.reasons import (
    BackFromLeave,
    BackInPost,
    DeclinedByHer,
    NotAnsweredInTime,
    OfferTakenBack,
    PutBack,
    PutFirst,
    SwappedGroups,
    Why,
    said,
)
from services.enrolment.rules.states import STATES, Step
from shared.events import Event
from shared.events.base import Fact
from shared.events.enrolment import (
    CohortPlaceEvent,
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


class Refused(Fact):
    """The place is in a state from which the step cannot be taken."""

    state: PlaceState
    step: Step


class Taken(Fact):
    """A step that was taken: the place as it is now, and what is to be announced."""

    place: Place
    announced: tuple[Event, ...]


class Earned(Fact):
    """What somebody who completes has to show for it: the day, the hours she attended, and of which modules."""

    completed_on: date
    hours: float
    modules: tuple[str, ...]


def queue(
    employee: Employee,
    programme: Programme,
    why: Why,
    now: datetime,
    *,
    priority: int = ORDINARY,
    credits: tuple[Credit, ...] = (),  # noqa: A002 — the name of the place's field
) -> Taken:
    """She waits for a place in the programme from `now`."""
    number = employee.places.get(programme.id, 0) + 1
    reason = said(why)
    place = Place(
        id=f"{programme.id}:{employee.id}:{number}",
        employee_id=employee.id,
        programme=programme.id,
        title=programme.content.title.localised(),
        reason=reason,
        priority=priority,
        credits=credits,
        queued_at=now,
        position=posts.held_by(employee) if programme.content.audience.seat_of == "post" else None,
        history=(Decision(at=now, state="queued", reason=reason),),
    )
    return Taken(place=place, announced=(PersonQueued(**_who(place), reason=reason),))


def skip(place: Place, cohort_id: str, why: Why, now: datetime) -> Taken | None:
    """Somebody behind her gets a seat, or one stays free; nothing to say if she has been told the same about this
    cohort, or at this moment about another: what keeps her out of hundreds of groups is said once."""
    reason = said(why)
    known = (skip for skip in place.skips if skip.reason.code == reason.code)
    if any(skip.cohort_id == cohort_id or (skip.at, skip.reason) == (now, reason) for skip in known):
        return None
    seen = Skip(at=now, cohort_id=cohort_id, reason=reason)
    after = place.having(version=place.version + 1, skips=(*place.skips, seen))
    return Taken(place=after, announced=(PersonSkipped(**_who(after), cohort_id=cohort_id, reason=reason),))


def offer(place: Place, cohort: Cohort, url: str, answer_by: datetime, now: datetime) -> Taken | Refused:
    """She is offered a seat in the cohort; `url` is where she answers."""
    after = _moved(place, "offer", now, cohort_id=cohort.id, offers=place.offers + 1, answer_by=answer_by)
    return _announcing(PlaceOffered, after, cohort, answer_by=answer_by, answer_url=url)


def accept(place: Place, cohort: Cohort, now: datetime) -> Taken | Refused:
    """She says yes."""
    return _confirmed(_moved(place, "accept", now, confirmed_at=now, answer_by=None, undelivered=None), cohort)


def seat(place: Place, cohort: Cohort, why: Why, now: datetime) -> Taken | Refused:
    """She succeeds somebody in a post, and takes over the post's seat without being asked."""
    return _confirmed(_moved(place, "seat", now, why, cohort_id=cohort.id, confirmed_at=now), cohort)


def resume(place: Place, cohort: Cohort, now: datetime) -> Taken | Refused:
    """She is back after a pause, and has the seat of her post again in the group that she was in."""
    back: dict[str, Any] = {"credits": credit(place, cohort), "round": place.round + 1, "confirmed_at": now}
    return _confirmed(_moved(place, "seat", now, BackInPost(), **back), cohort)


def swap(place: Place, cohort: Cohort, came_from: Cohort, now: datetime, note: str = "") -> Taken | Refused:
    """She takes over a colleague's seat in `cohort`, and the colleague hers in the one she came from."""
    had = credit(place, came_from)
    return _confirmed(_moved(place, "swap", now, SwappedGroups(), note, cohort_id=cohort.id, credits=had), cohort)


def _confirmed(after: Place | Refused, cohort: Cohort) -> Taken | Refused:
    if isinstance(after, Refused):
        return after
    return _announcing(PlaceConfirmed, after, cohort, round=after.round, excused=excused(after, cohort))


def excused(place: Place, cohort: Cohort) -> tuple[str, ...]:
    """Ids of the cohort's sessions that she need not attend, since she has credit for their modules."""
    done = {credit.module for credit in place.credits}
    return tuple(session.session_id for session in cohort.sessions if session.module in done)


def excuse(place: Place, before: Collection[str], cohort: Cohort) -> Taken | None:
    """What she hears when there is more in her group that she need not attend than `before`: she has been given credit,
    or sessions have come for which she has it."""
    if place.state != "confirmed" or set(excused(place, cohort)) <= set(before):
        return None
    told = _confirmed(place.having(version=place.version + 1), cohort)
    return told if isinstance(told, Taken) else None


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


def put_in_line(place: Place, *, first: bool, note: str, now: datetime) -> Place | Refused:
    """The office puts her before those who came in the ordinary way, or back among them; she hears of it in her
    history. Where she is there already, nothing is said."""
    if place.state != "queued":
        return Refused(state=place.state, step="offer")
    if place.priority == (PRIORITISED if first else ORDINARY):
        return place
    reason = said(PutFirst() if first else PutBack())
    seen = Decision(at=now, state="queued", reason=reason, note=note)
    return place.having(
        version=place.version + 1, priority=PRIORITISED if first else ORDINARY, history=(*place.history, seen)
    )


def take_back(place: Place, cohort: Cohort, now: datetime, note: str = "") -> Taken | Refused:
    """The office takes an offer back; she keeps her place in line, and is not asked for this cohort again."""
    changes = {"answer_by": None, "cohort_id": None, "not_in": (*place.not_in, cohort.id), "undelivered": None}
    return _out_and_queued(place, _moved(place, "take_back", now, OfferTakenBack(), note, **changes))


def requeue(place: Place, cohort: Cohort, why: Why, now: datetime) -> Taken | Refused:
    """Her cohort is no more: she is among the first in line for another, with credit for what she attended."""
    after = _moved(place, "requeue", now, why, **_first_in_line(place, cohort))
    return _out_and_queued(place, after) if place.state == "offered" else _queued_again(after)


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
        "answers": (),
    }


def _out_and_queued(before: Place, after: Place | Refused) -> Taken | Refused:
    """The offer is withdrawn for whoever has sent it on, and she waits again."""
    if isinstance(after, Refused):
        return after
    out = PlaceWithdrawn(**_who(after), cohort_id=before.cohort_id, was="offered", reason=after.reason)
    after = after.having(version=after.version + 1)
    return Taken(place=after, announced=(out, PersonQueued(**_who(after), reason=after.reason)))


def _queued_again(after: Place | Refused) -> Taken | Refused:
    if isinstance(after, Refused):
        return after
    return Taken(place=after, announced=(PersonQueued(**_who(after), reason=after.reason),))


def decline(place: Place, cohort: Cohort, now: datetime) -> Taken | Refused:
    """She says no, to the offer or to what she had said yes to."""
    return _announcing(PlaceDeclined, _moved(place, "decline", now, DeclinedByHer(), answer_by=None), cohort)


def expire(place: Place, cohort: Cohort, now: datetime) -> Taken | Refused:
    """The time to answer has run out."""
    return _announcing(PlaceExpired, _moved(place, "expire", now, NotAnsweredInTime(), answer_by=None), cohort)


def withdraw(place: Place, why: Why, now: datetime, note: str = "") -> Taken | Refused:
    """She is out, wherever she was; `note` is what the office writes about it, for itself."""
    after = _moved(place, "withdraw", now, why, note, answer_by=None)
    if isinstance(after, Refused):
        return after
    where = {"cohort_id": place.cohort_id, "was": place.state}
    return Taken(place=after, announced=(PlaceWithdrawn(**_who(after) | where, reason=after.reason),))


def pause(place: Place, cohort: Cohort, why: Why, now: datetime) -> Taken | Refused:
    """She is away for a while; her seat is free, what she has attended stays hers."""
    after = _moved(place, "pause", now, why)
    if isinstance(after, Refused):
        return after
    return Taken(place=after, announced=(PlacePaused(**_where(after, cohort), reason=after.reason),))


def complete(place: Place, cohort: Cohort, earned: Earned, now: datetime) -> Taken | Refused:
    """She has completed the programme."""
    return _announcing(PlaceCompleted, _moved(place, "complete", now), cohort, **earned.model_dump())


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


def taking_place(cohort: Cohort) -> tuple[SessionFact, ...]:
    """The sessions of the cohort that are not cancelled, as events carry them."""
    return tuple(session_fact(session) for session in cohort.sessions if session.cancelled is None)


def session_fact(session: Session) -> SessionFact:
    """The session as events carry it."""
    return SessionFact.model_validate(session.model_dump())


def _announcing(kind: type[CohortPlaceEvent], after: Place | Refused, cohort: Cohort, **more: Any) -> Taken | Refused:
    if isinstance(after, Refused):
        return after
    return Taken(place=after, announced=(kind(**_where(after, cohort), **more),))


def _moved(
    place: Place, step: Step, now: datetime, why: Why | None = None, note: str = "", **changes: Any
) -> Place | Refused:
    state = STATES.get((place.state, step))
    if state is None:
        return Refused(state=place.state, step=step)
    reason = said(why) if why else None
    cohort_id = changes.get("cohort_id", place.cohort_id)
    return place.having(
        version=place.version + 1,
        state=state,
        reason=reason or place.reason,
        history=(*place.history, Decision(at=now, state=state, reason=reason, cohort_id=cohort_id, note=note)),
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
    return _who(place) | {"cohort_id": cohort.id, "sessions": taking_place(cohort)}
