"""How a service process ends, on a real broker and a real database."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from deploy.local.mongo import Mongo
from deploy.local.rabbitmq import RabbitMQ
from shared.documents import Database, Transaction
from shared.model import Timer
from shared.service import Service
from shared.settings import ServiceSettings
from shared.timers import Timers
from tests.integration.wiring import Unit


async def test_a_stopping_service_begins_nothing_that_it_would_leave_open_on_the_server(
    broker: RabbitMQ, mongo: Mongo, database: Database, tmp_path: Path
) -> None:
    (tmp_path / "tokens.json").write_text(f'[{{"sha256": "{hashlib.sha256().hexdigest()}", "role": "a", "name": "b"}}]')
    timers = Timers()

    @timers.due("late")
    async def begin_late(timer: Timer, tx: Transaction) -> None:
        tx.save(Unit(id=timer.subject, version=1, times=1))
        await tx.documents(Unit).find({})
        await asyncio.sleep(3)

    settings = ServiceSettings(
        amqp_url=broker.url_of("enrolment"),
        mongo_url=mongo.url_of(database.name),
        public_url="http://127.0.0.1",
        link_keys=("key",),
        tokens_file=tmp_path / "tokens.json",
    )
    service = Service(
        "enrolment",
        settings,
        transaction=Transaction,
        subscriptions=[],
        timers=timers,
        indexes={"units": []},
        templates=tmp_path,
    )

    async def take_your_time(tx: Transaction) -> None:
        await tx.documents(Unit).find({})
        await asyncio.sleep(3)

    async with service.app.router.lifespan_context(service.app):
        in_one_second = datetime.now(UTC) + timedelta(seconds=1)
        await service.delivery.run(lambda tx: _save(tx, Timer.of("late", "U1", in_one_second)))
        command = asyncio.create_task(service.delivery.run(take_your_time))
        await asyncio.sleep(0.1)
    await command
    status: dict[str, Any] = await database.client.admin.command("serverStatus")
    assert status["transactions"]["currentOpen"] == 0


async def _save(tx: Transaction, timer: Timer) -> None:
    tx.save(timer)
