"""How fast mails are rendered and sent: `python -m tests.bench.mails`.

Sending is measured beside the same connections with nothing around them: the same bytes to the same server in the same
run, but no database, no lease and nothing kept. The two take turns; what counts is the ratio within a round. The
server stands once for a relay that works elsewhere (it takes its time to say yes, but none of our processors), once for
one that shares the machine with us and the database.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import uvloop

from deploy.local.mail import Mail
from deploy.local.mongo import Mongo
from services.notifications.invites import uid
from services.notifications.mailer import Connection, Relay
from services.notifications.model import Letter, Message, State
from services.notifications.rules.messages import draft
from services.notifications.sender import Sender
from services.notifications.store import MailQueue, NotificationsTransaction
from shared.cloudevents import uuid7
from shared.delivery import connect
from tests.flow.notifications.stage import Notifications, notifications
from tests.unit.notifications.samples import MAILROOM, SENDER, WRITTEN, calendar_mail, card

RENDERED_AT_LEAST = 1200
SENT_AT_LEAST = 0.8
CONNECTIONS = 4
IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
"""Where the server lays its mails: not on our database's disk, whose every flush would wait for them."""

ELSEWHERE = 0.006
"""Seconds that a relay elsewhere takes to say yes to a mail: what Postfix took here, over the loopback, with four
connections (1.5 to 2.2 ms a mail)."""


def invites(count: int) -> list[tuple[Message, Letter]]:
    """Finished invites to as many people."""
    finished = []
    for number in range(count):
        entry = calendar_mail(uid=uid("S1", f"E{number}", 1, SENDER.domain))
        person = card(given_name=f"Åsa {number}", email=f"e{number}@kommun.example")
        fresh = draft(
            entry,
            employee_id=f"E{number}",
            regarding="S1",
            key="invite",
            deadline=WRITTEN + timedelta(days=90),
            now=WRITTEN,
        )
        content = MAILROOM.render(fresh.id, entry, person, WRITTEN)
        message = fresh.having(state=State.rendered, contents=None, next_at=WRITTEN)
        finished.append((message, Letter(id=fresh.id, address=MAILROOM.address_of(person), content=content)))
    return finished


def rendering(count: int, rounds: int) -> bool:
    """Render in one process on one core; whether it is as fast as it must be."""
    invites(50)  # templates are compiled once
    speeds = []
    for _ in range(rounds):
        began = time.process_time()
        invites(count)
        speeds.append(count / (time.process_time() - began))
    print(f"rendering {statistics.median(speeds):7.0f} invites/s on one core (at least {RENDERED_AT_LEAST} wanted)")
    return statistics.median(speeds) >= RENDERED_AT_LEAST


def pool(server: Mail) -> list[Connection]:
    """Connections as the service has them."""
    return [Connection(Relay.at(server.url), SENDER.address) for _ in range(CONNECTIONS)]


async def bare(server: Mail, mails: Sequence[tuple[Message, Letter]]) -> float:
    """Seconds in which the connections alone send these bytes."""
    left = [letter for _, letter in mails]

    async def begin() -> bool:
        return True

    async def work(connection: Connection) -> None:
        while left:
            await connection.hand_over(left.pop(), begin)
        await connection.close()

    began = time.perf_counter()
    await asyncio.gather(*(work(connection) for connection in pool(server)))
    return time.perf_counter() - began


async def ours(server: Mail, mongo: Mongo, mails: Sequence[tuple[Message, Letter]]) -> float:
    """Seconds in which the real sender does, with all that it keeps."""
    database = connect(mongo.url_of(f"bench{uuid7()[-8:]}"))
    async with notifications(database) as service:
        for start in range(0, len(mails), 200):
            await _keep(service, mails[start : start + 200])
        queue = MailQueue(database, uuid4().hex, timedelta(seconds=10))
        sender = Sender(queue, pool(server), service.delivery, service.clock, timedelta(seconds=60))
        began = time.perf_counter()
        sending = asyncio.create_task(sender.run())
        while await database["messages"].count_documents({"state": "sent"}) < len(mails):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        took = time.perf_counter() - began
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    await database.client.drop_database(database.name)
    return took


async def _keep(service: Notifications, mails: Sequence[tuple[Message, Letter]]) -> None:
    async def keep(tx: NotificationsTransaction) -> None:
        for message, letter in mails:
            tx.save(message)
            tx.save(letter)

    await service.delivery.run(keep)


async def sending(count: int, rounds: int, answers_after: float) -> float:
    """Both in turn; ours as a share of the bare connections' speed."""
    mails, ratios = invites(count), []
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory(dir=IN_MEMORY) as relay:
        async with Mongo(Path(name)) as mongo, Mail(Path(relay), answers_after) as server:
            await bare(server, mails[:200])
            for turn in range(rounds):
                alone = await bare(server, mails) if turn % 2 else None
                whole = await ours(server, mongo, mails)
                alone = alone or await bare(server, mails)
                ratios.append(alone / whole)
                print(f"  round {turn + 1}: bare {count / alone:5.0f}, ours {count / whole:5.0f} mails/s", flush=True)
    ratio = statistics.median(ratios)
    print(f"  ours / bare {ratio:.2f}   ({min(ratios):.2f}–{max(ratios):.2f})")
    return ratio


def main(arguments: Sequence[str] = ()) -> int:
    """0 if mails are rendered and sent as fast as they must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.mails", description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="mails a round (2000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (3)")
    told = parser.parse_args(arguments)
    fast = rendering(told.count, told.rounds)
    print(f"sending over {CONNECTIONS} connections to a relay elsewhere (at least {SENT_AT_LEAST} wanted)")
    fast &= uvloop.run(sending(told.count, told.rounds, ELSEWHERE)) >= SENT_AT_LEAST
    print("sending to one that shares this machine")
    uvloop.run(sending(told.count, told.rounds, 0.0))
    return 0 if fast else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
