"""A mailbox that speaks just enough IMAP (RFC 3501) for its mail to be taken."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class ScriptedMailbox:
    """Mails by UID, and which of them are marked as seen."""

    mails: dict[int, bytes]
    seen: set[int] = field(default_factory=set)
    port: int = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := (await reader.readline()).decode().strip():
            tag, _, command = line.partition(" ")
            writer.write(self._answer(command) + f"{tag} OK done\r\n".encode())
            await writer.drain()
        writer.close()

    def _answer(self, command: str) -> bytes:
        words = command.upper().split()
        if words[0] == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1\r\n"
        if words[0] == "SELECT":
            return f"* {len(self.mails)} EXISTS\r\n".encode()
        if words[:2] == ["UID", "SEARCH"]:
            new = (str(uid) for uid in sorted(self.mails.keys() - self.seen))
            return f"* SEARCH {' '.join(new)}\r\n".encode()
        if words[:2] == ["UID", "FETCH"]:
            raw = self.mails[int(words[2])]
            return f"* 1 FETCH (UID {words[2]} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n"
        if words[:2] == ["UID", "STORE"]:
            self.seen.add(int(words[2]))
        return b""


@asynccontextmanager
async def mailbox(*mails: bytes) -> AsyncIterator[ScriptedMailbox]:
    """A mailbox with these mails on a free port of the loopback."""
    box = ScriptedMailbox(dict(enumerate(mails, start=1)))
    server = await asyncio.start_server(box.talk, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
