"""Who waits for a programme, while HR corrects what it has said."""

from datetime import timedelta

from services.enrolment.commands import places
from shared.events.enrolment import PersonQueued, PlaceWithdrawn
from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import hr_says

HOUR = timedelta(hours=1)


async def later(office: Office, time: timedelta) -> None:
    await office.service.advance_to(office.service.clock.now() + time)


async def test_corrections_to_and_fro_queue_her_once_and_take_her_out_once_in_the_settling_time(office: Office) -> None:
    await office.publishes()
    for version in range(1, 11):
        level = "first_line" if version % 2 else "none"
        await office.service.receives(hr_says("E1", version=version, level=level))
        await later(office, HOUR)
    assert await office.states() == {"FLC:E1:1": "queued"}
    await later(office, 14 * HOUR)
    assert await office.states() == {"FLC:E1:1": "queued"}
    await later(office, 9 * HOUR)  # a day after the last correction
    assert await office.states() == {"FLC:E1:1": "withdrawn"}
    assert (len(office.service.said(PersonQueued)), len(office.service.said(PlaceWithdrawn))) == (1, 1)


async def test_a_mistake_that_was_corrected_before_it_settled_has_changed_nothing(office: Office) -> None:
    await office.publishes()
    await office.service.receives(hr_says("E1"), hr_says("E1", version=2, level="middle"), hr_says("E1", version=3))
    await later(office, 48 * HOUR)
    assert await office.states() == {"FLC:E1:1": "queued"}
    assert office.service.said(PlaceWithdrawn) == []


async def test_a_mistake_about_somebody_who_has_waited_for_long_does_not_cost_her_the_turn(office: Office) -> None:
    await office.publishes()
    await office.service.receives(hr_says("E1"))
    await later(office, 60 * 24 * HOUR)
    waited = (await office.place("E1")).in_line
    await office.service.receives(hr_says("E1", version=2, level="none"))
    await later(office, HOUR)
    await office.service.receives(hr_says("E1", version=3))
    await later(office, 48 * HOUR)
    assert ((await office.place("E1")).state, (await office.place("E1")).in_line) == ("queued", waited)


async def test_leaving_is_not_delayed_by_settling(office: Office) -> None:
    await office.publishes()
    await office.service.receives(hr_says("E1"), hr_says("E1", version=2, employed_to="2026-08-31"))
    assert await office.states() == {"FLC:E1:1": "withdrawn"}


async def test_nobody_who_is_no_longer_eligible_is_offered_a_seat_while_it_settles(office: Office) -> None:
    await office.staff(4)
    await office.publishes()
    await office.schedules()
    await office.service.receives(hr_says("E0", version=2, unit_id="D0", level="middle"))
    composition = await office.composes()
    assert "E0" not in [person.employee_id for person in composition.chosen]  # type: ignore[union-attr]
    assert (await office.place("E0")).state == "queued"


async def test_whose_offer_is_taken_back_after_a_promotion_waits_no_longer(office: Office) -> None:
    await office.group(2)
    await office.service.receives(hr_says("E0", version=2, unit_id="D0", level="middle"))
    await later(office, 24 * HOUR)
    await office.service.delivery.run(lambda tx: places.take_back(tx, "FLC:E0:1", "A mistake."))
    await later(office, timedelta())
    assert (await office.place("E0")).state == "withdrawn"


async def test_what_the_office_writes_takes_effect_at_once(office: Office) -> None:
    await office.staff(1)
    await office.publishes()
    await office.publishes(audience={"levels": ("middle",)})
    assert await office.states() == {"FLC:E0:1": "withdrawn"}


async def test_whom_the_office_has_taken_out_no_new_text_of_the_programme_queues_again(office: Office) -> None:
    await office.staff(2)
    await office.publishes()
    await office.service.delivery.run(lambda tx: places.withdraw(tx, "FLC:E0:1", "Agreed with her."))
    await office.publishes(offer={"answer_within_days": 5})
    assert await office.states() == {"FLC:E0:1": "withdrawn", "FLC:E1:1": "queued"}


async def test_no_new_text_of_a_programme_queues_again_whoever_has_been_through_it(office: Office) -> None:
    await office.staff(5)
    await office.publishes(audience={"excludes_completed": []})
    await office.schedules()
    members = [person.employee_id for person in (await office.composes()).chosen]  # type: ignore[union-attr]
    for member in members:
        await office.answers(member, "accept")
    for module in ("M1", "M2"):
        await office.records(module, *members[1:])  # the first attends too little
    await office.publishes(audience={"excludes_completed": []}, purpose={"sv": "Rättat.", "en": "Corrected."})
    ended = {f"FLC:{member}:1": "completed" for member in members[1:]} | {f"FLC:{members[0]}:1": "withdrawn"}
    assert {place: state for place, state in (await office.states()).items() if state != "queued"} == ended
    assert len(await office.states()) == 5


async def test_names_in_an_audience_that_nobody_knows_are_pointed_out_to_the_office(office: Office) -> None:
    applied = await office.publishes(audience={"requires_completed": ("XYZ",), "units": ("D99",)})
    assert "there is no programme XYZ: nobody can have completed it" in applied.concerns
    assert "HR has not told about a unit D99: nobody works there" in applied.concerns


async def test_what_the_office_says_of_her_turn_does_not_end_the_settling_time(office: Office) -> None:
    await office.publishes()
    await office.service.receives(hr_says("E1"), hr_says("E1", version=2, level="none"))
    await office.service.delivery.run(lambda tx: places.put_in_line(tx, "FLC:E1:1", first=True, note=""))
    await later(office, HOUR)  # a minute after it was published, everybody is looked at again
    assert await office.states() == {"FLC:E1:1": "queued"}
