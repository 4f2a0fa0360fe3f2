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
    """`async with Mail(run_dir) as mail:` gives an SMTP server whose mails lie in `mail.maildir`."""

    name = "mail"
    grace_seconds = 10.0

    def __init__(self, run_dir: Path) -> None:
        super().__init__(run_dir)
        self.port = free_port()
        self.maildir = run_dir / "maildir"

    @property
    def url(self) -> str:
        """The address of the server."""
        return f"smtp://{HOST}:{self.port}"

    def ports(self) -> Sequence[int]:
        return [self.port]

    def command(self) -> Sequence[str | Path]:
        module = ("-m", "deploy.local.mail_sink")
        return [sys.executable, *module, "--port", str(self.port), "--maildir", self.maildir]

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
