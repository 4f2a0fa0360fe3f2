"""Complaints 1 and 2: a freed seat goes to the first in line who may sit there, every skip is told, offers pass on."""

import asyncio
from datetime import UTC, datetime, timedelta

from services.enrolment.commands import places
from services.enrolment.model import KeptSeat, Place
from services.enrolment.rules.reasons import GroupCancelled, Nominated
from services.enrolment.rules.refusal import Refusal
from services.enrolment.store import EnrolmentTransaction
from shared.events.enrolment import PersonQueued, PersonSkipped, PlaceOffered, PlaceWithdrawn
from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import hr_says

HOUR = timedelta(hours=1)


async def arrive(office: Office, *numbers: int) -> None:
    """First-line managers of departments of their own are told about by HR, an hour apart."""
    for number in numbers:
        office.service.clock.moment += HOUR
        await office.service.receives(hr_says(f"E{number}", unit_id=f"D{number}"))


async def moment(office: Office) -> None:
    """What is due now is done."""
    await office.service.advance_to(office.service.clock.now())


async def in_order(office: Office, count: int, seats: int) -> None:
    """A composed group of the first, with everybody after them waiting an hour apart."""
    await office.publishes(group={"max": seats, "max_share_per_department": 1.0})
    await arrive(office, *range(count))
    await office.schedules()
    await office.composes()


async def of_office(office: Office, place: Place | Refusal) -> Place:
    await office.service.published()
    assert isinstance(place, Place), place
    return place


async def puts(office: Office, employee_id: str, *, first: bool) -> Place:
    change = office.service.delivery.run
    place_id = f"FLC:{employee_id}:1"
    return await of_office(
        office, await change(lambda tx: places.put_in_line(tx, place_id, first=first, note="agreed"))
    )


async def takes_back(office: Office, employee_id: str) -> Place:
    change = office.service.delivery.run
    return await of_office(office, await change(lambda tx: places.take_back(tx, f"FLC:{employee_id}:1", "too early")))


async def withdraws(office: Office, employee_id: str) -> Place:
    change = office.service.delivery.run
    return await of_office(office, await change(lambda tx: places.withdraw(tx, f"FLC:{employee_id}:1", "asked for")))


def offered(office: Office) -> list[str]:
    return [offer.employee_id for offer in office.service.said(PlaceOffered)]


async def test_a_freed_seat_goes_to_the_first_in_line_and_not_to_a_newcomer(office: Office) -> None:
    await in_order(office, 4, seats=2)
    await arrive(office, 9)
    await office.answers("E0", "decline")
    assert offered(office) == ["E0", "E1", "E2"]


async def test_a_freed_seat_passes_over_whoever_may_not_sit_there_and_she_is_told_why(office: Office) -> None:
    await in_order(office, 4, seats=2)
    long = {"from": "2026-10-01", "to": None}
    await office.service.receives(hr_says("E2", version=2, unit_id="D2", absent=long))
    await office.answers("E0", "decline")
    assert offered(office) == ["E0", "E1", "E3"]
    [skipped] = office.service.said(PersonSkipped)
    assert (skipped.employee_id, skipped.reason.code, skipped.cohort_id) == ("E2", "OnLeave", "FLC-1")
    [seen] = (await office.place("E2")).skips
    assert seen.reason.text.sv == "Du är ledig tills vidare."


async def test_the_last_in_line_beside_a_free_seat_is_told_why_it_is_not_hers(office: Office) -> None:
    await in_order(office, 2, seats=3)
    office.service.clock.moment += HOUR
    await office.service.receives(hr_says("E2", unit_id="D2", manager_id="E0"))
    for _ in range(2):
        await moment(office)
    assert [(skip.cohort_id, skip.reason.code) for skip in (await office.place("E2")).skips] == [
        ("FLC-1", "OwnManagerInGroup")
    ]
    await office.service.published()
    assert [skipped.employee_id for skipped in office.service.said(PersonSkipped)] == ["E2"]


async def test_a_department_gets_more_seats_as_its_group_grows(office: Office) -> None:
    """Of three, one may come from a department; of four, two."""
    await office.publishes(group={"min": 2, "max": 4, "max_share_per_department": 0.5})
    await arrive(office, 0, 1, 2)
    await office.schedules()
    await office.composes()
    office.service.clock.moment += HOUR
    await office.service.receives(hr_says("E3", unit_id="D0"))
    await moment(office)
    assert offered(office) == ["E0", "E1", "E2", "E3"]


