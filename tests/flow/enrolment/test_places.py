"""Offers, answers, deadlines, and the seats that pass on."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from services.enrolment.commands.places import Answer
from services.enrolment.model import SEATED
from services.enrolment.rules.composition import Composition
from services.enrolment.rules.refusal import Refusal
from shared.cloudevents import Reject
from shared.delivery import Outcome
from shared.events.base import LocalisedText, Reason
from shared.events.enrolment import (
    PersonSkipped,
    PlaceConfirmed,
    PlaceDeclined,
    PlaceExpired,
    PlaceOffered,
)
from shared.events.hr import EmployeeLeft
from shared.events.notifications import MessageFailed
from tests.flow.enrolment.conftest import LINKS
from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import hr_says


async def test_offers_go_to_as_many_as_there_are_seats(office: Office) -> None:
    assert len(await office.group(6, max=4)) == 4
    assert len(office.service.said(PlaceOffered)) == 4


async def test_an_offer_carries_a_signed_link_and_a_deadline(office: Office) -> None:
    await office.group(4)
    offer = office.service.said(PlaceOffered)[0]
    token = offer.answer_url.removeprefix("https://ledarskap.example/o/")
    assert LINKS.read("offer", token) == f"{offer.place_id}|1"
    assert offer.answer_by == office.service.clock.now() + timedelta(days=9)


async def test_the_same_seed_composes_the_same_group(office: Office) -> None:
    await office.staff(9)
    await office.publishes()
    await office.schedules(cohort_id="FLC-1")
    first = await office.composes("FLC-1", seed=3)
    assert isinstance(first, Composition)
    again = await office.composes("FLC-1", seed=3)
    assert isinstance(again, Composition)
    assert (len(first.chosen), again.chosen) == (4, ())


async def test_too_few_who_fit_are_refused_with_the_number_that_would(office: Office) -> None:
    await office.staff(1)
    await office.publishes(group={"max_share_per_department": 1.0})
    await office.schedules()
    refusal = await office.composes()
    assert isinstance(refusal, Refusal)
    assert refusal.detail.startswith("at most 1 of those who wait can sit together, and FLC-1 needs at least 2")


async def test_a_cohort_that_begins_tomorrow_is_not_composed(office: Office) -> None:
    await office.staff(4)
    await office.publishes()
    await office.schedules(first_day=date(2026, 9, 2))
    refusal = await office.composes()
    assert isinstance(refusal, Refusal)
    assert refusal.slug == "too-late"


async def test_a_yes_confirms_the_place_with_its_sessions(office: Office) -> None:
    members = await office.group(4)
    assert await office.answers(members[0], "accept") == "open"
    [confirmed] = office.service.said(PlaceConfirmed)
    assert [session.session_id for session in confirmed.sessions] == ["FLC-1:M1", "FLC-1:M2"]


async def test_a_yes_given_twice_counts_once(office: Office) -> None:
    members = await office.group(4)
    await office.answers(members[0], "accept")
    assert await office.answers(members[0], "accept") == "confirmed"
    assert len(office.service.said(PlaceConfirmed)) == 1


async def test_a_no_passes_the_seat_to_the_next_in_line(office: Office) -> None:
    members = await office.group(5)
    await office.answers(members[0], "decline")
    offers = [offer.employee_id for offer in office.service.said(PlaceOffered)]
    assert (len(offers), len(set(offers))) == (5, 5)


async def test_a_yes_can_become_a_no_before_the_first_session(office: Office) -> None:
    members = await office.everybody_accepts(5)
    assert await office.answers(members[0], "decline") == "confirmed"
    [declined] = office.service.said(PlaceDeclined)
    assert declined.employee_id == members[0]
    assert len((await office.cohort()).seats) == 4


async def test_a_yes_cannot_become_a_no_by_link_once_the_programme_has_begun(office: Office) -> None:
    members = await office.everybody_accepts(4)
    await office.service.advance_to(datetime(2026, 10, 20, 8, tzinfo=UTC))
    assert await office.answers(members[0], "decline") == "begun"
    assert (await office.place(members[0])).state == "confirmed"


async def test_an_offer_without_answer_expires_and_passes_on(office: Office) -> None:
    members = await office.group(5)
    for member in members[1:]:
        await office.answers(member, "accept")
    await office.service.advance_to(office.service.clock.now() + timedelta(days=9, minutes=1))
    assert [expired.employee_id for expired in office.service.said(PlaceExpired)] == [members[0]]
    assert sorted((await office.states()).values()) == ["confirmed", "confirmed", "confirmed", "expired", "offered"]


async def test_a_late_yes_changes_nothing(office: Office) -> None:
    members = await office.group(4)
    office.service.clock.moment += timedelta(days=10)  # the timer has not run yet
    assert await office.answers(members[0], "accept") == "expired"
    assert (await office.place(members[0])).state == "offered"


async def test_no_deadline_lies_past_the_first_session(office: Office) -> None:
    await office.staff(4)
    await office.publishes()
    cohort = await office.schedules(first_day=date(2026, 9, 4))
    await office.composes()
    deadlines = {offer.answer_by for offer in office.service.said(PlaceOffered)}
    assert deadlines == {cohort.first_session.starts_at - timedelta(hours=24)}


async def test_a_seat_that_becomes_free_the_day_before_stays_free(office: Office) -> None:
    members = await office.everybody_accepts(5)
    await office.service.advance_to(datetime(2026, 10, 19, 8, tzinfo=UTC))
    await office.answers(members[0], "decline")
    assert len(office.service.said(PlaceOffered)) == 4


async def test_whoever_is_passed_over_is_told_once_and_truly(office: Office) -> None:
    await office.publishes(group={"max": 3, "min": 2})
    await office.service.receives(hr_says("E0", unit_id="D0"))
    office.service.clock.moment += timedelta(hours=1)
    await office.service.receives(hr_says("E1", unit_id="D1", manager_id="E0"))
    office.service.clock.moment += timedelta(hours=1)
    await office.service.receives(*(hr_says(f"E{n}", unit_id=f"D{n}") for n in (2, 3, 4)))
    await office.schedules()
    composition = await office.composes()
    assert isinstance(composition, Composition)
    await office.answers(composition.chosen[2].employee_id, "decline")
    skipped = office.service.said(PersonSkipped)
    assert [(skip.employee_id, skip.reason.code) for skip in skipped] == [("E1", "OwnManagerInGroup")]
    assert (await office.place("E1")).state == "queued"


async def test_an_offer_that_cannot_be_delivered_is_seen_at_the_place(office: Office) -> None:
    members = await office.group(4)
    why = Reason(code="MailboxUnknown", text=LocalisedText(sv="Adressen finns inte.", en="No such address."))
    failed = MessageFailed(
        message_id="m1", kind="offer", employee_id=members[0], regarding=f"FLC:{members[0]}:1", version=1, reason=why
    )
    assert await office.service.receives(failed, failed) == [Outcome.applied, Outcome.stale]
    assert (await office.place(members[0])).undelivered == why


async def test_a_failed_offer_of_an_unknown_place_is_rejected(office: Office) -> None:
    why = Reason(code="X", text=LocalisedText(sv="x", en="x"))
    failed = MessageFailed(message_id="m", kind="offer", employee_id="E", regarding="P", version=1, reason=why)
    with pytest.raises(Reject, match="there is no place P"):
        await office.service.receives(failed)


async def test_parallel_answers_and_expiries_never_sell_a_seat_twice(office: Office) -> None:
    members = await office.group(12, max=5, max_share_per_department=1.0)
    both: tuple[Answer, ...] = ("decline", "accept", "accept")
    await asyncio.gather(*(office.answers(member, said) for member in members for said in both))
    await office.service.advance_to(office.service.clock.now() + timedelta(days=9, minutes=1))
    states = await office.states()
    cohort = await office.cohort()
    assert sorted(cohort.seats) == sorted(place for place, state in states.items() if state in SEATED)
    assert len(cohort.seats) <= 5


async def test_a_free_seat_is_offered_when_expiries_and_refusals_meet(office: Office) -> None:
    members = await office.group(12, max=4, max_share_per_department=1.0)
    office.service.clock.moment += timedelta(days=9)
    await asyncio.gather(
        office.service.timers.run_due(office.service.clock.now()),
        *(office.answers(member, "decline") for member in members),
    )
    await office.service.published()
    assert sorted((await office.states()).values()).count("offered") == 4


async def test_two_cohorts_composed_at_once_offer_nobody_two_seats(office: Office) -> None:
    await office.staff(8)
    await office.publishes(group={"max_share_per_department": 1.0})
    for cohort_id in ("FLC-1", "FLC-2"):
        await office.schedules(cohort_id=cohort_id)
    compositions = await asyncio.gather(office.composes("FLC-1"), office.composes("FLC-2"))
    chosen = [person.employee_id for group in compositions if isinstance(group, Composition) for person in group.chosen]
    assert (len(chosen), len(set(chosen))) == (8, 8)


async def test_whoever_leaves_while_she_answers_has_no_place_in_the_end(office: Office) -> None:
    members = await office.group(4)
    gone = EmployeeLeft(employee_id=members[0], version=2, last_day=date(2026, 8, 31))
    await asyncio.gather(office.answers(members[0], "accept"), office.service.receives(gone))
    assert (await office.place(members[0])).state == "withdrawn"
    assert len((await office.cohort()).seats) == 3


async def test_who_declined_is_not_queued_again_by_a_new_revision(office: Office) -> None:
    members = await office.group(5, max=4)
    await office.answers(members[0], "decline")
    applied = await office.publishes(title={"sv": "Ny titel", "en": "New title"})
    assert (applied.outcome, applied.queued) == ("revised", 0)
    assert (await office.employee(members[0])).places == {"FLC": 1}
