"""A mail server that does what a test tells it to: takes mails, refuses them, falls silent or hangs up at any phase."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

HANG_UP, FALL_SILENT, SLOWLY = "hang up", "fall silent", "slowly"
Script = Callable[[int], str | None]


@dataclass
class ScriptedRelay:
    """What it answers: `at[phase]` is asked with the number of the mail; nothing means an ordinary yes.

    Phases: connect, auth, mail, rcpt, data (before the bytes), dot (after them).
    """

    at: dict[str, Script] = field(default_factory=dict)
    taken: list[bytes] = field(default_factory=list)
    heard: list[bytes] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    offers: tuple[str, ...] = ()
    """Extensions that it names in its answer to EHLO."""
    at_most: int | None = None
    """How many connections it bears."""
    open: int = 0
    connections: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        crowded = self.at_most is not None and self.open > self.at_most
        try:
            if crowded:
                await self._answer(writer, "421 4.3.2 too many connections")
            elif await self._says(writer, "connect", self.connections, "220 relay"):
                await self._converse(reader, writer)
        except ConnectionError:
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            command = line.split()[0].upper().decode()
            self.commands.append(line.decode().strip())
            if command == "EHLO":
                writer.write("\r\n".join([*(f"250-{one}" for one in ("relay", *self.offers)), "250 OK", ""]).encode())
            elif command == "DATA":
                if not await self._take(reader, writer):
                    return
            elif command in ("MAIL", "RCPT", "AUTH"):
                yes = "235 2.7.0 welcome" if command == "AUTH" else "250 ok"
                if not await self._says(writer, command.lower(), len(self.heard) + 1, yes):
                    return
            else:
                writer.write(b"221 bye\r\n" if command == "QUIT" else b"250 ok\r\n")
            await writer.drain()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        number = len(self.heard) + 1
        if answer := self._scripted("data", number):
            return await self._answer(writer, answer)
        writer.write(b"354 go on\r\n")
        content = (await reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n")
        self.heard.append(content)
        answer = self._scripted("dot", number)
        if answer in (None, SLOWLY):
            self.taken.append(content)
        return await self._answer(writer, answer or "250 2.0.0 queued as 1A")

    def _scripted(self, phase: str, number: int) -> str | None:
        script = self.at.get(phase)
        return script(number) if script else None

    async def _says(self, writer: asyncio.StreamWriter, phase: str, number: int, yes: str) -> bool:
        return await self._answer(writer, self._scripted(phase, number) or yes)

    async def _answer(self, writer: asyncio.StreamWriter, answer: str) -> bool:
        if answer == FALL_SILENT:
            await asyncio.sleep(3600)
        if answer == HANG_UP:
            return False
        if answer == SLOWLY:
            await asyncio.sleep(0.5)
            answer = "250 at last"
        writer.write(f"{answer}\r\n".encode())
        await writer.drain()
        return not answer.startswith("421")


@asynccontextmanager
async def relay(like: ScriptedRelay | None = None, /, **at: Script) -> AsyncIterator[ScriptedRelay]:
    """A relay on a free port of the loopback."""
    scripted = like or ScriptedRelay()
    scripted.at |= at
    talks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.create_task(scripted.talk(reader, writer))
        talks.add(talk)
        talk.add_done_callback(talks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    scripted.port = server.sockets[0].getsockname()[1]
    try:
        yield scripted
    finally:
        server.close()
        for talk in list(talks):
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


def once(answer: str) -> Script:
    """The answer to the first mail; the next ones are taken."""
    return lambda number: answer if number == 1 else None


def first_time(answer: str) -> Script:
    """The answer to the first question, whichever mail it is about."""
    asked: list[int] = []

    def script(number: int) -> str | None:
        asked.append(number)
        return answer if len(asked) == 1 else None

    return script


def in_turn(*answers: str) -> Script:
    """The answers to the first questions, whichever mails they are about."""
    left = list(answers)
    return lambda _: left.pop(0) if left else None


def always(answer: str) -> Script:
    """The answer to every mail."""
    return lambda _: answer
