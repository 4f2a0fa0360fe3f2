"""Everything that was decided about a person or happened to her, and why, in the order of time."""

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from services.enrolment.model import Attendance, Cohort, Employee, Network, Place, Session
from services.enrolment.rules.places import excused
from services.enrolment.rules.reasons import ApprovalNotNeeded
from shared.events.base import Fact, LocalisedText, Reason

SAYS: Final = {
    "queued": ("Du står i kö till {}.", "You are in the queue for {}."),
    "offered": ("Du erbjöds en plats i {}.", "You were offered a place in {}."),
    "confirmed": ("Du har en plats i {}.", "You have a place in {}."),
    "completed": ("Du har gått klart {}.", "You have completed {}."),
    "declined": ("Du tackade nej till {}.", "You declined {}."),
    "expired": (
        "Erbjudandet om en plats i {} gick ut.",
        "The offer of a place in {} expired.",
    ),
    "withdrawn": ("Din plats i {} togs bort.", "Your place in {} was withdrawn."),
    "paused": ("Din plats i {} är pausad.", "Your place in {} is paused."),
    "skipped": (
        "Du fick ingen plats i en grupp som skulle gå {}.",
        "You got no place in a group of {}.",
    ),
    "approval_requested": ("Ett godkännande för {} begärdes.", "Approval for {} was asked for."),
    "approval_passed_on": (
        "Frågan om du kan gå {} gick vidare till någon annan.",
        "The question whether you may attend {} went on to somebody else.",
    ),
    "approval_not_needed": ("Inget godkännande behövs längre för {}.", "No approval is needed any more for {}."),
    "approval_approved": ("Att du går {} godkändes.", "Your attending {} was approved."),
    "approval_refused": ("Att du går {} godkändes inte.", "Your attending {} was not approved."),
    "attended": ("Du var med på träffen {}.", "You attended the session {}."),
    "attended_part": ("Du var med på en del av träffen {}.", "You attended a part of the session {}."),
    "excused": (
        "Du behövde inte vara med på träffen {}, för du har redan gått den delen.",
        "You did not need to attend the session {}: you have already been through that part.",
    ),
    "absent": ("Du var inte med på träffen {}.", "You were not at the session {}."),
    "network": ("Ditt nätverk från {} bildades.", "Your network from {} was formed."),
    "alumni": (
        "Du valde att stå på listan över alla som gått klart.",
        "You chose to be on the list of all who have completed.",
    ),
}
"""What each kind of moment says, in Swedish and English, with the title of the programme or session; a change in her
work speaks for itself."""

PRESENCE: Final = {"present": "attended", "part": "attended_part", "absent": "absent"}


class Moment(Fact):
    """One thing that was decided or happened. `moment_id` sorts as time does."""

    moment_id: str
    at: datetime
    kind: str
    text: LocalisedText
    programme: str | None = None
    cohort: str | None = None
    place_id: str | None = None
    session_id: str | None = None
    reason: Reason | None = None
    approver_id: str | None = None
    """Who was asked for an approval, or gave or refused it."""


def timeline(
    employee: Employee, places: Sequence[Place], cohorts: Iterable[Cohort], networks: Iterable[Network]
) -> list[Moment]:
    """All moments, the oldest first. `cohorts` are those in which she has, or had, a place."""
    moments = [*_career(employee)]
    for place in places:
        moments += [*_decisions(place), *_skips(place), *_approval(place)]
    for cohort in cohorts:
        moments += _attendance(employee.id, cohort, _excused_from(cohort, places))
    moments += [_of_network(network) for network in networks if employee.id in network.members]
    return sorted(moments, key=lambda moment: moment.moment_id)


def _career(employee: Employee) -> Iterator[Moment]:
    for number, note in enumerate(employee.career):
        name = _name(note.at, f"0~career~{number:03d}")
        yield Moment(moment_id=name, at=note.at, kind="career", text=note.what.text, reason=note.what)
    if employee.alumni_since:
        at = employee.alumni_since
        yield Moment(moment_id=_name(at, "9~alumni"), at=at, kind="alumni", text=_text("alumni"))


