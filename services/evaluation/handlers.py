"""What evaluation does when something has happened elsewhere, or is due."""

from services.evaluation import projection
from services.evaluation.commands import asking, cohorts, erasure, recommending, retention
from services.evaluation.model import DESTROY, Cohort, Departure, Erased, InvitationStatus, Membership, StaffMember
from services.evaluation.rules import planning, staff, times
from services.evaluation.store import EvaluationTransaction
from shared import heartbeat
from shared.delivery import Outcome
from shared.events import evaluation as said
from shared.events.enrolment import (
    CohortCancelled,
    CohortPlaceEvent,
    CohortScheduled,
    PlaceCompleted,
    PlaceConfirmed,
    PlaceDeclined,
    PlaceEvent,
    PlacePaused,
    PlaceWithdrawn,
    ProgrammeRevised,
    SessionCancelled,
    SessionHeld,
    SessionRescheduled,
    StaffReconciled,
)
from shared.events.hr import EmployeeChanged, EmployeeErased, EmployeeLeft
from shared.events.notifications import HeartbeatPassed, MessageBounced, MessageFailed
from shared.messaging import Subscription
from shared.model import Document, Timer
from shared.timers import Timers

enrolment = Subscription("enrolment")
notifications = Subscription("notifications")
hr = Subscription("hr")
timers = Timers()

GONE = "employee_gone"


def _cohort(
    event: CohortScheduled | CohortCancelled | SessionCancelled | SessionRescheduled | SessionHeld,
) -> list[tuple[type[Document], str]]:
    return [(Cohort, event.cohort_id)]


def _place(event: PlaceEvent) -> list[tuple[type[Document], str]]:
    return [(Membership, event.place_id)]


@enrolment.handles(CohortScheduled, loads=_cohort)
async def plan_waves(event: CohortScheduled, tx: EvaluationTransaction) -> Outcome:
    """A cohort has its sessions: plan when it is asked."""
    before = await tx.cohorts.get(event.cohort_id) or Cohort(id=event.cohort_id)
    return await cohorts.keep_cohort(before, projection.scheduled(before, event), tx)


@enrolment.handles(SessionRescheduled, loads=_cohort)
async def move_waves(event: SessionRescheduled, tx: EvaluationTransaction) -> Outcome:
    """A session was moved: waves that hang on it move along."""
    before = await tx.cohorts.get(event.cohort_id) or Cohort(id=event.cohort_id)
    return await cohorts.keep_cohort(before, projection.moved(before, event), tx)


@enrolment.handles(SessionCancelled, loads=_cohort)
async def wait_no_longer(event: SessionCancelled, tx: EvaluationTransaction) -> Outcome:
    """A session does not take place: waves that hung on it hang on the others."""
    before = await tx.cohorts.get(event.cohort_id) or Cohort(id=event.cohort_id)
    return await cohorts.keep_cohort(before, projection.called_off(before, event), tx)


@enrolment.handles(SessionHeld, loads=_cohort)
async def keep_attendance(event: SessionHeld, tx: EvaluationTransaction) -> Outcome:
    """Who was there is known: only they are asked about it, and after the last session the last wave can open."""
    before = await tx.cohorts.get(event.cohort_id) or Cohort(id=event.cohort_id)
    erased = await tx.erased.get_many(event.attended)
    attended = tuple(employee for employee in event.attended if employee not in erased)
    record = event.model_copy(update={"attended": attended})
    return await cohorts.keep_cohort(before, projection.held(before, record), tx)


@enrolment.handles(CohortCancelled, loads=_cohort)
async def cancel_waves(event: CohortCancelled, tx: EvaluationTransaction) -> Outcome:
    """A cohort will not take place: nobody is asked about it."""
    before = await tx.cohorts.get(event.cohort_id) or Cohort(id=event.cohort_id)
    return await cohorts.keep_cohort(before, projection.cancelled(before, event), tx)


@enrolment.handles(PlaceConfirmed, loads=_place)
@enrolment.handles(PlaceCompleted, loads=_place)
@enrolment.handles(PlaceDeclined, loads=_place)
@enrolment.handles(PlacePaused, loads=_place)
@enrolment.handles(PlaceWithdrawn, loads=_place)
async def keep_members(event: CohortPlaceEvent | PlaceWithdrawn, tx: EvaluationTransaction) -> Outcome:
    """Somebody has come into a cohort, or is out of it: those who belong are asked."""
    return await cohorts.keep_membership(event, tx)


@enrolment.handles(ProgrammeRevised)
async def resolve_recommendations(event: ProgrammeRevised, tx: EvaluationTransaction) -> Outcome:
    """A programme reads differently: the recommendations that it answers are resolved."""
    return await recommending.revise(event, tx)


@notifications.handles(MessageFailed)
@notifications.handles(MessageBounced)
async def count_out_undeliverable(event: MessageFailed | MessageBounced, tx: EvaluationTransaction) -> None:
    """An invitation to a survey did not reach her, or came back: she was not asked, and does not count as silent."""
    if await tx.is_erased(event.employee_id) or event.kind != "survey":
        return
    for invitation in await tx.invitations.of_person(event.employee_id, [event.regarding]):
        if invitation.status is InvitationStatus.invited:
            tx.save(invitation.having(status=InvitationStatus.undeliverable))


