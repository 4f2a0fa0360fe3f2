"""The broker: whether each user gets in, which version it is, whether it holds anybody back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import aio_pika
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import AMQPError, ProbableAuthenticationError

from deploy.ctl.broker_api import BrokerApi, NotLetInError
from deploy.ctl.calls import UnreachableError
from deploy.ctl.findings import Finding
from deploy.local.endpoints import Endpoints

PATIENCE_SECONDS: Final = 5.0
OLDEST: Final = (3, 10)
"""The oldest version of RabbitMQ that the suite is run on."""

TROUBLES: Final = (AMQPError, OSError, RuntimeError, TimeoutError)
ALARMS: Final = {"mem_alarm": "memory", "disk_free_alarm": "disk"}


async def check(stack: Endpoints) -> list[Finding]:
    """Sign in as each user, and ask how the broker is."""
    if not stack.amqp_users:
        mend = "write the broker's address for each user as amqp_users into endpoints.json."
        return [Finding("broker", "users", "warn", "no address is known", mend)]
    signed_in = [await _signs_in(user, url) for user, url in stack.amqp_users.items()]
    return [*signed_in, *[finding async for finding in _health(stack)]]


async def _signs_in(user: str, url: str) -> Finding:
    host = urlsplit(url).hostname
    try:
        connection = await aio_pika.connect(url, timeout=PATIENCE_SECONDS)
    except ProbableAuthenticationError:
        mend = f"set her password in the broker to that in endpoints.json: rabbitmqctl change_password {user} …"
        return Finding("broker", f"user {user}", "bad", "her password is refused", mend)
    except TROUBLES as error:
        mend = "start the broker, or correct its address in endpoints.json."
        return Finding("broker", f"user {user}", "bad", f"cannot be reached at {host} ({_short(error)})", mend)
    told = server(connection)
    await connection.close()
    version = tuple(int(part) for part in told.split(".")[:2] if part.isdigit())
    if version < OLDEST:
        mend = f"upgrade RabbitMQ to {'.'.join(map(str, OLDEST))} or newer; 4 is what it is run with in containers."
        return Finding("broker", f"user {user}", "warn", f"gets in, to RabbitMQ {told}", mend)
    return Finding("broker", f"user {user}", "ok", f"gets in, to RabbitMQ {told}")


def server(connection: AbstractConnection) -> str:
    """The version of the broker behind a connection."""
    properties: Any = getattr(getattr(connection.transport, "connection", None), "server_properties", {})
    version = properties.get("version", b"?")
    return version.decode() if isinstance(version, bytes) else str(version)


async def _health(stack: Endpoints) -> AsyncIterator[Finding]:
    """What the node says of itself, to the user who may ask."""
    monitor = stack.amqp_users.get("monitor")
    if stack.management is None or monitor is None:
        mend = "write management and the user monitor into endpoints.json."
        yield Finding("broker", "alarms", "warn", "cannot be asked without the management API", mend)
        return
    api = BrokerApi(stack.management, monitor, PATIENCE_SECONDS)
    try:
        nodes = await api.get("nodes")
    except (UnreachableError, NotLetInError) as error:
        mend = "start the broker with its management plugin, and give the user monitor the tag monitoring."
        yield Finding("broker", "alarms", "bad", str(error), mend)
        return
    finally:
        await api.close()
    for finding in _of_nodes(nodes):
        yield finding


def _of_nodes(nodes: list[dict[str, Any]]) -> Iterator[Finding]:
    for node in nodes:
        rung = [word for field, word in ALARMS.items() if node.get(field)]
        if not node.get("running", True):
            yield Finding("broker", node["name"], "bad", "does not run", "start this node again.")
        elif node.get("partitions"):
            mend = "restart the nodes that were apart, one at a time."
            yield Finding("broker", node["name"], "bad", "has lost sight of other nodes", mend)
        elif rung:
            mend = "free some of it: until then nobody can publish (docs/runbooks/broker-blocking-publishers.md)."
            yield Finding("broker", node["name"], "bad", f"raises an alarm about {' and '.join(rung)}", mend)
        else:
            yield Finding("broker", node["name"], "ok", "raises no alarm")


def _short(error: BaseException) -> str:
    return (str(error) or type(error).__name__).split("\n")[0][:100]


async def connected(url: str) -> AbstractConnection | None:
    """A connection that does not come again; nothing if there is none."""
    try:
        return await asyncio.wait_for(aio_pika.connect(url, timeout=PATIENCE_SECONDS), PATIENCE_SECONDS)
    except TROUBLES:
        return None
