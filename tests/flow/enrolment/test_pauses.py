"""Leave, return and promotion in the middle of a programme."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.enrolment.commands import places, programmes
from services.enrolment.programme_file import ProgrammeFile
from shared.events.enrolment import PersonQueued, PlaceConfirmed, PlaceOffered, PlacePaused, PlaceWithdrawn
from shared.events.hr import EmployeeLeft
from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import hr_says, the_file

WINTER = {"from": "2026-11-01", "to": "2027-01-31"}


async def goes(office: Office, employee_id: str, version: int, **changes: Any) -> None:
    unit_id = f"D{employee_id.removeprefix('E')}"
    await office.service.receives(hr_says(employee_id, version=version, unit_id=unit_id, **changes))


async def accepts_again(office: Office) -> None:
    """E0 says yes to her second offer."""
    await office.service.delivery.run(lambda tx: places.answer(tx, "FLC:E0:1", 2, "accept"))
    await office.service.published()


async def on_leave_after_the_first_session(office: Office, waiting: int = 4) -> None:
    """Everybody was at the first session; then E0 goes on a leave that covers the second."""
    members = await office.everybody_accepts(waiting)
    assert "E0" in members
    await office.records("M1", *members)
    await goes(office, "E0", 2, absent=WINTER)
    await office.service.advance_to(datetime(2026, 11, 2, tzinfo=UTC))


async def test_whoever_is_back_from_leave_is_offered_a_later_group_with_credit_for_what_she_attended(
    office: Office,
) -> None:
    await on_leave_after_the_first_session(office)
    assert (await office.place("E0")).state == "paused"
    await office.service.advance_to(datetime(2027, 2, 1, 12, tzinfo=UTC))
    place = await office.place("E0")
    assert (place.state, place.priority, place.reason.code) == ("queued", 1, "BackFromLeave")
    assert [one.module for one in place.credits] == ["M1"]
    await office.service.receives(*(hr_says(f"E{n}", unit_id=f"D{n}", effective_from="2027-01-01") for n in (7, 8)))
    await office.schedules(date(2027, 4, 6), "FLC-2")
    await office.composes("FLC-2")
    assert office.service.said(PlaceOffered)[4].employee_id == "E0"
    await accepts_again(office)
    back = office.service.said(PlaceConfirmed)[-1]
    assert (back.cohort_id, back.round, back.excused) == ("FLC-2", 2, ("FLC-2:M1",))


async def test_a_group_that_has_begun_takes_her_for_what_she_has_not_attended(office: Office) -> None:
    await on_leave_after_the_first_session(office)
    await goes(office, "E0", 3)  # she is back after all, before the second session
    await office.service.advance_to(office.service.clock.now())
    offer = office.service.said(PlaceOffered)[-1]
    second = (await office.cohort()).sessions[1]
    assert (offer.employee_id, offer.cohort_id) == ("E0", "FLC-1")
    assert office.service.clock.now() < offer.answer_by <= second.starts_at - timedelta(hours=24)
    await accepts_again(office)
    assert office.service.said(PlaceConfirmed)[-1].excused == ("FLC-1:M1",)
    assert len((await office.cohort()).seats) == 4


async def test_a_seat_of_a_group_that_has_begun_goes_to_no_newcomer(office: Office) -> None:
    await on_leave_after_the_first_session(office, waiting=4)
    await office.service.receives(hr_says("E9", unit_id="D9"))
    await office.service.advance_to(datetime(2026, 11, 3, tzinfo=UTC))
    assert (await office.place("E9")).state == "queued"
    assert len((await office.cohort()).seats) == 3


async def test_a_leave_taken_back_the_same_day_costs_her_nothing_while_her_seat_is_free(office: Office) -> None:
    await office.everybody_accepts(4)
    now = {"from": "2026-09-01", "to": "2026-12-31"}
    await goes(office, "E0", 2, absent=now)
    assert (await office.place("E0")).state == "paused"
    await goes(office, "E0", 3)
    await office.service.advance_to(office.service.clock.now())
    assert [offer.employee_id for offer in office.service.said(PlaceOffered)][4:] == ["E0"]
    assert [type(event) for event in office.service.announced[-2:]] == [PersonQueued, PlaceOffered]
    assert len(office.service.said(PlacePaused)) == 1


async def test_whoever_comes_back_when_her_seat_is_gone_is_first_in_line(office: Office) -> None:
    await office.everybody_accepts(5, max=4)
    away = {"from": "2026-09-01", "to": "2026-12-31"}
    before = await office.cohort()
    gone = before.seats[0].split(":")[1]
    await goes(office, gone, 2, absent=away)
    assert len((await office.cohort()).seats) == 4
    await office.service.receives(hr_says("E9", unit_id="D9"))
    await goes(office, gone, 3)
    await office.answers((await office.cohort()).seats[0].split(":")[1], "decline")
    assert office.service.said(PlaceOffered)[-1].employee_id == gone


async def test_a_paused_place_ends_when_its_holder_leaves_or_the_programme_is_retired(office: Office) -> None:
    await on_leave_after_the_first_session(office)
    await office.service.receives(EmployeeLeft(employee_id="E0", version=3, last_day=date(2026, 11, 1)))
    assert (await office.place("E0")).state == "withdrawn"
    withdrawn = office.service.said(PlaceWithdrawn)[-1]
    assert (withdrawn.was, withdrawn.reason.code) == ("paused", "LeftEmployment")


async def with_next_programme(office: Office, policy: str, *modules: str, entry: str = "automatic") -> None:
    """A group in which everybody has said yes, and a programme for middle managers."""
    await office.staff(4)
    await office.publishes(policies={"on_promotion": policy})
    await office.schedules()
    await office.composes()
    for number in range(4):
        await office.answers(f"E{number}", "accept")
    one = the_file().modules[0].model_dump()
    content = the_file(
        code="MLC",
        audience={"levels": ["middle"], "excludes_completed": ["MLC"], "entry": entry},
        modules=[one | {"code": code} for code in modules or ("N1",)],
    )
    await office.service.delivery.run(lambda tx: programmes.apply(tx, ProgrammeFile.model_validate(content)))
    await office.service.published()


async def is_promoted(office: Office) -> None:
    await goes(office, "E0", 2, level="middle", effective_from="2026-09-01")


async def test_promotion_triggers_the_next_programme_with_credit_where_the_policy_is_transfer(office: Office) -> None:
    await with_next_programme(office, "transfer", "M1", "N2")
    await office.records("M1", "E0", "E1", "E2", "E3")
    await is_promoted(office)
    assert (await office.place("E0")).reason.code == "GoneToNextProgramme"
    queued = office.service.said(PersonQueued)[-1]
    assert (queued.place_id, queued.reason.code) == ("MLC:E0:1", "GoneToNextProgramme")
    place = await office.service.delivery.run(lambda tx: tx.places.get("MLC:E0:1"))
    assert place
    assert (place.priority, [one.module for one in place.credits]) == (1, ["M1"])


async def test_whoever_is_promoted_finishes_where_the_next_programme_takes_only_whom_somebody_names(
    office: Office,
) -> None:
    await with_next_programme(office, "transfer", entry="nominated")
    await is_promoted(office)
    assert ((await office.place("E0")).state, "MLC:E0:1" in await office.states()) == ("confirmed", False)


async def test_whoever_is_promoted_is_out_where_the_policy_is_withdraw(office: Office) -> None:
    await with_next_programme(office, "withdraw")
    await is_promoted(office)
    [withdrawn] = office.service.said(PlaceWithdrawn)
    assert (withdrawn.place_id, withdrawn.was, withdrawn.reason.code) == ("FLC:E0:1", "confirmed", "PromotedOut")
    assert (await office.states())["MLC:E0:1"] == "queued"


async def test_whoever_is_promoted_finishes_where_the_policy_is_finish(office: Office) -> None:
    await with_next_programme(office, "finish")
    await is_promoted(office)
    assert (await office.place("E0")).state == "confirmed"
    assert len((await office.cohort()).seats) == 4


async def test_a_returner_who_was_promoted_meanwhile_may_finish(office: Office) -> None:
    await on_leave_after_the_first_session(office)
    await goes(office, "E0", 3, absent=WINTER, level="middle", effective_from="2026-11-02")
    assert (await office.place("E0")).state == "paused"
    await goes(office, "E0", 4, level="middle", effective_from="2026-11-02")
    await office.service.advance_to(office.service.clock.now())
    assert (await office.place("E0")).state == "offered"
