"""The page of dashboards, as a part of the local stack."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from deploy.console.build import built
from deploy.local.mail import ROOT
from deploy.local.part import Part
from deploy.local.ports import HOST, free_port
from deploy.local.process import CannotStart
from deploy.local.programs import Where
from deploy.local.prometheus import EVERY_SECONDS

_OK = 200


class Console(Part):
    """Serves the page; built with Node when it is not yet."""

    name = "console"
    grace_seconds = 10.0

    def __init__(self, run_dir: Path, prometheus: str, *, where: Where | None = None) -> None:
        super().__init__(run_dir)
        self.port = free_port()
        self._prometheus = prometheus
        self._tell = (where or Where()).tell

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self.port}"

    def ports(self) -> Sequence[int]:
        return [self.port]

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

    async def is_ready(self) -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                answer = await client.get(f"{self.url}/dashboards.json", timeout=5)
        except httpx.TransportError:
            return False
        return answer.status_code == _OK
