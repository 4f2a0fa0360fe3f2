"""One of the three services, as a part of a local stack."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local.mail import ROOT
from deploy.local.part import WebPart
from deploy.local.ports import HOST, free_port


class Service(WebPart):
    """`python -m services.<name>.app`, with nothing of the surrounding LEDSTJARNA_ environment but what is given."""

    grace_seconds = 35.0  # a service gives itself 30
    ready_path = "/health/ready"

    def __init__(self, run_dir: Path, name: str, settings: Mapping[str, str]) -> None:
        self.name = name
        super().__init__(run_dir)
        self._settings = settings

    def twin(self) -> "Service":
        """A second process of the same service beside this one, as a replica: with ports and a log of its own."""
        own = {"PUBLIC_URL": self.url}
        if "LMTP_LISTEN" in self._settings:
            own["LMTP_LISTEN"] = f"{HOST}:{free_port()}"
        return Service(self.run_dir / "twins", self.name, {**self._settings, **own})

    def command(self) -> Sequence[str | Path]:
        return [sys.executable, "-m", f"services.{self.name}.app"]

    def environment(self) -> Mapping[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LEDSTJARNA_")}
        own = {"HTTP_HOST": HOST, "HTTP_PORT": str(self.port), "PUBLIC_URL": self.url, **self._settings}
        memory = {"MALLOC_ARENA_MAX": "2"}  # as in the image: the driver's threads would keep an arena of memory each
        return (
            inherited
            | memory
            | {"PYTHONPATH": str(ROOT)}
            | {f"LEDSTJARNA_{name}": value for name, value in own.items()}
        )
