"""What somebody answers from her calendar, and what it means for her place."""

from datetime import datetime, timedelta
from typing import Literal

import pytest

from services.enrolment.commands import cohorts
from shared.cloudevents import Reject
from shared.delivery import Outcome
from shared.events import LocalisedText, Reason
from shared.events.enrolment import PlaceDeclined
from shared.events.notifications import InvitationAnswered, MessageBounced
from tests.flow.enrolment.office import Office

Said = Literal["accepted", "declined", "tentative"]


async def confirmed(office: Office, attend_at_least: float = 0.8) -> str:
    """Somebody who has said yes to her place in a group with two sessions; a day goes by."""
    await office.staff(4)
    await office.publishes(completion={"attend_at_least": attend_at_least})
    await office.schedules()
    await office.composes()
    member = (await office.place("E1")).employee_id
    await office.answers(member, "accept")
    office.service.clock.moment += timedelta(days=1)
    return member


async def ids(office: Office) -> list[str]:
    return [session.session_id for session in (await office.cohort()).sessions]


async def says(office: Office, member: str, session_id: str, said: Said, at: datetime | None = None) -> Outcome | None:
    told = InvitationAnswered(
        version=1,
        place_id=f"FLC:{member}:1",
        employee_id=member,
        session_id=session_id,
        answer=said,
        answered_at=at or office.service.clock.now(),
    )
    return (await office.service.receives(told))[0]


async def noes(office: Office, member: str) -> list[str]:
    return [each.session_id for each in (await office.place(member)).answers if each.answer == "declined"]


async def test_a_no_to_one_session_is_seen_at_the_place_and_keeps_it(office: Office) -> None:
    member = await confirmed(office, attend_at_least=0.5)
    first, *_ = await ids(office)
    assert await says(office, member, first, "declined") is Outcome.applied
    assert await noes(office, member) == [first]
    assert (await office.place(member)).state == "confirmed"


async def test_a_yes_or_a_perhaps_changes_nothing_of_the_standing(office: Office) -> None:
    member = await confirmed(office)
    for session_id in await ids(office):
        await says(office, member, session_id, "accepted")
        office.service.clock.moment += timedelta(minutes=1)
        await says(office, member, session_id, "tentative")
    assert (await office.place(member)).state == "confirmed"


async def test_a_no_to_one_session_takes_nobodys_place_even_if_she_could_not_complete(office: Office) -> None:
    member = await confirmed(office)
    await says(office, member, (await ids(office))[0], "declined")
    assert (await office.place(member)).state == "confirmed"


async def test_noes_to_all_sessions_are_a_no_to_the_place(office: Office) -> None:
    member = await confirmed(office)
    for session_id in await ids(office):
        await says(office, member, session_id, "declined")
    assert (await office.place(member)).state == "declined"
    assert [each.employee_id for each in office.service.said(PlaceDeclined)] == [member]
    assert f"FLC:{member}:1" not in (await office.cohort()).seats


async def test_a_no_to_all_that_is_left_keeps_the_place_of_who_has_begun(office: Office) -> None:
    member = await confirmed(office)
    _, second = await ids(office)
    await office.records("M1", member)
    await says(office, member, second, "declined")
    assert (await office.place(member)).state == "confirmed"


async def test_a_no_to_a_time_that_is_no_more_does_not_add_up(office: Office) -> None:
    member = await confirmed(office, attend_at_least=0.5)
    first, second = await ids(office)
    await says(office, member, first, "declined")
    starts_at = (await office.cohort()).sessions[0].starts_at + timedelta(days=1)
    await office.service.delivery.run(
        lambda tx: cohorts.reschedule(tx, "FLC-1", first, starts_at=starts_at, ends_at=None, location=None)
    )
    await says(office, member, second, "declined")
    assert (await office.place(member)).state == "confirmed"


async def test_the_same_answer_twice_and_answers_in_the_wrong_order_leave_the_newest(office: Office) -> None:
    member = await confirmed(office)
    first, *_ = await ids(office)
    now = office.service.clock.now()
    assert await says(office, member, first, "accepted", now) is Outcome.applied
    assert await says(office, member, first, "accepted", now) is Outcome.stale
    assert await says(office, member, first, "declined", now - timedelta(minutes=5)) is Outcome.stale
    assert await noes(office, member) == []


async def test_an_answer_older_than_her_yes_by_the_link_is_about_something_else(office: Office) -> None:
    member = await confirmed(office)
    said_yes = (await office.place(member)).confirmed_at
    assert said_yes
    for session_id in await ids(office):
        assert await says(office, member, session_id, "declined", said_yes - timedelta(minutes=1)) is Outcome.stale
    assert (await office.place(member)).state == "confirmed"


async def test_a_yes_from_the_calendar_does_not_undo_a_no_by_the_link(office: Office) -> None:
    member = await confirmed(office)
    await office.answers(member, "decline")
    assert await says(office, member, (await ids(office))[0], "accepted") is Outcome.stale
    assert (await office.place(member)).state == "declined"


async def test_an_answer_about_an_unknown_place_is_rejected(office: Office) -> None:
    with pytest.raises(Reject, match="there is no place"):
        await says(office, "E77", "S", "declined")


async def test_an_offer_that_came_back_is_seen_at_the_place(office: Office) -> None:
    member = (await office.group(4))[0]
    why = Reason(code="no_mailbox", text=LocalisedText(sv="Adressen finns inte.", en="No such address."))
    back = MessageBounced(
        message_id="m1", kind="offer", employee_id=member, regarding=f"FLC:{member}:1", version=1, reason=why
    )
    assert await office.service.receives(back, back) == [Outcome.applied, Outcome.stale]
    assert (await office.place(member)).undelivered == why
