"""The mail server of a local stack, as a part of it."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local.part import Part
from deploy.local.ports import HOST, free_port

ROOT = Path(__file__).resolve().parents[2]


class Mail(Part):
    """`async with Mail(run_dir) as mail:` gives an SMTP server whose mails lie in `mail.maildir`.

    With `answers_after` it takes so many seconds to say yes to a mail, as one does that is elsewhere or keeps a queue.
    """

    name = "mail"
    grace_seconds = 10.0

    def __init__(self, run_dir: Path, answers_after: float = 0.0) -> None:
        super().__init__(run_dir)
        self.port = free_port()
        self._answers_after = answers_after
        self.maildir = run_dir / "maildir"

    @property
    def url(self) -> str:
        """The address of the server."""
        return f"smtp://{HOST}:{self.port}"

    def ports(self) -> Sequence[int]:
        return [self.port]

    def command(self) -> Sequence[str | Path]:
        module = ("-m", "deploy.local.mail_sink")
        told = ("--port", str(self.port), "--answers-after", str(self._answers_after))
        return [sys.executable, *module, *told, "--maildir", self.maildir]

    def environment(self) -> Mapping[str, str]:
        return os.environ | {"PYTHONPATH": str(ROOT)}

    async def is_ready(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection(HOST, self.port)
            greeting = await reader.readline()
            writer.close()
        except OSError:
            return False
        return greeting.startswith(b"220")
