"""What must hold of a whole stack, whatever it has been through."""

import asyncio
import re
from collections import Counter
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

from pymongo import MongoClient

from deploy.ctl.calls import Calls
from deploy.ctl.clock import SimulatedTime
from deploy.ctl.joining import broker_of, services_of, simulated_clock
from deploy.ctl.queues import Queues
from deploy.ctl.standing import Standing, deliveries
from deploy.local.stack import Stack


async def until_it_is(stack: Stack, moment: datetime) -> None:
    """Wait for a moment of the simulated clock."""
    clock = simulated_clock(stack.endpoints)
    while clock.now() < moment:  # noqa: ASYNC110 — the clock is a file
        await asyncio.sleep(0.01)


def mails_of(stack: Stack) -> list[Any]:
    """Every mail that has been sent."""
    assert stack.endpoints.maildir
    found = (file for file in stack.endpoints.maildir.rglob("*") if file.is_file())
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in found]


def entries(mails: list[Any]) -> Counter[tuple[str, str, str, str]]:
    """How often each revision of each person's calendar entry has been sent."""
    seen: Counter[tuple[str, str, str, str]] = Counter()
    for mail in mails:
        for part in mail.walk():
            if part.get_content_type() == "text/calendar":
                text = part.get_content()
                uid, sequence = (re.search(rf"^{name}:(\S+)", text, re.M) for name in ("UID", "SEQUENCE"))
                assert uid
                assert sequence
                seen[(mail["To"], part.get_param("method") or "", uid[1], sequence[1])] += 1
    return seen


async def agrees_after(stack: Stack, time: timedelta) -> None:
    """Let time pass; then every event is handled where it is bound, no promise is broken, nothing was said twice."""
    async with Calls(stack.endpoints.tokens.operator) as calls:
        standing = Standing(calls, services_of(stack.endpoints))
        queues, hands = Queues(broker_of(stack.endpoints, "operator")), simulated_clock(stack.endpoints)
        await SimulatedTime(hands, standing, queues).advance(hands.now() + time)
        await queues.close()
        ledgers = await standing.ledgers()
    told = [one for one in deliveries(ledgers, None) if one.published != one.handled]
    assert [one for one in told if ".heartbeat." not in one.event_type] == []  # one is always under way
    mails = mails_of(stack)
    assert [name for name, count in Counter(mail["Message-ID"] for mail in mails).items() if count > 1] == []
    assert [entry for entry, count in entries(mails).items() if count > 1] == []
    with MongoClient[dict[str, Any]](stack.endpoints.mongo) as client:
        assert list(client["notifications"]["breaches"].find({"healed_at": None})) == []
