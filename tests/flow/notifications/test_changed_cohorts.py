"""What a change of a running cohort does to calendars: in whatever order its events come, and however often."""

from itertools import permutations

import pytest

from shared.delivery import Outcome
from shared.events.base import Event
from shared.events.enrolment import CohortScheduled, EvaluationFact, SessionFact
from tests.flow.notifications.stage import (
    PROGRAMME,
    Notifications,
    cohort_cancelled,
    confirmed,
    employee,
    entry,
    messages,
    offered,
    sent,
    session,
    session_cancelled,
    told,
)


def scheduled(*sessions: SessionFact, version: int = 20) -> CohortScheduled:
    """The cohort's sessions as they are after a change."""
    return CohortScheduled(
        cohort_id="FLC-1",
        version=version,
        programme="FLC",
        revision=2,
        title=PROGRAMME,
        sessions=sessions,
        evaluation=EvaluationFact(instruments=(), waves=()),
    )


async def member(service: Notifications) -> None:
    """She belongs to the cohort, and her calendar shows its two sessions."""
    await service.receives(employee(), confirmed())
    await sent(service)


async def test_a_session_added_to_a_known_cohort_comes_into_its_members_calendars(service: Notifications) -> None:
    await member(service)
    await service.receives(scheduled(session(1), session(2), session(3)))
    assert await told(service) == [("invite", "rendered"), ("invite", "sent"), ("invite", "sent")]
    [added] = [message for message in await messages(service) if message.regarding == "FLC-1~S3"]
    assert (await entry(service, added)).sequence == 0


async def test_an_added_session_is_told_once_however_often_it_is_heard_of(service: Notifications) -> None:
    await member(service)
    news = scheduled(session(1), session(2), session(3))
    assert await service.receives(news, news) == [Outcome.applied, Outcome.stale]
    assert len(await messages(service)) == 3


async def test_a_session_that_only_has_another_title_keeps_its_entry(service: Notifications) -> None:
    await member(service)
    renamed = session(1, version=2).model_copy(update={"title": PROGRAMME})
    await service.receives(scheduled(renamed, session(2)))
    update = (await messages(service))[-1]
    assert (update.kind, update.sequence) == ("update", 1)
    assert (await entry(service, update)).partstat == "ACCEPTED"


ADOPTION: tuple[Event, ...] = (
    confirmed(),
    session_cancelled(session(2, version=2)),
    scheduled(session(1), session(3)),
)


@pytest.mark.parametrize("order", list(permutations(ADOPTION)))
async def test_after_a_revision_is_adopted_calendars_are_right_in_any_order(
    service: Notifications, order: tuple[Event, ...]
) -> None:
    await service.receives(employee())
    for event in order:
        await service.receives(event)
        await sent(service)
    live = {m.regarding for m in await messages(service) if m.kind == "invite"}
    gone = {m.regarding for m in await messages(service) if m.kind == "cancel"}
    assert live - gone == {"FLC-1~S1", "FLC-1~S3"}


async def test_an_offer_that_was_not_sent_is_not_made_when_its_cohort_is_cancelled(service: Notifications) -> None:
    await service.receives(employee(), offered())
    await service.receives(cohort_cancelled())
    assert await told(service) == [("offer", "withdrawn")]


async def test_an_offer_in_a_cohort_that_is_known_to_be_cancelled_is_not_made(service: Notifications) -> None:
    await service.receives(employee(), cohort_cancelled(), offered())
    assert await told(service) == []
