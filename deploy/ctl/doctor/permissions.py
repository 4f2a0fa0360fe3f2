"""Whether each of the broker's users may do just what the topology says: tried out, and nothing is changed or taken.

The broker looks at a user's rights before it looks whether a thing exists. So names are used that do not exist: who
may, is told that there is no such thing (404); who may not, that she may not (403).
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from aio_pika.abc import AbstractConnection
from aiormq.exceptions import ChannelAccessRefused

from deploy.ctl.doctor.broker import TROUBLES, connected
from deploy.ctl.findings import Finding
from deploy.local.endpoints import Endpoints
from shared.topology import EVENTS, SERVICES, definitions

PROBE: Final = "doctor-probe"
NAMES: Final = (
    PROBE,
    f"{PROBE}.requeue",
    *(f"{service}.{rest}" for service in SERVICES for rest in (PROBE, "retry.9s")),
)
"""Names of nothing, that the rights of one user or another would cover."""

MEND: Final = "give her the rights that stand in deploy/rabbitmq/definitions.json: rabbitmqctl set_permissions."

Try = Callable[[Any], Awaitable[object]]


async def check(stack: Endpoints) -> list[Finding]:
    """Try out what each user that can sign in may do."""
    rights = {row["user"]: row for row in definitions({})["permissions"]}
    known = [(user, url) for user, url in stack.amqp_users.items() if user in rights]
    found = await asyncio.gather(*(_of_user(user, url, rights[user]) for user, url in known))
    return [finding for finding in found if finding]


async def _of_user(user: str, url: str, rights: Mapping[str, str]) -> Finding | None:
    connection = await connected(url)
    if connection is None:
        return None  # that is told with the broker
    try:
        wrong = await _deviations(connection, user, rights)
    except TROUBLES as error:
        return Finding("permissions", user, "bad", f"could not be tried out ({type(error).__name__})", "ask again.")
    finally:
        await connection.close()
    if wrong:
        return Finding("permissions", user, "bad", "; ".join(sorted(wrong)), MEND)
    return Finding("permissions", user, "ok", "may do what she needs and nothing else")


async def _deviations(connection: AbstractConnection, user: str, rights: Mapping[str, str]) -> set[str]:
    """What she may do and should not, or should and may not."""
    wrong = set()
    for kind, name, attempt in _attempts():
        should = re.search(rights[kind], name) is not None
        if await _may(connection, attempt) != should:
            wrong.add(f"{'may not' if should else 'may'} {kind} {name}")
    if user in SERVICES:
        for owner in SERVICES:
            attempt = _publish(EVENTS, f"{owner}.{PROBE}")
            if await _may(connection, attempt) != (owner == user):
                wrong.add(f"{'may not' if owner == user else 'may'} say {owner}'s events")
    return wrong


def _attempts() -> list[tuple[str, str, Try]]:
    configure = [("configure", name, _delete(name)) for name in NAMES]
    read = [("read", name, _get(name)) for name in NAMES]
    write = [("write", name, _publish(name, PROBE)) for name in NAMES]
    return [*configure, *read, *write]


def _delete(name: str) -> Try:
    return lambda channel: channel.queue_delete(name)


def _get(name: str) -> Try:
    return lambda channel: channel.basic_get(name)


def _publish(exchange: str, routing_key: str) -> Try:
    return lambda channel: channel.basic_publish(b"", exchange=exchange, routing_key=routing_key)


async def _may(connection: AbstractConnection, attempt: Try) -> bool:
    """Whether the broker lets her; anything but a refusal means that it did."""
    channel = await connection.channel()
    try:
        await asyncio.wait_for(attempt(await channel.get_underlay_channel()), 5)
    except ChannelAccessRefused:
        return False
    except TROUBLES:
        return True
    finally:
        if not channel.is_closed:
            await channel.close()
    return True
