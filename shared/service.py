"""The life of a service process: what is started in which order, how one sees that it is well, and how it ends."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import structlog
import uvicorn
from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pymongo import IndexModel
from pymongo.errors import PyMongoError

from shared import heartbeat
from shared.clock import clock_from
from shared.consuming import Consumer
from shared.dead_letters.doors import Doors as DeadLetterDoors
from shared.dead_letters.doors import routes as dead_letter_routes
from shared.dead_letters.recorder import Recorder
from shared.dead_letters.replayer import Replayer
from shared.dead_letters.store import DeadLetters
from shared.delivery import Actor, Delivery, connect, prepare
from shared.documents import Transaction, Unit
from shared.heartbeat import LOOK_SECONDS
from shared.jobs import repeat
from shared.links import Links
from shared.messaging import Subscription, WorkQueue
from shared.migrations import Migration, Schema
from shared.openapi import Application, api_page
from shared.outbox import Outbox, know_events
from shared.publishing import BrokerPublisher
from shared.requests import NameRequests
from shared.settings import ServiceSettings
from shared.telemetry import know_job, set_up_logging
from shared.timers import TimerRunner, Timers
from shared.trace import Trace
from shared.trace import routes as trace_routes
from shared.vitals import tell_build, watch_loop
from shared.web import Guard, LimitBody, Pages, read_credentials, sign_in_pages, tell_problems

log = structlog.get_logger()

STOP_SECONDS = 25
"""After this long a stopping process ends at once: it must be right after a kill anyway, a calm stop is only faster."""

PUBLISHING = "publish committed events"
"""The loop that goes on until the last transaction has been committed."""

COLLECT_AFTER = (50_000, 20, 20)
"""How many new objects make Python look for unreachable ones. A group of 500 messages makes many that all go by
themselves at its end; looking for others all the time took a third of the time of a staff change."""

T = TypeVar("T", bound=Transaction)


class Service(Generic[T]):
    """One service: its database, its queues, its timers and its doors, wired together.

    Args:
        name: as in the topology.
        transaction: makes the service's own kind of transaction.
        subscriptions: the handlers of its queues.
        timers: what it does when something is due.
        indexes: those of its own collections.
        templates: directory of its pages.
        home: where somebody lands who only knows the service's address.
        clustered: collections whose order must tell nothing.
        migrations: what its database must have been through.
    """

    def __init__(
        self,
        name: str,
        settings: ServiceSettings,
        *,
        transaction: Callable[[Unit], T],
        subscriptions: Sequence[Subscription],
        timers: Timers,
        indexes: Mapping[str, Sequence[IndexModel]],
        templates: Path,
        home: str = "/docs",
        clustered: Sequence[str] = (),
        migrations: Sequence[Migration] = (),
    ) -> None:
        set_up_logging(name, settings.log_level)
        tell_build(settings.revision)
        know_events(name)
        know_job("outbox_sweep")
        self.name = name
        self.settings = settings
        self.clock = clock_from(settings.clock)
        self.database = connect(settings.mongo_url)
        self.schema = Schema(self.database, migrations)
        self.links = Links(settings.link_keys, settings.public_url)
        self.publisher = BrokerPublisher(settings.amqp_url)
        self.outbox = Outbox(self.database, self.publisher)
        self.delivery = Delivery(self.database, transaction, self.outbox, self.clock, f"/ledstjarna/{name}")
        self.timers = TimerRunner(timers, self.delivery, self.clock)
        letters = DeadLetters(name, self.database)
        self.recorder, self.replayer = Recorder(letters), Replayer(letters, self.publisher)
        queues = [WorkQueue(name, each, self.delivery, self.publisher, letters) for each in subscriptions]
        self.consumer = Consumer(settings.amqp_url, [*queues, self.recorder])
        self.guard = Guard(read_credentials(settings.tokens_file), settings.link_keys)
        self.pages = Pages(templates)
        self.trace = Trace(self.database, name)
        self.app = Application(
            title=f"Ledstjärna {name}", version="1", lifespan=self._life, docs_url=None, redoc_url=None
        )
        self._indexes, self._clustered = indexes, clustered
        self._loops: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {}
        self._busy: list[Callable[[], Awaitable[int]]] = []
        self._ready = False
        self.again_and_again("heartbeat_watch", LOOK_SECONDS, partial(heartbeat.show, name, self.database))
        self._add_doors(home)

    def background(self, name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Let `run` go on as long as the service is up."""
        self._loops[name] = run

    def again_and_again(self, job_name: str, seconds: float, step: Callable[[], Awaitable[object]]) -> None:
        """Do `step` every so many seconds of the machine's time as long as the service is up."""
        know_job(job_name)
        self.background(job_name, partial(repeat, job_name, seconds, step))

    def busy_while(self, count: Callable[[], Awaitable[int]]) -> None:
        """Let /progress count work of another kind, too."""
        self._busy.append(count)

    def serve(self) -> None:
        """Serve until the process is told to stop."""
        gc.freeze()  # what is made until now stays
        gc.set_threshold(*COLLECT_AFTER)
        uvicorn.run(
            self.app,
            host=self.settings.http_host,
            port=self.settings.http_port,
            loop="uvloop",
            log_config=None,
            access_log=False,  # an address may be somebody's link
            timeout_graceful_shutdown=5,
        )

    @asynccontextmanager
    async def _life(self, _: FastAPI) -> AsyncIterator[None]:
        await self.schema.open()
        await prepare(self.database, self._indexes, self._clustered)
        await self.publisher.start()
        self._loops |= {
            PUBLISHING: self.outbox.publish_committed,
            "sweep the outbox": self.outbox.sweep_for_ever,
            "run timers": self.timers.run_for_ever,
            "watch the consumers": self.consumer.watch_for_ever,
            "watch the loop": watch_loop,
            "send dead letters again": self.replayer.send_for_ever,
            "look after dead letters": self.recorder.look_after_for_ever,
            "watch the schema": self.schema.watch,
        }
        tasks = [asyncio.create_task(run(), name=name) for name, run in self._loops.items()]
        for task in tasks:
            task.add_done_callback(_end_with)
        await self.consumer.start()
        self._ready = True
        log.info("service is up")
        try:
            yield
        finally:
            self._ready = False
            await self._stop(tasks)

    async def _stop(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self.consumer.stop()
                await _end([task for task in tasks if task.get_name() != PUBLISHING])  # none may begin new work now
                await self.delivery.settle()
                await self.outbox.drain()
        except TimeoutError:
            log.warning("stopping took too long; what was in hand will be delivered again")
            os._exit(1)
        await _end(tasks)
        await self.publisher.stop()
        self.database.client.close()
        log.info("service has stopped")

    def _add_doors(self, home: str) -> None:
        tell_problems(self.app, self.pages, passing=[PyMongoError])
        self.app.add_middleware(LimitBody)
        self.app.add_middleware(NameRequests)
        self.app.include_router(api_page(self.app, self.pages))
        self.app.include_router(trace_routes(self.trace, self.guard))
        self.app.include_router(
            sign_in_pages(self.guard, self.pages, secure=self.settings.public_url.startswith("https:"))
        )
        dead_letters = DeadLetterDoors(self.recorder.letters, self.delivery, self.replayer, self.guard)
        self.app.include_router(dead_letter_routes(dead_letters))
        operator = Annotated[Actor, Depends(self.guard.needs("operator"))]

        @self.app.get("/", include_in_schema=False)
        async def at_home() -> RedirectResponse:
            return RedirectResponse(home, 303)

        @self.app.get("/health/live", include_in_schema=False)
        async def live() -> PlainTextResponse:
            return PlainTextResponse("alive")

        @self.app.get("/health/ready", include_in_schema=False)
        async def ready() -> JSONResponse:
            state = await self._state()
            return JSONResponse(state, 200 if all(state.values()) else 503)

        @self.app.get("/metrics", include_in_schema=False)
        async def metrics() -> PlainTextResponse:
            return PlainTextResponse(generate_latest(), media_type=CONTENT_TYPE_LATEST)

        @self.app.get("/progress")
        async def progress(_: operator) -> dict[str, Any]:
            """What has been done and what waits, for whoever moves a simulated clock."""
            return await self._progress()

        @self.app.get("/ledger")
        async def ledger(_: operator) -> dict[str, Any]:
            """How many events of each type were handled, how, and how many were announced."""
            return {"inbox": await self._count_inbox(), "outbox": await self._count_outbox()}

    async def _state(self) -> dict[str, bool]:
        try:
            await asyncio.wait_for(self.database.command("ping"), 2)
            database = True
        except (PyMongoError, TimeoutError):
            database = False
        return {
            "started": self._ready,
            "database": database,
            "schema": self.schema.is_current,
            "publishing": self.publisher.connected,
            "consuming": await self.consumer.consuming(),
        }

    async def _progress(self) -> dict[str, Any]:
        now, ran_until = self.clock.now(), self.timers.ran_until
        next_due = await self.timers.next_due(now)
        return {
            "now": now.isoformat(),
            "ran_until": ran_until and ran_until.isoformat(),
            "next_due": next_due and next_due.isoformat(),
            "outbox_pending": await self.outbox.pending(),
            "in_flight": self.consumer.in_flight,
            "busy": await self.timers.overdue(now) + sum([await count() for count in self._busy]),
            "taken_in": await self.database["inbox"].estimated_document_count(),
            "announced": await self.database["outbox"].estimated_document_count(),
            "dead": await self.recorder.letters.undone(),
        }

    async def _count_inbox(self) -> dict[str, dict[str, dict[str, int]]]:
        group = {"_id": ["$queue", "$type", "$outcome"], "n": {"$sum": 1}}
        counts: dict[str, dict[str, dict[str, int]]] = {}
        async for row in self.database["inbox"].aggregate([{"$group": group}]):
            queue, event_type, outcome = row["_id"]
            counts.setdefault(queue, {}).setdefault(event_type, {})[outcome or "done"] = row["n"]
        return counts

    async def _count_outbox(self) -> dict[str, dict[str, int]]:
        group = {"_id": ["$type", "$status"], "n": {"$sum": 1}}
        counts: dict[str, dict[str, int]] = {}
        async for row in self.database["outbox"].aggregate([{"$group": group}]):
            event_type, status = row["_id"]
            counts.setdefault(event_type, {"published": 0, "pending": 0})[status] = row["n"]
        return counts


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.remove_done_callback(_end_with)
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _end_with(task: asyncio.Task[None]) -> None:
    """A loop that ended leaves a service that only looks alive: end the process, so that it is started again."""
    why = "cancelled" if task.cancelled() else task.exception()
    log.critical("a loop of the service ended", loop=task.get_name(), why=repr(why))
    os._exit(1)
