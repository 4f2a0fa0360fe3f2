"""Calendars: what each member's shows after events in any order."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from shared.delivery import Outcome
from shared.events.base import Event
from tests.flow.notifications.stage import (
    NEXT_MONTH,
    Notifications,
    cohort_cancelled,
    confirmed,
    employee,
    entry,
    invitations,
    lines,
    messages,
    rescheduled,
    sent,
    session,
    session_cancelled,
    told,
    withdrawn,
)

SESSIONS = (session(1), session(2))
MOVED = session(1, version=2, starts_at=NEXT_MONTH + timedelta(days=1))


async def member(service: Notifications) -> None:
    """She belongs to the cohort, and her calendar shows it."""
    await service.receives(employee(), confirmed())
    await sent(service)


async def test_each_session_comes_as_a_mail_of_its_own(service: Notifications) -> None:
    await service.receives(employee(), confirmed())
    first, second = await messages(service)
    assert (first.kind, second.kind) == ("invite", "invite")
    event = await entry(service, first)
    assert event.sequence == 0
    assert event.partstat == "ACCEPTED"
    assert event.starts_at == NEXT_MONTH
    assert (await entry(service, second)).uid != event.uid


async def test_moved_session_moves_the_same_entry(service: Notifications) -> None:
    await member(service)
    await service.receives(rescheduled(MOVED))
    update = (await messages(service))[-1]
    assert (update.kind, update.sequence) == ("update", 1)
    invite = next(m for m in await messages(service) if m.order_key == update.order_key and m.sequence == 0)
    before, after = await entry(service, invite), await entry(service, update)
    assert before.uid == after.uid
    assert after.stamped_at > before.stamped_at
    assert after.starts_at == MOVED.starts_at
    assert after.partstat == "NEEDS-ACTION"


async def test_new_room_alone_does_not_ask_her_again(service: Notifications) -> None:
    await member(service)
    await service.receives(rescheduled(session(1, version=2, location="Biblioteket")))
    update = (await messages(service))[-1]
    assert (await entry(service, update)).partstat == "ACCEPTED"


async def test_same_move_told_twice_is_one_update(service: Notifications) -> None:
    await member(service)
    assert await service.receives(rescheduled(MOVED), rescheduled(MOVED)) == [Outcome.applied, Outcome.stale]
    assert [kind for kind, _ in await told(service)].count("update") == 1


async def test_newer_version_with_the_same_content_sends_nothing(service: Notifications) -> None:
    await member(service)
    await service.receives(rescheduled(session(1, version=2)))
    assert {kind for kind, _ in await told(service)} == {"invite"}


async def test_older_version_of_a_session_is_ignored(service: Notifications) -> None:
    await member(service)
    late = rescheduled(session(1, version=2, starts_at=NEXT_MONTH + timedelta(days=9)))
    await service.receives(rescheduled(session(1, version=3, starts_at=NEXT_MONTH + timedelta(days=2))))
    assert await service.receives(late) == [Outcome.stale]
    update = (await messages(service))[-1]
    assert (await entry(service, update)).starts_at == NEXT_MONTH + timedelta(days=2)


async def test_unsent_invite_is_replaced_by_an_invite_with_the_next_sequence(service: Notifications) -> None:
    await service.receives(employee(), confirmed())
    await service.receives(rescheduled(MOVED))
    newest = (await messages(service))[-1]
    assert (newest.kind, newest.sequence, newest.state) == ("invite", 1, "rendered")
    assert ("invite", "superseded") in await told(service)


async def test_cancelled_session_leaves_the_calendar_with_its_reason(service: Notifications) -> None:
    await member(service)
    await service.receives(session_cancelled(session(1, version=2)))
    cancel = (await messages(service))[-1]
    event = await entry(service, cancel)
    assert (event.status, event.sequence, event.starts_at) == ("CANCELLED", 1, NEXT_MONTH)
    assert "Kursledaren är sjuk." in await lines(service, cancel)


async def test_invite_that_was_never_sent_needs_no_cancellation(service: Notifications) -> None:
    await service.receives(employee(), confirmed())
    await service.receives(withdrawn())
    assert await told(service) == [("invite", "superseded"), ("invite", "superseded")]


async def test_invite_in_a_senders_hands_is_cancelled_after_it(service: Notifications) -> None:
    await service.receives(employee(), confirmed())
    await service.delivery.database["messages"].update_many({}, {"$set": {"state": "leased"}})
    await service.receives(withdrawn())
    assert await told(service) == [("cancel", "rendered")] * 2 + [("invite", "leased")] * 2


async def test_who_is_out_keeps_what_she_attended_and_loses_what_is_to_come(service: Notifications) -> None:
    await member(service)
    await service.advance_to(NEXT_MONTH + timedelta(days=1))
    await sent(service)
    await service.receives(withdrawn())
    cancels = [message for message in await messages(service) if message.kind == "cancel"]
    assert [cancel.regarding for cancel in cancels] == ["FLC-1~S2"]
    assert "Skäl:" not in await lines(service, cancels[0])


async def test_cancelled_cohort_empties_every_members_calendar(service: Notifications) -> None:
    await service.receives(employee("E1"), employee("E2"), confirmed("E1"), confirmed("E2"))
    await sent(service)
    await service.receives(cohort_cancelled())
    assert await told(service) == [("cancel", "rendered")] * 4 + [("invite", "sent")] * 4


async def test_who_is_confirmed_after_the_cohort_was_cancelled_gets_nothing(service: Notifications) -> None:
    await service.receives(employee(), cohort_cancelled(), confirmed())
    assert await told(service) == []


async def test_who_comes_back_gets_entries_with_a_new_identity(service: Notifications) -> None:
    await member(service)
    await service.receives(withdrawn())
    await sent(service)
    await service.receives(confirmed(version=5, round=2))
    uids = {(one.session_id, one.round): one.uid for one in await invitations(service)}
    assert len(set(uids.values())) == 4
    live = [one for one in await invitations(service) if one.method == "REQUEST"]
    assert {(one.round, one.sequence) for one in live} == {(2, 0)}


async def test_identity_is_never_used_again_even_if_the_round_was_not_raised(service: Notifications) -> None:
    await member(service)
    await service.receives(withdrawn())
    await service.receives(confirmed(version=1, place_id="P-other"))
    assert {one.round for one in await invitations(service) if one.method == "REQUEST"} == {2}


async def test_place_taken_over_by_another_keeps_its_entries_when_the_old_one_ends(service: Notifications) -> None:
    await member(service)
    await service.receives(confirmed(version=1, place_id="P-other"), withdrawn())
    assert {kind for kind, _ in await told(service)} == {"invite"}


async def test_decision_older_than_the_newest_is_ignored(service: Notifications) -> None:
    await service.receives(employee())
    assert await service.receives(withdrawn(version=4), confirmed(version=3)) == [Outcome.applied, Outcome.stale]
    assert await told(service) == []


STORY: tuple[Event, ...] = (employee(), confirmed(), rescheduled(MOVED), session_cancelled(session(2, version=2)))


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=lambda order: "".join(map(str, order)))
async def test_calendar_ends_the_same_in_whatever_order_events_come(
    service: Notifications, order: tuple[int, ...]
) -> None:
    for number in order:
        await service.receives(STORY[number])
        await sent(service)
    live = {one.session_id: one for one in await invitations(service) if one.method == "REQUEST"}
    assert {session_id: one.appointment.starts_at for session_id, one in live.items()} == {"FLC-1~S1": MOVED.starts_at}
    newest = next(m for m in await messages(service) if m.id == live["FLC-1~S1"].message_id)
    assert (newest.state, (await entry(service, newest)).starts_at) == ("sent", MOVED.starts_at)


async def test_past_sessions_are_not_sent_to_somebody_who_joins_late(service: Notifications) -> None:
    await service.receives(employee())
    await service.advance_to(datetime(2026, 9, 20, tzinfo=UTC))
    await service.receives(confirmed())
    assert [message.regarding for message in await messages(service)] == ["FLC-1~S2"]


async def test_whoever_has_credit_for_a_session_is_not_invited_to_it(service: Notifications) -> None:
    await service.receives(employee(), confirmed(round=2, excused=["FLC-1~S1"]))
    await service.receives(rescheduled(MOVED))
    assert [(message.regarding, message.kind) for message in await messages(service)] == [("FLC-1~S2", "invite")]


async def test_whoever_swaps_groups_has_the_other_groups_sessions_and_no_longer_her_own(service: Notifications) -> None:
    await member(service)
    other = [fact.model_copy(update={"session_id": fact.session_id.replace("1~", "2~")}) for fact in SESSIONS]
    await service.receives(confirmed(version=4, cohort_id="FLC-2", sessions=other))
    live = {one.session_id: one.method for one in await invitations(service)}
    assert live == {"FLC-1~S1": "CANCEL", "FLC-1~S2": "CANCEL", "FLC-2~S1": "REQUEST", "FLC-2~S2": "REQUEST"}
    assert await told(service) == [("cancel", "rendered")] * 2 + [("invite", "rendered")] * 2 + [("invite", "sent")] * 2


async def test_whoever_swaps_back_gets_entries_with_a_new_identity(service: Notifications) -> None:
    await member(service)
    other = [fact.model_copy(update={"session_id": fact.session_id.replace("1~", "2~")}) for fact in SESSIONS]
    await service.receives(confirmed(version=4, cohort_id="FLC-2", sessions=other))
    await sent(service)
    await service.receives(confirmed(version=5))
    live = {one.session_id: one.round for one in await invitations(service) if one.method == "REQUEST"}
    assert live == {"FLC-1~S1": 2, "FLC-1~S2": 2}
