"""Alertmanager as a part of the local stack: routes and holds back alerts as in containers, mails through the stack."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.local.mail import ROOT
from deploy.local.part import WebPart
from deploy.local.ports import HOST
from deploy.local.programs import Where, find_packaged

COMMITTED: Final = ROOT / "deploy" / "alertmanager" / "alertmanager.yml"
OPERATORS: Final = frozenset({"jour@kommun.example", "drift@kommun.example"})
"""To whom it writes; the committed file says which of them is woken."""


class Alertmanager(WebPart):
    """`async with Alertmanager(run_dir, "127.0.0.1:25"):` mails through the relay there; without one it only shows."""

    name = "alertmanager"

    def __init__(self, run_dir: Path, relay: str | None, *, where: Where | None = None) -> None:
        super().__init__(run_dir)
        self._relay = relay
        self._home = run_dir / "alertmanager"
        self._where = where or Where()
        self._program_file: Path | None = None

    async def prepare(self) -> None:
        await super().prepare()
        package = "prometheus-alertmanager"
        self._program_file = await asyncio.to_thread(find_packaged, package, package, self._where)
        self._home.mkdir(parents=True, exist_ok=True)
        (self._home / "alertmanager.yml").write_text(configuration(self._relay))

    def command(self) -> Sequence[str | Path]:
        return [
            self._program_file or "prometheus-alertmanager",
            f"--config.file={self._home / 'alertmanager.yml'}",
            f"--storage.path={self._home / 'data'}",
            f"--web.listen-address={HOST}:{self.port}",
            "--cluster.listen-address=",  # there is one of it, and it opens no other port
            "--log.level=warn",
        ]


def configuration(relay: str | None) -> str:
    """The committed configuration, but for the relay; without one, receivers receive nothing."""
    told: dict[str, Any] = yaml.safe_load(COMMITTED.read_text())
    if relay:
        told["global"]["smtp_smarthost"] = relay
    else:
        told["receivers"] = [{"name": receiver["name"]} for receiver in told["receivers"]]
    return yaml.safe_dump(told, sort_keys=False, allow_unicode=True)