async def test_whoever_is_put_first_gets_the_next_seat(office: Office) -> None:
    await in_order(office, 5, seats=2)
    await puts(office, "E4", first=True)
    await office.answers("E0", "decline")
    assert offered(office)[-1] == "E4"
    assert "PutFirst" in [step.reason.code for step in (await office.place("E4")).history if step.reason]


async def test_whoever_is_put_back_waits_where_she_was(office: Office) -> None:
    await in_order(office, 5, seats=2)
    await puts(office, "E4", first=True)
    await puts(office, "E4", first=False)
    await office.answers("E0", "decline")
    assert offered(office)[-1] == "E2"


async def test_a_seat_that_has_stayed_free_is_offered_to_whoever_comes_later(office: Office) -> None:
    await in_order(office, 2, seats=3)
    await arrive(office, 2)
    await moment(office)
    assert offered(office) == ["E0", "E1", "E2"]


async def test_of_many_who_come_at_once_the_first_in_line_gets_the_free_seat_and_the_queue_is_gone_through_once(
    office: Office,
) -> None:
    await in_order(office, 2, seats=3)
    office.service.clock.moment += HOUR
    await office.service.receives(*(hr_says(f"E{number}", unit_id=f"D{number}") for number in range(10, 40)))
    timers = await office.service.delivery.database["timers"].count_documents({"kind": "fill_seats"})
    await moment(office)
    assert (timers, len(offered(office))) == (1, 3)


async def test_a_seat_freed_while_somebody_joins_so_that_neither_sees_the_other_is_hers_a_minute_later(
    office: Office,
) -> None:
    await in_order(office, 3, seats=2)
    await withdraws(office, "E2")
    begun, freed = asyncio.Event(), asyncio.Event()

    async def joins_slowly(tx: EnrolmentTransaction) -> None:
        programme, she = await tx.programmes.get("FLC"), await tx.employees.get("E2")
        begun.set()
        await freed.wait()
        assert programme
        assert she
        await places.queue(tx, she, programme, Nominated())

    joining = asyncio.create_task(office.service.delivery.run(joins_slowly))
    await begun.wait()
    await office.answers("E0", "decline")
    freed.set()
    await joining
    assert offered(office) == ["E0", "E1"]
    await office.service.advance_to(office.service.clock.now() + timedelta(minutes=1))
    assert offered(office) == ["E0", "E1", "E2"]


async def test_a_free_seat_is_offered_when_whoever_waits_is_back_from_leave(office: Office) -> None:
    long = {"from": "2026-08-20", "to": None}
    await office.publishes(group={"max": 3, "max_share_per_department": 1.0})
    await arrive(office, 0, 1)
    await office.service.receives(hr_says("E2", unit_id="D2", absent=long))
    await office.schedules()
    await office.composes()
    assert offered(office) == ["E0", "E1"]
    await office.service.receives(hr_says("E2", version=2, unit_id="D2"))
    await moment(office)
    assert offered(office) == ["E0", "E1", "E2"]


async def test_a_free_seat_is_offered_when_a_manager_and_her_report_are_no_longer_that(office: Office) -> None:
    await office.publishes(group={"max": 3, "max_share_per_department": 1.0})
    await office.service.receives(hr_says("E0", unit_id="D0"), hr_says("E1", unit_id="D1"))
    office.service.clock.moment += HOUR
    await office.service.receives(hr_says("E2", unit_id="D2", manager_id="E0"))
    await office.schedules()
    await office.composes()
    await office.service.receives(hr_says("E2", version=2, unit_id="D2", manager_id="E9"))
    await moment(office)
    assert offered(office)[-1] == "E2"


async def test_an_offer_taken_back_blocks_no_seat(office: Office) -> None:
    await in_order(office, 3, seats=2)
    place = await takes_back(office, "E0")
    assert (place.state, place.not_in) == ("queued", ("FLC-1",))
    assert offered(office) == ["E0", "E1", "E2"]
    [withdrawn] = office.service.said(PlaceWithdrawn)
    assert (withdrawn.was, withdrawn.reason.code, withdrawn.cohort_id) == ("offered", "OfferTakenBack", "FLC-1")


async def test_whoever_had_an_offer_taken_back_keeps_her_turn_for_another_group_only(office: Office) -> None:
    await in_order(office, 3, seats=2)
    await takes_back(office, "E0")
    await office.answers("E1", "decline")
    await arrive(office, 4)
    await moment(office)
    assert offered(office) == ["E0", "E1", "E2", "E4"]
    assert [(one.employee_id, one.reason.code) for one in office.service.said(PersonSkipped)] == [
        ("E0", "OfferTakenBack")
    ]
    await office.schedules(cohort_id="FLC-2")
    await arrive(office, 5)
    await office.composes("FLC-2")
    assert offered(office)[4:] == ["E0", "E5"]