@notifications.handles(HeartbeatPassed)
async def pass_heartbeat_on(event: HeartbeatPassed, tx: EvaluationTransaction) -> None:
    """A beat has come: pass it on to enrolment, where it began."""
    await heartbeat.came_to("evaluation", event, tx)
    tx.save(said.HeartbeatPassed(version=event.version, beat_id=event.beat_id, started_at=event.started_at))


@hr.handles(EmployeeChanged, loads=lambda event: [(StaffMember, event.employee_id)])
async def keep_who_leads_whom(event: EmployeeChanged, tx: EvaluationTransaction) -> Outcome:
    """HR tells how an employee stands: keep whom she has as manager from when, and nothing else."""
    after = staff.told(await tx.staff.get(event.employee_id), event, times.today(tx.now, tx.setup.zone))
    if await tx.is_erased(event.employee_id) or after is None:
        return Outcome.stale
    tx.save(after)
    return Outcome.applied


@hr.handles(EmployeeLeft, loads=lambda event: [(StaffMember, event.employee_id), (Departure, event.employee_id)])
async def keep_departure(event: EmployeeLeft, tx: EvaluationTransaction) -> Outcome:
    """Somebody leaves the municipality: from the day after her last she is asked nothing."""
    if await tx.is_erased(event.employee_id):
        return Outcome.stale
    stands = staff.told(await tx.staff.get(event.employee_id), event, times.today(tx.now, tx.setup.zone))
    if stands is not None:
        tx.save(stands)
    after = projection.departure(await tx.departures.get(event.employee_id), event)
    if after is None:
        return Outcome.stale
    tx.save(after)
    gone = times.gone_from(event.last_day, tx.setup.zone)
    if gone > tx.now:
        tx.save(Timer.of(GONE, event.employee_id, gone))
        return Outcome.held
    tx.cancel_timer(GONE, event.employee_id)
    await cohorts.leave(event.employee_id, tx)
    return Outcome.applied


@hr.handles(EmployeeErased, loads=lambda event: [(Erased, event.employee_id)])
async def erase_person(event: EmployeeErased, tx: EvaluationTransaction) -> Outcome:
    """The archive rule for somebody's records has run out: nothing that names her is left, nor her answers."""
    tx.cancel_timer(GONE, event.employee_id)
    return await erasure.erase(event, tx)


def _people(event: StaffReconciled) -> list[tuple[type[Document], str]]:
    gone = [each.employee_id for each in event.missing]
    everybody = [*(each.employee_id for each in event.changed), *gone]
    return [*((StaffMember, one) for one in everybody), *((Departure, one) for one in gone)]


@enrolment.handles(StaffReconciled, loads=_people)
async def keep_to_snapshot(event: StaffReconciled, tx: EvaluationTransaction) -> Outcome:
    """A snapshot of the staff tells who leads whom; whoever it lacks has left and is asked nothing."""
    today, news = times.today(tx.now, tx.setup.zone), False
    erased = await tx.erased.get_many(employee_id for _, employee_id in _people(event))
    for told in (each for each in event.changed if each.employee_id not in erased):
        stands = staff.reconciled(await tx.staff.get(told.employee_id), told, event.taken_at, today)
        if stands is not None:
            tx.save(stands)
            news = True
    for gone in (each for each in event.missing if each.employee_id not in erased):
        stands = staff.missing(await tx.staff.get(gone.employee_id), gone, event.taken_at)
        if stands is not None:
            tx.save(stands)
        after = projection.missing(await tx.departures.get(gone.employee_id), gone)
        if after is not None:
            tx.save(after)
            tx.cancel_timer(GONE, gone.employee_id)
            await cohorts.leave(gone.employee_id, tx)
        news |= stands is not None or after is not None
    return Outcome.applied if news else Outcome.stale


@timers.due(GONE)
async def ask_no_more(timer: Timer, tx: EvaluationTransaction) -> None:
    """Somebody's last day has passed."""
    await cohorts.leave(timer.subject, tx)


@timers.due(planning.OPEN)
async def open_wave(timer: Timer, tx: EvaluationTransaction) -> None:
    """A wave's time has come."""
    await cohorts.open_wave(timer.subject, tx)


@timers.due(planning.CLOSE)
async def close_wave(timer: Timer, tx: EvaluationTransaction) -> None:
    """A wave's time is over."""
    await cohorts.close_wave(timer.subject, tx)


@timers.due(planning.REMIND)
async def remind(timer: Timer, tx: EvaluationTransaction) -> None:
    """A wave has been open for a while: those who have not answered are asked once more."""
    await asking.remind(timer, tx)


@timers.due(DESTROY)
async def destroy_answers(timer: Timer, tx: EvaluationTransaction) -> None:
    """Nothing more is made of a cohort's answers."""
    await retention.destroy(timer.subject, tx)
