"""The proxy of the composition, from its own files, before services on this machine."""

import asyncio
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local.mail import ROOT
from deploy.local.part import Part
from deploy.local.ports import HOST, free_port
from deploy.local.process import CannotStart
from deploy.local.programs import Where, apt_install

FILES = ROOT / "deploy/proxy"


class Proxy(Part):
    """nginx, told by deploy/proxy; only ports, directories and the services' addresses are others.

    Args:
        services: host:port of each.
        tls: where proxy.pem and proxy.key are; without, no TLS is spoken.
    """

    name = "proxy"

    def __init__(self, run_dir: Path, services: Mapping[str, str], *, port: int, tls: Path | None = None) -> None:
        super().__init__(run_dir)
        self._services, self._tls = services, tls
        self._plain, self._secure = (port, free_port()) if tls is None else (free_port(), port)
        self._own = free_port()
        self._files = run_dir / "proxy"

    def ports(self) -> Sequence[int]:
        return [self._plain, *([self._secure] if self._tls else []), self._own]

    async def prepare(self) -> None:
        await super().prepare()
        if shutil.which("nginx") is None and (
            complaint := await asyncio.to_thread(apt_install, Where(), "nginx-light")
        ):
            raise CannotStart(f"No nginx is to be had ({complaint}): apt-get install nginx-light, and try again.")
        self._files.mkdir(exist_ok=True)
        for file in FILES.glob("*.conf"):
            (self._files / file.name).write_text(self._here(file.read_text()))

    def command(self) -> Sequence[str | Path]:
        main = "tls.conf" if self._tls else "nginx.conf"
        told = ("-e", "stderr", "-p", self._files, "-c", self._files / main)
        return [shutil.which("nginx") or "nginx", *told, "-g", "daemon off; user root;"]

    async def is_ready(self) -> bool:
        try:
            _, writer = await asyncio.open_connection(HOST, self._own)
            writer.close()
        except OSError:
            return False
        return True

    def asked(self) -> list[str]:
        """Which service each request so far was for, in order; nothing for what was refused."""
        return re.findall(r'"service":"proxy","asked":"(\w*)"', self.log.read_text())

    def _here(self, text: str) -> str:
        for service, address in self._services.items():
            text = text.replace(f"{service}:8000", address)
        changes = {
            "/tmp/": f"{self._files}/",  # noqa: S108 — the container's own
            "listen 8080": f"listen {HOST}:{self._plain}",
            "listen 8443": f"listen {HOST}:{self._secure}",
            "127.0.0.1:8079": f"{HOST}:{self._own}",
            "/run/secrets": str(self._tls),
        }
        for there, here in changes.items():
            text = text.replace(there, here)
        return text