def _decisions(place: Place) -> Iterator[Moment]:
    for number, decision in enumerate(place.history):
        yield Moment(
            moment_id=_name(decision.at, f"1~{place.id}~{number:03d}"),
            at=decision.at,
            kind=decision.state,
            text=_text(decision.state, place.title),
            programme=place.programme,
            cohort=decision.cohort_id,
            place_id=place.id,
            reason=decision.reason,
        )


def _skips(place: Place) -> Iterator[Moment]:
    for skip in place.skips:
        yield Moment(
            moment_id=_name(skip.at, f"2~{place.id}~{skip.cohort_id}~{skip.reason.code}"),
            at=skip.at,
            kind="skipped",
            text=_text("skipped", place.title),
            programme=place.programme,
            cohort=skip.cohort_id,
            place_id=place.id,
            reason=skip.reason,
        )


def _approval(place: Place) -> Iterator[Moment]:
    for number, (kind, at, approver_id, reason) in enumerate(_asking(place)):
        yield Moment(
            moment_id=_name(at, f"2~{place.id}~approval~{number:03d}"),
            at=at,
            kind=kind,
            text=_text(kind, place.title),
            programme=place.programme,
            place_id=place.id,
            reason=reason,
            approver_id=approver_id,
        )


def _asking(place: Place) -> Iterator[tuple[str, datetime, str | None, Reason | None]]:
    """What became of the question whether she may go: the kind of moment, when, with whom, and why it went on."""
    for one in place.asked_before:
        yield "approval_requested", one.asked_at, one.approver_id, None
        ended = one.reason.code == ApprovalNotNeeded.__name__
        kind = "approval_not_needed" if ended else "approval_passed_on"
        yield kind, one.until, one.approver_id, None if ended else one.reason
    if asked := place.approval:
        yield "approval_requested", asked.asked_at, asked.approver_id, None
        if asked.decided_at:
            yield f"approval_{asked.state}", asked.decided_at, asked.decided_by, None


def _excused_from(cohort: Cohort, places: Iterable[Place]) -> frozenset[str]:
    """Sessions of the cohort that she need not attend by what she has credit for."""
    here = [place for place in places if place.cohort_id == cohort.id]
    return frozenset(session_id for place in here for session_id in excused(place, cohort))


def _attendance(who: str, cohort: Cohort, excused_from: Container[str]) -> Iterator[Moment]:
    for session in cohort.sessions:
        for number, (at, record) in enumerate(_records(who, session)):
            if record is None:
                continue
            kind = PRESENCE[record.kind]
            if kind == "absent" and session.session_id in excused_from:
                kind = "excused"
            now = _text(kind, session.title)
            yield Moment(
                moment_id=_name(at, f"3~{session.session_id}~{number:03d}"),
                at=at,
                kind="attendance_corrected" if number else kind,
                text=_corrected(now) if number else now,
                programme=cohort.programme,
                cohort=cohort.id,
                session_id=session.session_id,
            )


def _records(who: str, session: Session) -> list[tuple[datetime, Attendance | None]]:
    """How she is recorded: first at the end of the session, then as each correction changed it."""
    times = [session.ends_at, *(correction.at for correction in session.corrections)]
    stood = [*(correction.before for correction in session.corrections), session.attendance or {}]
    records = [(at, how.get(who)) for at, how in zip(times, stood, strict=True)]
    return [records[0], *(now for before, now in pairwise(records) if before[1] != now[1])]


def _of_network(network: Network) -> Moment:
    return Moment(
        moment_id=_name(network.formed_at, f"4~{network.id}"),
        at=network.formed_at,
        kind="network",
        text=_text("network", network.title),
        programme=network.programme,
        cohort=network.cohort_id,
    )


def _name(at: datetime, rest: str) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}~{rest}"


def _text(kind: str, name: LocalisedText | None = None) -> LocalisedText:
    sv, en = SAYS[kind]
    return LocalisedText(sv=sv.format(name.sv), en=en.format(name.en)) if name else LocalisedText(sv=sv, en=en)


def _corrected(now: LocalisedText) -> LocalisedText:
    return LocalisedText(sv=f"Närvaron rättades. {now.sv}", en=f"The attendance was corrected. {now.en}")
