"""The mailbox as a door: mail is marked only when it is committed, and one that cannot be taken stops no other."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pymongo.errors import ConnectionFailure

from services.notifications.inbound import Inbox, Mailbox, MailboxDoor
from services.notifications.model import Message
from tests.flow.notifications.imap import ScriptedMailbox, mailbox
from tests.flow.notifications.stage import Notifications, messages
from tests.flow.notifications.test_inbound import RECEPTION
from tests.unit.notifications import incoming_mails as mails


@asynccontextmanager
async def emptying(service: Notifications, box: ScriptedMailbox) -> AsyncIterator[None]:
    where = Mailbox.at(f"imap://asa%40kommun.example:secret@127.0.0.1:{box.port}/INBOX")
    task = asyncio.create_task(MailboxDoor(Inbox(service.delivery, RECEPTION), where, 0.05).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await service.published()


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not reached():  # noqa: ASYNC110 — plain waiting
            await asyncio.sleep(0.02)


async def letters(service: Notifications) -> list[Message]:
    return [each for each in await messages(service) if each.kind == "forwarded"]


async def test_mail_is_taken_out_of_the_mailbox_and_marked(service: Notifications) -> None:
    async with mailbox(mails.letter("Ett"), mails.letter("Två")) as box, emptying(service, box):
        await until(lambda: box.seen == {1, 2})
    assert len(await letters(service)) == 2


async def test_the_same_mail_in_the_mailbox_and_at_the_other_door_counts_once(service: Notifications) -> None:
    async with mailbox(mails.letter(), mails.letter()) as box, emptying(service, box):
        await until(lambda: box.seen == {1, 2})
    assert len(await letters(service)) == 1


async def test_mail_stays_until_the_database_is_back(service: Notifications, monkeypatch: pytest.MonkeyPatch) -> None:
    run, tried = service.delivery.run, []

    async def away_at_first(*args: Any, **named: Any) -> Any:
        tried.append(1)
        if len(tried) < 3:
            assert not box.seen
            raise ConnectionFailure("away")
        return await run(*args, **named)

    monkeypatch.setattr(service.delivery, "run", away_at_first)
    async with mailbox(mails.letter()) as box, emptying(service, box):
        await until(lambda: box.seen == {1})
    assert (len(tried), len(await letters(service))) == (3, 1)


async def test_a_mail_that_meets_a_fault_of_ours_stays_and_stops_no_other(
    service: Notifications, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, tried = service.delivery.run, []

    async def broken_at_first(*args: Any, **named: Any) -> Any:
        tried.append(1)
        if len(tried) == 1:
            raise LookupError("ours")
        return await run(*args, **named)

    monkeypatch.setattr(service.delivery, "run", broken_at_first)
    async with mailbox(mails.letter("Ett"), mails.letter("Två")) as box, emptying(service, box):
        await until(lambda: box.seen == {1, 2})
    assert len(await letters(service)) == 2


@pytest.mark.parametrize("url", ["imaps://host", "http://name:word@host", "name@host"])
def test_what_is_no_mailbox_is_refused_at_start(url: str) -> None:
    with pytest.raises(ValueError, match="not a mailbox: write imaps"):
        Mailbox.at(url)
