"""What enrolment does when something is said or due: one function for each event and each kind of timer."""

from services.enrolment.commands import (
    approvals,
    audience,
    calendar_answers,
    changes,
    erasure,
    places,
    programmes,
    recommendations,
    seats,
    settling,
    snapshots,
    staff,
    units,
)
from services.enrolment.model import Employee, Unit
from services.enrolment.store import EnrolmentTransaction
from shared import heartbeat
from shared.cloudevents import Reject
from shared.delivery import Outcome
from shared.events.evaluation import (
    HeartbeatPassed,
    ProgrammeChangeRecommended,
    RecommendationResolved,
    ReleasePublished,
)
from shared.events.hr import EmployeeChanged, EmployeeErased, EmployeeLeft, SnapshotPage, UnitChanged
from shared.events.notifications import InvitationAnswered, MessageBounced, MessageFailed
from shared.messaging import Subscription
from shared.model import Timer
from shared.timers import Timers

hr = Subscription("hr", refused=staff.refused)
notifications = Subscription("notifications")
evaluation = Subscription("evaluation")
timers = Timers()


@hr.handles(EmployeeChanged, loads=lambda event: [(Employee, event.employee_id)])
async def keep_staff_register(event: EmployeeChanged, tx: EnrolmentTransaction) -> Outcome:
    """HR tells how an employee stands: keep it, and act on what that means for programmes."""
    return await staff.told(tx, event)


@hr.handles(EmployeeLeft, loads=lambda event: [(Employee, event.employee_id)])
async def end_places_with_employment(event: EmployeeLeft, tx: EnrolmentTransaction) -> Outcome:
    """HR tells somebody's last day: her places end with it."""
    return await staff.told(tx, event)


@hr.handles(UnitChanged, loads=lambda event: [(Unit, event.unit_id)])
async def keep_organisation(event: UnitChanged, tx: EnrolmentTransaction) -> Outcome:
    """HR tells how a unit stands: who belongs to which department follows from it whenever it is asked for."""
    return await units.told(tx, event)


@hr.handles(SnapshotPage)
async def keep_snapshot(event: SnapshotPage, tx: EnrolmentTransaction) -> Outcome:
    """HR sends the whole staff, page by page: what it changes is decided when all pages are in."""
    return await snapshots.keep(tx, event)


@hr.handles(EmployeeErased, loads=lambda event: [(Employee, event.employee_id)])
async def erase_person(event: EmployeeErased, tx: EnrolmentTransaction) -> Outcome:
    """The archive rule for somebody's records has run out: nothing that names her is left."""
    return await erasure.erase(tx, event)


@notifications.handles(MessageFailed)
@notifications.handles(MessageBounced)
async def show_undelivered_offer(event: MessageFailed | MessageBounced, tx: EnrolmentTransaction) -> Outcome:
    """An offer cannot reach her, or has come back: the office sees it at her place. A question to her manager cannot:
    the next one is asked. Other messages are not enrolment's concern."""
    if event.kind == "approval":
        was_asked = await approvals.unreachable(tx, event.regarding, event.employee_id)
        return Outcome.applied if was_asked else Outcome.stale
    if event.kind != "offer":
        return Outcome.applied
    place = await tx.places.get(event.regarding)
    if place is None:
        raise Reject(f"there is no place {event.regarding}: find out what the message was about")
    if place.state != "offered" or place.undelivered == event.reason:
        return Outcome.stale
    tx.save(place.having(version=place.version + 1, undelivered=event.reason))
    return Outcome.applied


@notifications.handles(InvitationAnswered)
async def keep_calendar_answer(event: InvitationAnswered, tx: EnrolmentTransaction) -> Outcome:
    """She answers from her calendar: keep it at her place, where the office sees it; a no to all is a no to it."""
    return await calendar_answers.keep(tx, event)


