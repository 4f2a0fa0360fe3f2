"""Alertmanager as a part of the local stack: routes and holds back alerts as in containers, mails through the stack."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from deploy.local.mail import ROOT
from deploy.local.part import Part
from deploy.local.ports import HOST, free_port
from deploy.local.programs import Where, find_packaged

COMMITTED: Final = ROOT / "deploy" / "alertmanager" / "alertmanager.yml"
OPERATORS: Final = frozenset({"jour@kommun.example", "drift@kommun.example"})
"""To whom it writes; the committed file says which of them is woken."""

_READY: Final = 200


class Alertmanager(Part):
    """`async with Alertmanager(run_dir, "127.0.0.1:25"):` mails through the relay there; without one it only shows."""

    name = "alertmanager"

    def __init__(self, run_dir: Path, relay: str | None, *, where: Where | None = None) -> None:
        super().__init__(run_dir)
        self.port = free_port()
        self._relay = relay
        self._home = run_dir / "alertmanager"
        self._where = where or Where()
        self._program_file: Path | None = None

    @property
    def url(self) -> str:
        """Where its API is; Debian's package has no pages."""
        return f"http://{HOST}:{self.port}"

    def ports(self) -> Sequence[int]:
        return [self.port]

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

    async def is_ready(self) -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                answer = await client.get(f"{self.url}/-/ready", timeout=5)
        except httpx.TransportError:
            return False
        return answer.status_code == _READY


def configuration(relay: str | None) -> str:
    """The committed configuration, but for the relay; without one, receivers receive nothing."""
    told: dict[str, Any] = yaml.safe_load(COMMITTED.read_text())
    if relay:
        told["global"]["smtp_smarthost"] = relay
    else:
        told["receivers"] = [{"name": receiver["name"]} for receiver in told["receivers"]]
    return yaml.safe_dump(told, sort_keys=False, allow_unicode=True)
