"""What she answers from her calendar, session by session, and when that is a no to the place."""

from services.enrolment.model import CalendarAnswer, Cohort, Place
from services.enrolment.rules.places import excused
from shared.events.notifications import InvitationAnswered


def heard(place: Place, cohort: Cohort | None, event: InvitationAnswered) -> Place | None:
    """The place with her answer; nothing if the answer says nothing about it as it stands.

    The last answer by its own time counts: one that is older than her yes to the place is about an earlier invitation.
    """
    session = cohort.session(event.session_id) if cohort else None
    if session is None or place.state != "confirmed":
        return None
    known = next((each for each in place.answers if each.session_id == event.session_id), None)
    newest = max(each for each in (known and known.at, place.confirmed_at, place.queued_at) if each)
    if event.answered_at <= newest:
        return None
    said = CalendarAnswer(
        session_id=session.session_id, starts_at=session.starts_at, answer=event.answer, at=event.answered_at
    )
    others = tuple(each for each in place.answers if each.session_id != event.session_id)
    return place.having(version=place.version + 1, answers=(*others, said))


def declined(place: Place, cohort: Cohort) -> frozenset[str]:
    """Ids of the sessions to come that she has said no to; not those that have another time since then."""
    said = {(each.session_id, each.starts_at) for each in place.answers if each.answer == "declined"}
    return frozenset(each.session_id for each in cohort.coming if (each.session_id, each.starts_at) in said)


def is_no(place: Place, cohort: Cohort) -> bool:
    """Whether she has said no to the programme: to all sessions, before she has been at any.

    A no to some of them says that she cannot come then, which the office sees; it takes nobody's place.
    """
    hers = {each.session_id for each in cohort.coming} - set(excused(place, cohort))
    has_begun = any(place.employee_id in (each.attendance or {}) for each in cohort.sessions)
    return bool(hers) and hers <= declined(place, cohort) and not has_begun