@evaluation.handles(ReleasePublished)
async def keep_result(event: ReleasePublished, tx: EnrolmentTransaction) -> Outcome:
    """A cohort's results are published: the cohort shows where."""
    cohort = await tx.cohorts.get(event.cohort_id)
    if cohort is None:
        raise Reject(f"there is no cohort {event.cohort_id}: find out which one the release is about")
    if cohort.result_url == event.url:
        return Outcome.stale
    tx.save(cohort.having(version=cohort.version + 1, result_url=event.url))
    return Outcome.applied


@evaluation.handles(ProgrammeChangeRecommended)
async def keep_recommendation(event: ProgrammeChangeRecommended, tx: EnrolmentTransaction) -> Outcome:
    """A change of a programme is recommended: whoever revises it is told."""
    return await recommendations.keep(tx, event)


@evaluation.handles(RecommendationResolved)
async def resolve_recommendation(event: RecommendationResolved, tx: EnrolmentTransaction) -> Outcome:
    """It is known what becomes of a recommendation."""
    return await recommendations.resolve(tx, event)


@evaluation.handles(HeartbeatPassed)
async def take_heartbeat_in(event: HeartbeatPassed, tx: EnrolmentTransaction) -> None:
    """A beat has been through every service: events get through."""
    await heartbeat.came_to("enrolment", event, tx)


@timers.due(staff.DUE)
async def apply_staff_change(timer: Timer, tx: EnrolmentTransaction) -> None:
    """A day has come that changes something for somebody: a held change, a leave that begins or ends, a last day."""
    await staff.day_has_come(tx, timer.subject)


@timers.due(settling.SETTLED)
async def look_at_queue_again(timer: Timer, tx: EnrolmentTransaction) -> None:
    """What HR said about somebody has settled: she waits where she should by how she stands now."""
    tx.carry_on(timer.data)
    await audience.look_at(tx, timer.subject)


@timers.due(audience.UNITS_CHANGED)
async def look_at_units_again(timer: Timer, tx: EnrolmentTransaction) -> None:
    """Units have moved or merged: the next portion of the staff is looked at for a programme for some of them."""
    await audience.look_at_portion(tx, timer.subject, timer.data["after"])


@timers.due(snapshots.JUDGE)
async def judge_snapshot(timer: Timer, tx: EnrolmentTransaction) -> None:
    """All pages of a snapshot are in: it is applied, or held for an operator."""
    await snapshots.judge(tx, timer.subject)


@timers.due(snapshots.APPLY)
async def apply_snapshot(timer: Timer, tx: EnrolmentTransaction) -> None:
    """The next portion of a snapshot is reconciled with the staff register; a crash in between goes on here."""
    await snapshots.apply_portion(tx, timer.subject)


@timers.due(programmes.LOOK_AGAIN)
async def look_again_at_staff(timer: Timer, tx: EnrolmentTransaction) -> None:
    """A programme was written a moment ago: whoever was told about meanwhile is in its queue only now."""
    tx.change_id = timer.data.get("change_id")
    await programmes.look_again(tx, timer.subject)


@timers.due(changes.RIPPLE)
async def let_change_take_effect(timer: Timer, tx: EnrolmentTransaction) -> None:
    """An approved change has settled: it is applied, unless it has become impossible meanwhile."""
    await changes.ripple(tx, timer.subject)


@timers.due("offer_expiry")
async def pass_offer_on(timer: Timer, tx: EnrolmentTransaction) -> None:
    """An offer has not been answered in time: the seat goes to the next in line."""
    await places.expire(tx, timer.subject, timer.data["round"])


@timers.due(approvals.ESCALATION)
async def ask_next_manager(timer: Timer, tx: EnrolmentTransaction) -> None:
    """Nobody has answered whether she may go: the next manager above is asked, and at last the office."""
    await approvals.escalate(tx, timer.subject, timer.data["round"])


@timers.due(seats.FILL)
@timers.due(seats.FILL_AGAIN)
async def fill_seats(timer: Timer, tx: EnrolmentTransaction) -> None:
    """Somebody waits, and a group of the programme has a free seat: it is offered to the first who may sit there."""
    tx.carry_on(timer.data)
    await seats.fill_cohort(tx, timer.subject)
