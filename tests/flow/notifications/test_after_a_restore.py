"""Mails that were sent before the database went back in time."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from deploy.backup.sent_mails import SentMails
from deploy.local.mongo import Mongo
from services.notifications.model import Message
from tests.flow.notifications.stage import (
    NEXT_MONTH,
    Notifications,
    confirmed,
    employee,
    entry,
    invitations,
    mail,
    messages,
    offered,
    rescheduled,
    sent,
    session,
    told,
)

NOW = datetime(2026, 8, 17, 6, tzinfo=UTC)


async def relay_says(
    service: Notifications, mongo: Mongo, *gone: Message, act: bool = True
) -> tuple[int, int, list[str], int]:
    def compare() -> tuple[int, int, list[str], int]:
        with MongoClient[dict[str, Any]](mongo.url, tz_aware=True) as client:
            database = client[service.delivery.database.name]
            return SentMails(frozenset(one.id for one in gone)).compare(database, NOW, act=act)

    return await asyncio.to_thread(compare)


async def gone_back(service: Notifications, *collections: str) -> None:
    """Lose what has been written since some moment at which these collections were empty."""
    for name in (*collections, "messages", "letters"):
        await service.delivery.database[name].delete_many({})


async def test_a_mail_that_is_written_again_after_a_restore_is_not_sent_again(
    service: Notifications, mongo: Mongo
) -> None:
    await service.receives(employee(), offered(), confirmed())
    before = await messages(service)
    assert [one.kind for one in before] == ["invite", "invite", "offer"]
    await gone_back(service, "memberships", "invitations", "sessions")
    assert await relay_says(service, mongo, *before) == (0, 3, [], 0)
    await service.receives(offered(), confirmed())
    assert await told(service) == [("invite", "sent"), ("invite", "sent"), ("offer", "sent")]
    assert {one.id for one in await messages(service)} == {one.id for one in before}


async def test_a_mail_that_the_relay_does_not_remember_is_sent(service: Notifications, mongo: Mongo) -> None:
    await service.receives(employee(), offered(), confirmed())
    before = await messages(service)
    await gone_back(service, "memberships", "invitations", "sessions")
    assert await relay_says(service, mongo, *before[:2]) == (0, 2, [], 0)
    await service.receives(offered(), confirmed())
    assert await told(service) == [("invite", "sent"), ("invite", "sent"), ("offer", "rendered")]


async def test_a_mail_that_was_about_to_go_when_the_backup_was_made_and_went_does_not_go_again(
    service: Notifications, mongo: Mongo
) -> None:
    await service.receives(employee(), offered())
    assert await told(service) == [("offer", "rendered")]
    assert await relay_says(service, mongo, *await messages(service), act=False) == (1, 0, [], 0)
    assert await told(service) == [("offer", "rendered")]
    assert await relay_says(service, mongo, *await messages(service)) == (1, 0, [], 0)
    assert await told(service) == [("offer", "sent")]
    assert (await relay_says(service, mongo))[3] == 0


async def test_a_calendar_that_was_told_more_than_we_know_takes_what_it_is_told_next(
    service: Notifications, mongo: Mongo
) -> None:
    await service.receives(employee(), confirmed())
    await sent(service)
    as_it_was = [row async for row in service.delivery.database["invitations"].find()]
    sessions = [row async for row in service.delivery.database["sessions"].find()]
    mails = [row async for row in service.delivery.database["messages"].find()]
    await service.receives(rescheduled(session(1, 2, NEXT_MONTH + timedelta(hours=2))))
    moved = (await messages(service))[-1]
    assert (moved.kind, moved.sequence) == ("update", 1)
    await gone_back(service, "invitations", "sessions")
    for name, rows in (("invitations", as_it_was), ("sessions", sessions), ("messages", mails)):
        await service.delivery.database[name].insert_many(rows)

    assert (await relay_says(service, mongo, moved))[2] == ["P-E1"]
    await service.receives(rescheduled(session(1, 2, NEXT_MONTH + timedelta(hours=4))))
    (first,) = [one for one in await invitations(service) if one.session_id == "FLC-1~S1"]
    newest = next(one for one in await messages(service) if one.id == first.message_id)
    assert newest.state == "rendered"
    assert (await entry(service, newest)).sequence == 2


async def test_ids_are_found_in_mails_and_in_the_log_of_a_relay(service: Notifications, tmp_path: Path) -> None:
    await service.receives(employee(), offered())
    (offer,) = await messages(service)
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "1").write_bytes((await mail(service, offer)).as_bytes())
    log = tmp_path / "mail.log"
    log.write_text(f"postfix/cleanup[7]: 4F2: message-id=<{'a' * 40}@kommun.example>\nmessage-id=<other@x>\n")
    assert SentMails.read([tmp_path / "new", log]).ids == {offer.id, "a" * 40}
