"""What each user of the two servers may not do, asked of the servers themselves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aio_pika
import httpx
import pytest
from aio_pika.abc import AbstractChannel
from aiormq.exceptions import AMQPConnectionError, ChannelAccessRefused
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from deploy.backup.dump import back_up
from deploy.local.mongo import Mongo
from deploy.local.rabbitmq import RabbitMQ
from deploy.mongo.users import ROLES
from shared.topology import BINDINGS, PUBLISHERS, SERVICES, dead_exchange, exchange_of, requeue_exchange, retry_exchange

Client = MongoClient[dict[str, Any]]
MAY_NOT = 13

ALIEN = {"hr": "enrolment", "enrolment": "notifications", "notifications": "evaluation", "evaluation": "enrolment"}
"""For each that publishes, a service that is not she."""


@asynccontextmanager
async def channel(broker: RabbitMQ, user: str) -> AsyncIterator[AbstractChannel]:
    connection = await aio_pika.connect(broker.url_of(user), timeout=10)
    async with connection:
        yield await connection.channel()


async def publish(broker: RabbitMQ, user: str, exchange: str, key: str) -> None:
    """Publish as a user, and wait until the broker has taken or refused it."""
    async with channel(broker, user) as open_channel:
        where = (
            open_channel.default_exchange if not exchange else await open_channel.get_exchange(exchange, ensure=False)
        )
        await where.publish(aio_pika.Message(b"{}"), key, mandatory=False, timeout=10)


@pytest.mark.parametrize("user", [*PUBLISHERS, "monitor"])
async def test_nobody_but_the_definitions_makes_or_unmakes_anything(broker: RabbitMQ, user: str) -> None:
    for attempt in ("declare_queue", "declare_exchange", "queue_delete"):
        async with channel(broker, user) as open_channel:
            with pytest.raises(ChannelAccessRefused):
                await getattr(open_channel, attempt)("enrolment.hr" if attempt == "queue_delete" else f"{user}.new")


@pytest.mark.parametrize("user", PUBLISHERS)
async def test_nobody_says_what_is_anothers_to_say(broker: RabbitMQ, user: str) -> None:
    alien = f"{ALIEN[user]}.place.confirmed.v1"
    with pytest.raises(ChannelAccessRefused):
        await publish(broker, user, exchange_of(f"{user}."), alien)
    with pytest.raises(ChannelAccessRefused):
        await publish(broker, user, "", "enrolment.hr")  # by the default exchange it would reach any queue
    for exchange in (dead_exchange(ALIEN[user]), requeue_exchange(ALIEN[user]), retry_exchange(ALIEN[user], "5s")):
        with pytest.raises(ChannelAccessRefused):
            await publish(broker, user, exchange, "enrolment.hr")


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_does_not_speak_for_hr(broker: RabbitMQ, service: str) -> None:
    with pytest.raises(ChannelAccessRefused):
        await publish(broker, service, "hr", "hr.employee.changed.v1")


@pytest.mark.parametrize("user", [*PUBLISHERS, "monitor"])
async def test_nobody_reads_or_empties_anothers_queue(broker: RabbitMQ, user: str) -> None:
    others = next(queue for queue in BINDINGS if not queue.startswith(f"{user}."))
    for what in ("get", "purge", "consume"):
        async with channel(broker, user) as open_channel:
            queue = await open_channel.get_queue(others, ensure=False)
            with pytest.raises(ChannelAccessRefused):
                await (queue.consume(_ignore) if what == "consume" else getattr(queue, what)())


async def _ignore(_: object) -> None:
    """Whatever comes."""


async def test_the_operator_gives_back_what_died_and_says_nothing_new(broker: RabbitMQ) -> None:
    for exchange, key in (
        ("events", "enrolment.place.confirmed.v1"),
        ("hr", "hr.employee.left.v1"),
        ("", "enrolment.hr"),
    ):
        with pytest.raises(ChannelAccessRefused):
            await publish(broker, "operator", exchange, key)


async def test_only_those_who_watch_see_the_management_pages(broker: RabbitMQ) -> None:
    async with httpx.AsyncClient(base_url=broker.management, trust_env=False) as client:
        seen = {
            user: (await client.get("/api/whoami", auth=(user, word))).status_code
            for user, word in broker.passwords.items()
        }
        assert {user for user, status in seen.items() if status == 200} == {"operator", "monitor"}
        assert (await client.get("/api/whoami", auth=("guest", "guest"))).status_code == 401
        for user in ("operator", "monitor"):
            refused = await client.put(
                "/api/users/me", auth=(user, broker.passwords[user]), json={"password": "x", "tags": ""}
            )
            assert refused.status_code == 401


async def test_the_broker_lets_in_nobody_without_her_password(broker: RabbitMQ) -> None:
    for user in ("guest", "enrolment"):
        with pytest.raises(AMQPConnectionError):
            await aio_pika.connect(f"amqp://{user}:guest@127.0.0.1:{broker.amqp_port}/", timeout=10)


def refusal(mongo: Mongo, user: str, database: str, collection: str = "places") -> list[int | None]:
    """The codes with which the server refuses a user to read, write, list and drop."""
    codes: list[int | None] = []
    with Client(mongo.url_for(user, "admin")) as client:
        there = client[database]
        for attempt in (
            there[collection].find_one,
            lambda: there[collection].insert_one({}),
            there.list_collection_names,
            lambda: client.drop_database(database),
        ):
            try:
                attempt()
            except OperationFailure as refused:
                codes.append(refused.code)
            else:
                codes.append(None)
    return codes


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("database", [*SERVICES, "admin", "config"])
def test_a_service_has_its_own_database_and_no_other(mongo: Mongo, service: str, database: str) -> None:
    codes = refusal(mongo, service, database)
    assert codes == ([None, None, None, MAY_NOT] if database == service else [MAY_NOT] * 4)


@pytest.mark.parametrize("user", ["monitor", "backup"])
def test_who_watches_or_saves_writes_nothing(mongo: Mongo, user: str) -> None:
    with Client(mongo.url_for("enrolment", "enrolment")) as client:
        client["enrolment"]["places"].insert_one({})
    read, write, _, drop = refusal(mongo, user, "enrolment")
    assert (read, write, drop) == (MAY_NOT if user == "monitor" else None, MAY_NOT, MAY_NOT)


def test_who_saves_can_make_a_backup_of_everything(mongo: Mongo, tmp_path: Path) -> None:
    for service in SERVICES:
        with Client(mongo.url_of(service)) as client:
            client[service]["places"].insert_one({})
    told: list[str] = []
    back_up(mongo.url_for("backup", ""), tmp_path / "saved", told.append, patience=1)
    assert {file.name.partition(".")[0] for file in (tmp_path / "saved").rglob("*.gz")} >= set(SERVICES)


@pytest.mark.parametrize("user", sorted(ROLES))
def test_nobody_gives_herself_more(mongo: Mongo, user: str) -> None:
    with Client(mongo.url_for(user, "admin")) as client, pytest.raises(OperationFailure) as refused:
        client.admin.command("grantRolesToUser", user, roles=["root"])
    assert refused.value.code == MAY_NOT


def test_the_database_lets_in_nobody_without_her_password(mongo: Mongo) -> None:
    with Client("127.0.0.1", mongo.port, directConnection=True) as client, pytest.raises(OperationFailure) as refused:
        client["enrolment"]["places"].find_one()
    assert refused.value.code == MAY_NOT
