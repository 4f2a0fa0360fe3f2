"""The contact book after a snapshot of the staff: who is written to again, and who no more."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.notifications.model import Contact
from shared.delivery import Outcome
from shared.events.enrolment import Missing, StaffReconciled
from tests.flow.notifications.stage import Notifications, employee

TAKEN = datetime(2026, 8, 17, 5, tzinfo=UTC)
GONE = Missing(employee_id="E1", version=1, last_day=date(2026, 8, 16))


def reconciled(taken_at: datetime = TAKEN, **facts: Any) -> StaffReconciled:
    return StaffReconciled(snapshot_id="S1", version=5, taken_at=taken_at, page=1, **facts)


async def contact(service: Notifications) -> Contact:
    row = await service.delivery.database["contacts"].find_one({"_id": "E1"})
    return Contact.model_validate(row)


async def has_left(service: Notifications) -> bool:
    return (await contact(service)).has_left(service.clock.now().date())


async def test_a_changed_record_in_a_snapshot_is_hrs_word_like_any_other(service: Notifications) -> None:
    await service.receives(employee(), reconciled(changed=(employee(version=2, email="new@kommun.example"),)))
    known = await contact(service)
    assert known.card
    assert (known.version, known.card.email) == (2, "new@kommun.example")


async def test_whoever_is_missing_is_written_to_no_more_and_hrs_next_word_counts(service: Notifications) -> None:
    await service.receives(employee(), reconciled(missing=(GONE,)))
    assert await has_left(service)
    assert await service.receives(employee(version=2)) == [Outcome.applied]
    assert not await has_left(service)


async def test_whoever_hr_told_about_since_is_not_missing(service: Notifications) -> None:
    outcomes = await service.receives(employee(version=2), reconciled(missing=(GONE,)))
    assert outcomes == [Outcome.applied, Outcome.stale]
    assert not await has_left(service)


async def test_a_newer_snapshot_brings_her_back_with_the_version_she_had_in_whatever_order_they_come(
    service: Notifications,
) -> None:
    back = reconciled(TAKEN + timedelta(days=1), changed=(employee(),))
    await service.receives(employee(), reconciled(missing=(GONE,)), back, reconciled(missing=(GONE,)))
    assert not await has_left(service)


async def test_being_told_missing_twice_changes_nothing_the_second_time(service: Notifications) -> None:
    await service.receives(employee())
    once = reconciled(missing=(GONE,))
    assert await service.receives(once, once) == [Outcome.applied, Outcome.stale]
