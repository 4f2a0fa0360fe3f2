"""How fast mails are rendered and sent: `python -m tests.bench.mails`.

Sending is measured beside the same connections with nothing around them: the same bytes to the same server in the same
run, but no database, no lease and nothing kept. The two take turns; what counts is the ratio within a round.
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
            await asyncio.sleep(0.02)
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


async def sending(count: int, rounds: int) -> bool:
    """Both in turn; whether ours is as fast as it must be."""
    mails, ratios = invites(count), []
    with tempfile.TemporaryDirectory() as name:
        async with Mongo(Path(name)) as mongo, Mail(Path(name)) as server:
            await bare(server, mails[:200])
            for turn in range(rounds):
                alone = await bare(server, mails) if turn % 2 else None
                whole = await ours(server, mongo, mails)
                alone = alone or await bare(server, mails)
                ratios.append(alone / whole)
                print(f"round {turn + 1}: bare {count / alone:5.0f}, ours {count / whole:5.0f} mails/s", flush=True)
    ratio = statistics.median(ratios)
    print(f"  ours / bare {ratio:.2f}   ({min(ratios):.2f}–{max(ratios):.2f}; at least {SENT_AT_LEAST} wanted)")
    return ratio >= SENT_AT_LEAST


def main(arguments: Sequence[str] = ()) -> int:
    """0 if mails are rendered and sent as fast as they must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.mails", description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="mails a round (2000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (3)")
    told = parser.parse_args(arguments)
    rendered = rendering(told.count, told.rounds)
    return 0 if asyncio.run(sending(told.count, told.rounds)) and rendered else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
