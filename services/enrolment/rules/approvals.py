"""Who is asked whether somebody may go, and what an answer means: approval follows the current line manager."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple

from services.enrolment.model import RETURNING, Approval, Asked, Employee, Place
from services.enrolment.rules.places import Refused, Taken, withdraw
from services.enrolment.rules.reasons import ApprovalNotNeeded, ApproverChanged, AskedAgain, NotApproved, Why, said
from shared.events.base import LocalisedText, Reason
from shared.events.enrolment import PlaceApprovalRequested

PATIENCE_DAYS: Final = 5
"""Working days that whoever is asked has to answer."""
UNKNOWN_DAYS: Final = 1
"""Working days to wait for HR to tell about a manager whom it has only named: facts come in any order."""


class Superior(NamedTuple):
    """A manager above somebody; no employee if HR has not told about her yet."""

    employee_id: str
    employee: Employee | None


class Request(NamedTuple):
    """Who is asked, until when, and by which link; without an approver it is the office, which has no deadline."""

    approver_id: str | None
    answer_by: datetime | None
    url: str | None
    escalated: bool


def approver(above: Sequence[Superior], silent: Collection[str]) -> str | None:
    """The nearest manager above who can be asked today; none, if only the office is left.

    Passed over is who has left, is on leave, or has been asked and was silent. Who is only named is asked: she is
    written to as soon as HR tells about her.
    """
    for superior in above:
        if superior.employee_id not in silent and (superior.employee is None or _is_here(superior.employee)):
            return superior.employee_id
    return None


def _is_here(manager: Employee) -> bool:
    return manager.record is not None and not manager.left and not manager.on_leave


def is_awaited(place: Place) -> bool:
    """Whether an answer about her is still waited for."""
    return place.state == "queued" and place.approval is not None and place.approval.state == "requested"


def is_to_be_asked(place: Place) -> bool:
    """Whether she waits unasked in a programme that asks from now on. Whoever had a seat before may go on."""
    return place.state == "queued" and place.approval is None and place.priority != RETURNING


def goes_past(place: Place, employee_id: str, above: Sequence[Superior]) -> bool:
    """Whether `employee_id` is above her, and whoever is asked is so no longer: the line above that manager has
    changed. The office may be asked wherever she works."""
    asked = place.approval.approver_id if place.approval else None
    line = {superior.employee_id for superior in above}
    return asked is not None and employee_id in line and asked not in line


def ask(
    place: Place, request: Request, now: datetime, *, silent: tuple[str, ...] = (), why: Why | None = None
) -> Taken:
    """Somebody is asked about her, and whoever was asked before is not any more; `why` not."""
    before = place.approval
    approval = Approval(
        approver_id=request.approver_id,
        round=before.round + 1 if before else 1,
        asked_at=now,
        answer_by=request.answer_by,
        silent=silent,
    )
    after = place.having(
        version=place.version + 1, approval=approval, asked_before=_asked(place, why or ApproverChanged(), now)
    )
    event = PlaceApprovalRequested(
        place_id=after.id,
        version=after.version,
        employee_id=after.employee_id,
        programme=after.programme,
        title=after.title,
        approver_id=approval.approver_id,
        answer_url=request.url,
        reason=why_asked(after),
        round=approval.round,
        answer_by=approval.answer_by,
        escalated=request.escalated,
    )
    return Taken(place=after, announced=(event,))


def approved(place: Place, by: str | None, note: str, now: datetime) -> Taken:
    """She may go; that holds as long as she waits or comes back, whoever becomes her manager."""
    after = place.having(version=place.version + 1, approval=_decided(place, "approved", by, note, now))
    return Taken(place=after, announced=())


def carried_over(place: Place, before: Place | None) -> Taken | None:
    """What she was told yes to before holds for this place, too, if she only let an offer pass in between."""
    if place.reason.code != AskedAgain.__name__ or before is None or before.approval is None:
        return None
    if before.approval.state != "approved":
        return None
    return Taken(place=place.having(version=place.version + 1, approval=before.approval), announced=())


def refused(place: Place, by: str, note: str, now: datetime) -> Taken | Refused:
    """She may not go now: she waits no longer."""
    return withdraw(place.having(approval=_decided(place, "refused", by, note, now)), NotApproved(), now)


def not_needed(place: Place, now: datetime) -> Taken:
    """The programme does not ask for approval any more."""
    before = _asked(place, ApprovalNotNeeded(), now)
    return Taken(place=place.having(version=place.version + 1, approval=None, asked_before=before), announced=())


def _asked(place: Place, why: Why, now: datetime) -> tuple[Asked, ...]:
    """Who has been asked, with whoever is asked `now` and not any longer."""
    asked = place.approval
    if asked is None:
        return place.asked_before
    last = Asked(approver_id=asked.approver_id, round=asked.round, asked_at=asked.asked_at, until=now, reason=said(why))
    return (*place.asked_before, last)


def _decided(place: Place, state: Literal["approved", "refused"], by: str | None, note: str, now: datetime) -> Approval:
    asked = place.approval or Approval(approver_id=None, asked_at=now)
    decision = {"state": state, "answer_by": None, "decided_by": by, "decided_at": now, "note": note}
    return asked.model_copy(update=decision)


Standing = Literal["open", "approved", "refused", "elsewhere", "over"]


def standing(place: Place, round_: int) -> Standing:
    """What the link of one request can still do: answer (`open`), or only tell.

    `elsewhere`: somebody else is or was asked instead; `over`: she does not wait any more.
    """
    approval = place.approval
    if approval is None or (approval.state == "requested" and place.state != "queued"):
        return "over"
    if approval.round != round_:
        return "elsewhere"
    return "open" if approval.state == "requested" else approval.state


def why_asked(place: Place) -> Reason:
    """Why she waits for the programme, in words for somebody else; what is hers alone is not said."""
    return Reason(code=place.reason.code, text=_IN_OTHER_WORDS.get(place.reason.code, _OFFERED_TO_MANAGERS))


_OFFERED_TO_MANAGERS = LocalisedText(
    sv="Programmet är ett av dem som kommunen har för sina chefer.",
    en="The programme is one of those that the municipality has for its managers.",
)
_IN_OTHER_WORDS: Final = {
    "AppointedTo": LocalisedText(
        sv="Programmet är till för den som är ny i sin roll.",
        en="The programme is for those who are new in their role.",
    ),
    "MatchedAudience": LocalisedText(
        sv="Programmet är till för alla som har den rollen.", en="The programme is for everybody in that role."
    ),
    "Nominated": LocalisedText(
        sv="Nomineringen kommer från programkontoret.", en="The nomination comes from the programme office."
    ),
    "NominatedByManager": LocalisedText(
        sv="Nomineringen kommer från en chef.", en="The nomination comes from a line manager."
    ),
    "AskedAgain": LocalisedText(
        sv="Ett tidigare erbjudande gick ut, och önskan är att få ett nytt.",
        en="An earlier offer ran out, and the wish is to get a new one.",
    ),
}
