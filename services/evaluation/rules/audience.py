"""Who is asked, and who may answer."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from services.evaluation.model import (
    PULSE,
    Cohort,
    Invitation,
    InvitationStatus,
    Membership,
    StaffMember,
    Submission,
    Wave,
    WaveState,
)
from services.evaluation.rules.staff import reports


def managers(wave: Wave, cohort: Cohort, members: Iterable[Membership]) -> list[str]:
    """Which managers are asked: those who belong to the cohort now; about a session only those who were there, and
    after the programme only those who were at a session at all."""
    belong = members_of(cohort, members)
    if wave.wave != "T0":
        about = [session for session in cohort.sessions if wave.wave != PULSE or session.session_id == wave.session_id]
        belong &= {employee for session in about for employee in session.attended}
    return sorted(belong)


def members_of(cohort: Cohort, members: Iterable[Membership]) -> set[str]:
    """Those who belong to a cohort now."""
    return {member.employee_id for member in members if member.belongs and member.cohort_id == cohort.id}


def to_invite(people: Iterable[str], already: Iterable[Invitation]) -> list[str]:
    """Those who have no invitation that counts; one that was withdrawn does not, when she belongs again."""
    has_one = {i.employee_id for i in already if i.status is not InvitationStatus.withdrawn}
    return [employee for employee in people if employee not in has_one]


def employees(
    led_by: Iterable[str], members: Iterable[str], staff: Iterable[StaffMember], day: date
) -> Mapping[str, str]:
    """Which employees are asked, each about her one manager: those whom these members lead on the day.

    A member of the group is not: she is asked as a manager, and shall not judge whom she meets there.
    """
    belong = set(members)
    return {one: manager for one, manager in reports(staff, led_by, day).items() if one not in belong}


def to_remind(invitations: Iterable[Invitation]) -> tuple[list[Invitation], list[Invitation]]:
    """Those to be reminded now; and those that are too new for it, as they stand when the next reminder comes."""
    unanswered = [i for i in invitations if i.status is InvitationStatus.invited and i.nonce]
    return [i for i in unanswered if not i.is_new], [i.having(is_new=False) for i in unanswered if i.is_new]


def silent(invitations: Iterable[Invitation]) -> list[Invitation]:
    """The invitations to which no answer has come when their wave closes.

    They are marked, so that an answer sent in at the same moment meets the close: it is counted, or told to be late.
    """
    return [i.having(status=InvitationStatus.silent) for i in invitations if i.status is InvitationStatus.invited]


def withdrawn(invitations: Iterable[Invitation]) -> list[Invitation]:
    """The invitations of somebody who is out; what she has answered stays answered."""
    return [i.having(status=InvitationStatus.withdrawn) for i in invitations if i.status is InvitationStatus.invited]


def unreached(invitations: Iterable[Invitation]) -> list[Invitation]:
    """Those of somebody who is out that never reached her: as withdrawn ones they would count as if they had."""
    return [i for i in invitations if i.status is InvitationStatus.undeliverable]


def reached(invitations: Iterable[Invitation]) -> set[str]:
    """The people whom a wave's invitations reached: who came back to the cohort and was invited again is one person."""
    return {i.employee_id for i in invitations if i.status is not InvitationStatus.undeliverable}


def may_answer(invitation: Invitation | None, wave: Wave | None, now: datetime) -> Submission:
    """Whether a form may be shown and sent in with this invitation now; `accepted` means yes."""
    if invitation is None or wave is None:
        return Submission.unknown
    if invitation.status is InvitationStatus.answered:
        return Submission.already_answered
    if wave.state is not WaveState.open or now >= wave.closes_at:
        return Submission.closed
    if invitation.status is InvitationStatus.withdrawn:
        return Submission.withdrawn
    return Submission.accepted
