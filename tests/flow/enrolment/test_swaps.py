"""Two colleagues exchange groups; the doors through which the office does things with places."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from httpx import AsyncClient

from services.enrolment.commands import cohorts, places, swaps
from services.enrolment.commands.swaps import Swapped
from services.enrolment.model import Cohort
from services.enrolment.rules.attendance import Said
from services.enrolment.rules.refusal import Refusal
from services.enrolment.store import EnrolmentTransaction
from shared.events.enrolment import PlaceConfirmed, PlaceOffered
from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import hr_says

FIRST, SECOND = ("E0", "E1"), ("E2", "E3")


async def two_groups(office: Office, *reports: tuple[str, str], second: date = date(2026, 11, 3)) -> None:
    """E0 and E1 in one group, E2 and E3 in another; `reports` says who has whom as manager."""
    managers = dict(reports)
    await office.publishes(group={"max": 2, "max_share_per_department": 1.0})
    for number in range(4):
        office.service.clock.moment += timedelta(hours=1)
        name = f"E{number}"
        await office.service.receives(hr_says(name, unit_id=f"D{number}", manager_id=managers.get(name)))
    for cohort_id, day in (("FLC-1", date(2026, 10, 20)), ("FLC-2", second)):
        await office.schedules(day, cohort_id)
        await office.composes(cohort_id)
    for name in (*FIRST, *SECOND):
        await office.answers(name, "accept")


async def swap(office: Office, one: str, other: str, *, force: bool = False, note: str = "") -> Swapped | Refusal:
    async def work(tx: EnrolmentTransaction) -> Swapped | Refusal:
        return await swaps.swap(tx, f"FLC:{one}:1", f"FLC:{other}:1", force=force, note=note)

    done = await office.service.delivery.run(work)
    await office.service.published()
    return done


async def group(office: Office, cohort_id: str) -> Cohort:
    cohort = await office.service.delivery.run(lambda tx: tx.cohorts.get(cohort_id))
    assert cohort
    return cohort


async def who(office: Office, cohort_id: str) -> Sequence[str]:
    return sorted(seat.split(":")[1] for seat in (await group(office, cohort_id)).seats)


async def test_two_colleagues_exchange_groups_and_nobody_else_is_touched(office: Office) -> None:
    await two_groups(office)
    done = await swap(office, "E0", "E2")
    assert isinstance(done, Swapped)
    assert done.broken == ()
    assert (await who(office, "FLC-1"), await who(office, "FLC-2")) == (["E1", "E2"], ["E0", "E3"])
    first, second = office.service.said(PlaceConfirmed)[-2:]
    assert (first.place_id, first.cohort_id, first.sessions[0].session_id) == ("FLC:E0:1", "FLC-2", "FLC-2:M1")
    assert (second.place_id, second.cohort_id) == ("FLC:E2:1", "FLC-1")
    assert (await office.place("E0")).history[-1].cohort_id == "FLC-2"


async def test_a_swap_that_puts_a_manager_beside_her_report_is_refused_with_the_reason(office: Office) -> None:
    await two_groups(office, ("E3", "E0"))
    refusal = await swap(office, "E0", "E2")
    assert isinstance(refusal, Refusal)
    assert refusal.slug == "breaks-rules"
    assert "E0 in FLC-2: Your manager, or somebody you manage" in refusal.detail
    assert await who(office, "FLC-1") == ["E0", "E1"]


async def test_the_office_may_insist_on_a_swap_with_a_note(office: Office) -> None:
    await two_groups(office, ("E3", "E0"))
    assert isinstance(await swap(office, "E0", "E2", force=True), Refusal)
    done = await swap(office, "E0", "E2", force=True, note="both want it so")
    assert isinstance(done, Swapped)
    assert [(each.employee_id, each.reason.code) for each in done.broken] == [("E0", "OwnManagerInGroup")]
    assert (await office.place("E0")).history[-1].note == "both want it so"


async def test_a_leave_at_the_other_groups_first_session_breaks_a_swap(office: Office) -> None:
    await two_groups(office)
    away = {"from": "2026-11-01", "to": "2026-11-10"}
    await office.service.receives(hr_says("E0", version=2, unit_id="D0", absent=away))
    refusal = await swap(office, "E0", "E2")
    assert isinstance(refusal, Refusal)
    assert "E0 in FLC-2: You are on leave until 10 November 2026." in refusal.detail


@pytest.mark.parametrize(
    ("one", "other", "slug"), [("E0", "E1", "same-group"), ("E0", "E9", "no-such-place"), ("E0", "E0", "same-group")]
)
async def test_a_swap_that_makes_no_sense_is_refused(office: Office, one: str, other: str, slug: str) -> None:
    await two_groups(office)
    refusal = await swap(office, one, other, force=True, note="x")
    assert isinstance(refusal, Refusal)
    assert refusal.slug == slug


async def test_whoever_has_not_said_yes_cannot_swap(office: Office) -> None:
    await office.group(4)
    refusal = await swap(office, "E0", "E1", force=True, note="x")
    assert isinstance(refusal, Refusal)
    assert refusal.slug == "not-confirmed"


async def test_between_groups_of_different_progress_nobody_swaps(office: Office) -> None:
    await two_groups(office)
    await office.service.advance_to((await group(office, "FLC-1")).first_session.ends_at)
    refusal = await swap(office, "E0", "E2", force=True, note="x")
    assert isinstance(refusal, Refusal)
    assert refusal.slug == "other-progress"


async def test_whoever_swaps_in_the_middle_keeps_what_she_has_attended(office: Office) -> None:
    await two_groups(office, second=date(2026, 10, 21))
    await office.service.advance_to((await group(office, "FLC-2")).first_session.ends_at)
    for cohort_id, names in (("FLC-1", FIRST), ("FLC-2", SECOND)):
        said = dict.fromkeys(names, Said())
        await office.service.delivery.run(
            lambda tx, c=cohort_id, s=said: cohorts.record_attendance(tx, c, f"{c}:M1", s)  # type: ignore[misc]
        )
    assert isinstance(await swap(office, "E0", "E2"), Swapped)
    confirmed = office.service.said(PlaceConfirmed)[-2]
    assert (confirmed.cohort_id, confirmed.excused) == ("FLC-2", ("FLC-2:M1",))


async def test_there_is_no_way_to_give_a_seat_to_a_substitute(office: Office) -> None:
    """A place is personal: whoever takes a seat over has waited for it, or swaps her own."""
    await two_groups(office)
    await office.service.receives(hr_says("E7", unit_id="D7"))
    refusal = await swap(office, "E0", "E7", force=True, note="she comes instead of me")
    assert isinstance(refusal, Refusal)
    assert refusal.slug == "not-confirmed"


async def test_a_swap_is_rehearsed_over_http_before_it_is_done(office: Office, door: AsyncClient) -> None:
    await two_groups(office, ("E3", "E0"))
    asked = {"one": "FLC:E0:1", "other": "FLC:E2:1"}
    preview = (await door.post("/api/places/swap?preview=true", json=asked)).json()
    assert [each["reason"]["code"] for each in preview["broken"]] == ["OwnManagerInGroup"]
    assert await who(office, "FLC-1") == ["E0", "E1"]
    assert (await door.post("/api/places/swap", json=asked)).status_code == 409
    insisted = await door.post("/api/places/swap", json=asked | {"force": True, "note": "agreed"})
    assert insisted.json()["one"]["cohort_id"] == "FLC-2"


async def test_the_office_puts_first_takes_back_and_ends_places_over_http(office: Office, door: AsyncClient) -> None:
    await office.publishes(group={"max": 2, "max_share_per_department": 1.0})
    for number in range(4):
        office.service.clock.moment += timedelta(hours=1)
        await office.service.receives(hr_says(f"E{number}", unit_id=f"D{number}"))
    await office.schedules()
    await office.composes()
    first = await door.post("/api/places/FLC:E3:1/priority", json={"first": True, "note": "agreed"})
    assert (first.json()["priority"], first.json()["history"][-1]["note"]) == (2, "agreed")
    assert (await door.post("/api/places/FLC:E0:1/take-back", json={})).json()["state"] == "queued"
    assert (await door.post("/api/places/FLC:E1:1/withdraw", json={"note": "x"})).json()["state"] == "withdrawn"
    assert (await door.post("/api/places/FLC:E1:1/withdraw", json={})).status_code == 409
    assert (await door.post("/api/places/FLC:E1:1/priority", json={"note": "x"})).status_code == 409
    assert (await door.post("/api/places/FLC:E9:1/take-back", json={})).status_code == 404
    await office.service.published()
    assert [offer.employee_id for offer in office.service.said(PlaceOffered)] == ["E0", "E1", "E3", "E2"]
    assert isinstance(await office.service.delivery.run(lambda tx: places.take_back(tx, "FLC:E0:1", "")), Refusal)


async def test_a_swap_can_only_be_asked_for_and_is_no_place(door: AsyncClient) -> None:
    looked = await door.get("/api/places/swap")
    assert (looked.status_code, looked.headers["allow"]) == (405, "POST")
    nobody = await door.get("/api/places/swaps")
    assert (nobody.status_code, nobody.json()["detail"]) == (404, "there is no place swaps: check its id")
