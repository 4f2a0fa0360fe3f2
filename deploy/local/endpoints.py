"""Where everything of a running stack is: `endpoints.json` in its run directory, so that any program can join."""

import os
from pathlib import Path
from typing import Self

from pydantic import BaseModel

FILE = "endpoints.json"


class Tokens(BaseModel):
    """What a program says to be let in: `Authorization: Bearer <token>`; also for the sign-in page."""

    office: str
    operator: str


class Endpoints(BaseModel):
    """Addresses and keys of one running stack; null where the part is not run, or not by this stack."""

    amqp: str | None = None
    """The broker, signed in as the HR system, which is the one program outside that publishes."""
    amqp_users: dict[str, str] = {}
    """The broker for each of its users."""
    management: str | None = None
    broker_metrics: str | None = None
    mongo: str | None = None
    smtp: str | None = None
    maildir: Path | None = None
    lmtp: str | None = None
    """Where mail to the service is delivered (LMTP), as by a mail server: answers from calendars, for example."""
    enrolment: str | None = None
    notifications: str | None = None
    evaluation: str | None = None
    prometheus: str | None = None
    alertmanager: str | None = None
    dashboards: str | None = None
    tokens: Tokens
    clock: Path | None = None
    """The file whose instant every service takes for now; null with the real clock."""
    run_dir: Path

    @classmethod
    def read(cls, run_dir: Path) -> Self:
        """The endpoints of the stack that runs in this directory."""
        return cls.model_validate_json((run_dir / FILE).read_bytes())

    def write(self) -> Path:
        """Write them for their owner's eyes only, complete or not at all."""
        unfinished = self.run_dir / f".{FILE}"
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(self.model_dump_json(indent=2) + "\n")
        return unfinished.rename(self.run_dir / FILE)
