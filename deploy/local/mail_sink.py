"""A mail server for one machine: takes every mail and lays it down in a Maildir, delivers nothing anywhere.

Run as `python -m deploy.local.mail_sink --port PORT --maildir DIR`.
"""

import argparse
import asyncio
import itertools
import os
import signal
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
_FOLDERS = ("tmp", "new", "cur")


class Maildir:
    """Lays each accepted mail down, unchanged but for the two lines a receiving server writes on top."""

    def __init__(self, directory: Path, answers_after: float = 0.0) -> None:
        self._directory = directory
        self._answers_after = answers_after
        self._numbers = itertools.count()
        for folder in _FOLDERS:
            (directory / folder).mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Called for every mail; a reader of `new/` sees it complete or not at all."""
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        top = f"Return-Path: <{envelope.mail_from or ''}>\r\n"
        top += "".join(f"Delivered-To: {recipient}\r\n" for recipient in envelope.rcpt_tos)
        name = f"{time.time_ns()}.{os.getpid()}_{next(self._numbers)}.localhost"
        unfinished = self._directory / "tmp" / name
        unfinished.write_bytes(top.encode() + content)
        unfinished.rename(self._directory / "new" / name)
        await asyncio.sleep(self._answers_after)
        return "250 OK"


async def serve(port: int, maildir: Path, answers_after: float = 0.0) -> None:
    """Take mails until SIGTERM or SIGINT."""
    handler = Maildir(maildir, answers_after)
    loop = asyncio.get_running_loop()
    told_to_end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_end.set)
    server = await loop.create_server(
        lambda: SMTP(handler, enable_SMTPUTF8=True, hostname="localhost", loop=loop), HOST, port
    )
    async with server:
        await told_to_end.wait()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.mail_sink", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--maildir", type=Path, required=True)
    parser.add_argument("--answers-after", type=float, default=0.0, help="seconds it takes to say yes (0)")
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.port, arguments.maildir, arguments.answers_after))


if __name__ == "__main__":
    main()
