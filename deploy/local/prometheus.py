"""Prometheus as a part of the local stack: asks services and broker, evaluates our rules, keeps what it heard."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local.mail import ROOT
from deploy.local.part import WebPart
from deploy.local.ports import HOST
from deploy.local.programs import Where, find_packaged
from deploy.prometheus.scraping import as_yaml, configuration

RULES = ROOT / "deploy" / "prometheus" / "rules" / "*.yml"
EVERY_SECONDS = 3
"""How often it asks: the sample year takes minutes, and a change should be seen while it happens."""


class Prometheus(WebPart):
    """`async with Prometheus(run_dir, {"enrolment": "127.0.0.1:8000"}):` asks a service there for its metrics."""

    name = "prometheus"

    def __init__(
        self,
        run_dir: Path,
        addresses: Mapping[str, str],
        *,
        alertmanager: str | None = None,
        rules: Path = RULES,
        every_seconds: int = EVERY_SECONDS,
        where: Where | None = None,
    ) -> None:
        super().__init__(run_dir)
        self._addresses, self._alertmanager, self._rules = dict(addresses), alertmanager, rules
        self._every_seconds = every_seconds
        self._home = run_dir / "prometheus"
        self._where = where or Where()
        self._program_file: Path | None = None

    async def prepare(self) -> None:
        await super().prepare()
        self._program_file = await asyncio.to_thread(find_packaged, "prometheus", "prometheus", self._where)
        self._home.mkdir(parents=True, exist_ok=True)
        told = configuration(
            self._addresses, every_seconds=self._every_seconds, rules=str(self._rules), alertmanager=self._alertmanager
        )
        (self._home / "prometheus.yml").write_text(as_yaml(told))

    def command(self) -> Sequence[str | Path]:
        return [
            self._program_file or "prometheus",
            f"--config.file={self._home / 'prometheus.yml'}",
            f"--storage.tsdb.path={self._home / 'data'}",
            "--storage.tsdb.retention.time=7d",
            f"--web.listen-address={HOST}:{self.port}",
            f"--web.cors.origin=^http://{HOST.replace('.', '[.]')}(:[0-9]+)?$",  # the page of dashboards asks directly
            "--log.level=warn",
        ]
