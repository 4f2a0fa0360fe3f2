"""The local stack: starts its parts in order, watches them, stops them in reverse, and says what died."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Literal, Self

from deploy.local.blueprint import PARTS, Blueprint
from deploy.local.endpoints import Endpoints
from deploy.local.outside import Outside, with_database
from deploy.local.part import Part
from deploy.local.process import CannotStart, PartDied
from deploy.local.programs import Where
from deploy.local.run_dir import RUNS_KEPT, claim, fresh_run_dir, prune
from deploy.local.service import Service
from deploy.migrate import CannotMigrateError, migrate, sentence

FIRST_INSTANT = datetime(2026, 8, 17, 6, tzinfo=UTC)
"""Where the simulated clock starts unless told: a Monday morning after the summer holidays."""

_DEATHS_IN_A_ROW, _WITHIN_SECONDS = 5, 60.0

News = Callable[[str, str], None]


class Stack:
    """`async with Stack() as stack:` gives a running system; `stack.endpoints` says where it is.

    When a part dies that should run, the body of the block is cancelled and the block raises PartDied. A service that
    dies is started again instead when `restart_services`, as a container platform would, until it dies five times
    within a minute. `news` is told (part, what happened).
    """

    def __init__(
        self,
        run_dir: Path | None = None,
        *,
        clock: Literal["real", "simulated"] = "simulated",
        starts_at: datetime = FIRST_INSTANT,
        parts: Collection[str] = PARTS,
        restart_services: bool = False,
        outside: Outside | None = None,
        public_url: str | None = None,
        where: Where | None = None,
        news: News = lambda _part, _what: None,
    ) -> None:
        self.run_dir = (run_dir or fresh_run_dir()).resolve()
        self._prunes = run_dir is None
        self._blueprint = Blueprint(
            self.run_dir,
            clock=clock,
            starts_at=starts_at,
            names=parts,
            outside=outside or Outside.from_environment(),
            public_url=public_url,
            where=where or Where(tell=lambda what: news("setup", what)),
        )
        self._restart_services = restart_services
        self._news = news
        self._watchers: dict[str, asyncio.Task[None]] = {}
        self._claim: IO[str] | None = None
        self._owner: asyncio.Task[object] | None = None
        self._death: PartDied | CannotStart | None = None
        self._cancelled_owner = False

    @property
    def endpoints(self) -> Endpoints:
        """Where everything is, and the keys to it."""
        return self._blueprint.endpoints

    @property
    def parts(self) -> dict[str, Part]:
        """The stack's own parts by name."""
        return self._blueprint.parts

    async def __aenter__(self) -> Self:
        self._owner = asyncio.current_task()
        try:
            await self._start()
        except BaseException:
            await self._stop(hard=True)
            self._raise_death()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()
        self._raise_death()

    async def kill(self, name: str) -> None:
        """SIGKILL one part and wait until it is gone; whether it comes again is up to `restart_services`."""
        part = self.parts[name]
        gone = asyncio.ensure_future(part.ended())
        part.kill()
        await gone

    async def stop_part(self, name: str) -> None:
        """Stop one part on purpose, as for maintenance; the others are expected to live with it."""
        await self._unwatch([name])
        await self.parts[name].stop()
        self._news(name, "stopped on purpose")

    async def start_part(self, name: str) -> None:
        """Start a part that was stopped on purpose: same addresses, same data."""
        await self._start_part(self.parts[name])

    async def until_ready(self, name: str, within_seconds: float = 60.0) -> None:
        """Wait until a part is ready, for instance again after `kill`. Raises TimeoutError."""
        part = self.parts[name]
        async with asyncio.timeout(within_seconds):
            while True:
                if part.running and await part.is_ready():
                    return
                await asyncio.sleep(0.05)

    def force(self) -> None:
        """Kill everything now; whoever waits for a gentle stop needs to wait no longer."""
        for part in self.parts.values():
            part.force()

    async def _start(self) -> None:
        self._claim = claim(self.run_dir)
        self._news("stack", f"starts in {self.run_dir}")
        if self._prunes and (count := prune()):
            self._news("stack", f"has deleted {count} finished run(s) below ./run; the newest {RUNS_KEPT} are kept")
        self._blueprint.lay_out()
        await self._blueprint.outside.check()
        await self._start_together(self._servers())
        await self._migrate()
        await self._start_together(self._services())
        self.endpoints.write()

    async def _migrate(self) -> None:
        """Bring what an older version left in the databases to what this one keeps."""
        if address := self.endpoints.mongo:
            databases = {service.name: with_database(address, service.name) for service in self._services()}
            try:
                await migrate(databases, lambda service, how: self._news(service, sentence(service, how)))
            except CannotMigrateError as reason:
                raise CannotStart(str(reason)) from reason

    def _servers(self) -> list[Part]:
        return [part for part in self.parts.values() if not isinstance(part, Service)]

    def _services(self) -> list[Part]:
        return [part for part in self.parts.values() if isinstance(part, Service)]

    async def _start_together(self, parts: Iterable[Part]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for part in parts:
                    group.create_task(self._start_part(part))
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None

    async def _start_part(self, part: Part) -> None:
        began = time.monotonic()
        self._news(part.name, "is starting")
        await part.start()
        self._news(part.name, f"is ready after {time.monotonic() - began:.1f} s")
        self._watchers[part.name] = asyncio.create_task(self._watch(part), name=f"watch {part.name}")

    async def _watch(self, part: Part) -> None:
        deaths: deque[float] = deque(maxlen=_DEATHS_IN_A_ROW)
        while True:
            code = await part.ended()
            deaths.append(time.monotonic())
            too_often = len(deaths) == _DEATHS_IN_A_ROW and deaths[-1] - deaths[0] < _WITHIN_SECONDS
            if too_often or not (self._restart_services and isinstance(part, Service)):
                self._news(part.name, f"died ({_how(code)}); all else is stopped, which may take a minute")
                self._fail(PartDied(part.after_its_last_words(f"died ({_how(code)}) and ends the stack")))
                return
            self._news(part.name, f"died ({_how(code)}) and is started again")
            with contextlib.suppress(PartDied):  # dying while starting is one more death
                try:
                    await part.start()
                except CannotStart as reason:
                    self._fail(reason)
                    return
                self._news(part.name, "is ready again")

    def _fail(self, death: PartDied | CannotStart) -> None:
        if self._death is None:
            self._death = death
            if self._owner is not None and not self._owner.done():
                self._cancelled_owner = self._owner.cancel()

    def _raise_death(self) -> None:
        if self._death is not None:
            if self._cancelled_owner and self._owner is not None:
                self._owner.uncancel()
            raise self._death from None

    async def _unwatch(self, names: Iterable[str]) -> None:
        watchers = [self._watchers.pop(name) for name in names if name in self._watchers]
        for watcher in watchers:
            watcher.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)

    async def _stop(self, *, hard: bool = False) -> None:
        try:
            await self._unwatch(list(self._watchers))
            for group in (self._services(), self._servers()):
                await asyncio.gather(*(part.stop(hard=hard) for part in group))
        except BaseException:
            self.force()
            raise
        finally:
            if self._claim is not None:
                self._claim.close()


def _how(code: int) -> str:
    return f"signal {code - 128}" if code > 128 else f"exit code {code}"
