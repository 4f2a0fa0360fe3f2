"""The page of dashboards, as a part of the local stack."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.console.build import built
from deploy.local.mail import ROOT
from deploy.local.part import WebPart
from deploy.local.ports import HOST
from deploy.local.process import CannotStart
from deploy.local.programs import Where
from deploy.local.prometheus import EVERY_SECONDS


class Console(WebPart):
    """Serves the page; built with Node when it is not yet."""

    name = "console"
    grace_seconds = 10.0
    ready_path = "/dashboards.json"

    def __init__(self, run_dir: Path, prometheus: str, *, where: Where | None = None) -> None:
        super().__init__(run_dir)
        self._prometheus = prometheus
        self._tell = (where or Where()).tell

    async def prepare(self) -> None:
        await super().prepare()
        if hindrance := await asyncio.to_thread(built, self._tell):
            raise CannotStart(hindrance)

    def command(self) -> Sequence[str | Path]:
        module = ("-m", "deploy.console.serve")
        told = ("--host", HOST, "--port", str(self.port), "--every-seconds", str(EVERY_SECONDS))
        return [sys.executable, *module, *told, "--prometheus", self._prometheus]

    def environment(self) -> Mapping[str, str]:
        return os.environ | {"PYTHONPATH": str(ROOT)}