async def test_no_offer_runs_out_that_was_taken_back(office: Office) -> None:
    await in_order(office, 2, seats=2)
    await takes_back(office, "E0")
    await office.answers("E1", "accept")
    await office.service.advance_to(datetime(2026, 10, 1, tzinfo=UTC))
    assert (await office.place("E0")).state == "queued"


async def test_the_office_ends_a_place_and_the_seat_passes_on(office: Office) -> None:
    await in_order(office, 3, seats=2)
    place = await withdraws(office, "E0")
    assert (place.state, place.reason.code, place.history[-1].note) == ("withdrawn", "WithdrawnByOffice", "asked for")
    assert offered(office) == ["E0", "E1", "E2"]
    again = await office.service.delivery.run(lambda tx: places.withdraw(tx, "FLC:E0:1", ""))
    assert isinstance(again, Refusal)


async def test_an_expired_offer_passes_on_and_whoever_was_late_may_wait_again_once(office: Office) -> None:
    await in_order(office, 3, seats=2)
    await office.service.advance_to(office.service.clock.now() + timedelta(days=10))
    assert offered(office)[:3] == ["E0", "E1", "E2"]
    run = office.service.delivery.run
    again = await of_office(office, await run(lambda tx: places.ask_again(tx, "FLC:E0:1", 1)))
    assert (again.id, again.reason.code, again.state) == ("FLC:E0:2", "AskedAgain", "queued")
    twice = await run(lambda tx: places.ask_again(tx, "FLC:E0:1", 1))
    assert isinstance(twice, Refusal)
    assert twice.slug == "waits-already"


async def test_whoever_is_late_may_wait_again_before_the_timer_has_run(office: Office) -> None:
    await in_order(office, 3, seats=2)
    office.service.clock.moment += timedelta(days=10)
    again = await office.service.delivery.run(lambda tx: places.ask_again(tx, "FLC:E0:1", 1))
    await of_office(office, again)
    assert offered(office)[2] == "E2"
    assert (await office.place("E0")).state == "expired"


async def test_an_open_offer_is_answered_and_not_asked_for_again(office: Office) -> None:
    await in_order(office, 2, seats=2)
    refusal = await office.service.delivery.run(lambda tx: places.ask_again(tx, "FLC:E0:1", 1))
    assert isinstance(refusal, Refusal)
    assert refusal.slug == "not-expired"


async def test_no_offer_is_sent_after_the_deadline_or_the_start(office: Office) -> None:
    await in_order(office, 6, seats=2)
    first = (await office.cohort()).first_session.starts_at
    for days in (60, 48, 30, 3, 2, 1, 0):
        await office.service.advance_to(max(office.service.clock.now(), first - timedelta(days=days, minutes=-5)))
        for place_id in (await office.cohort()).seats:
            await office.answers(place_id.split(":")[1], "decline")
    offers = office.service.said(PlaceOffered)
    assert len(offers) > 2
    assert all(offer.answer_by <= first - timedelta(hours=24) for offer in offers)


async def test_a_seat_kept_for_a_post_is_offered_to_nobody(office: Office) -> None:
    await in_order(office, 3, seats=2)
    cohort = await office.cohort()

    async def keeps(tx: EnrolmentTransaction) -> None:
        tx.save(
            cohort.having(
                reserved=(KeptSeat(post="U1|senior", since=tx.now),), seats=cohort.seats[1:], version=cohort.version + 1
            )
        )

    await office.service.delivery.run(keeps)
    await arrive(office, 7)
    await moment(office)
    assert offered(office) == ["E0", "E1"]


async def test_of_a_cancelled_group_everybody_is_first_in_line_with_her_credit(office: Office) -> None:
    await in_order(office, 3, seats=2)
    await office.answers("E0", "accept")
    await office.records("M1", "E0")
    queued = len(office.service.said(PersonQueued))
    cohort = (await office.cohort()).having(state="cancelled")
    await office.service.delivery.run(lambda tx: places.requeue_members(tx, cohort, GroupCancelled()))
    await office.service.published()
    again = office.service.said(PersonQueued)[queued:]
    first = await office.place("E0")
    assert (first.priority, [one.module for one in first.credits], first.round) == (1, ["M1"], 2)
    assert {one.place_id for one in again} >= {"FLC:E0:1"}
    assert (await office.cohort()).seats == ()
