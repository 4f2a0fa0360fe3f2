"""What a stack consists of: which parts, what each service is told, where everything will be."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from deploy.local.alertmanager import Alertmanager
from deploy.local.console import Console
from deploy.local.credentials import Credentials, tokens_file
from deploy.local.endpoints import Endpoints
from deploy.local.mail import Mail
from deploy.local.mongo import Mongo
from deploy.local.outside import Outside, with_database
from deploy.local.part import Part
from deploy.local.ports import HOST, free_port
from deploy.local.programs import Where
from deploy.local.prometheus import Prometheus
from deploy.local.rabbitmq import USERS, RabbitMQ
from deploy.local.service import Service
from deploy.prometheus.scraping import BROKER

SERVERS = ("rabbitmq", "mongo", "mail")
SERVICES = ("enrolment", "notifications", "evaluation")
PARTS = SERVERS + SERVICES
DASHBOARDS = ("prometheus", "alertmanager", "console")
"""What `--dashboards` adds."""

SENDER = "Ledarutveckling <ledarutveckling@kommun.example>"
OFFICE = "Programkontoret <programkontoret@kommun.example>"


class Blueprint:
    """Everything about one run that is decided before anything is started."""

    def __init__(
        self,
        run_dir: Path,
        *,
        clock: str,
        starts_at: datetime,
        names: Collection[str],
        outside: Outside,
        public_url: str | None = None,
        where: Where | None = None,
    ) -> None:
        self.run_dir, self.outside, self._starts_at = run_dir, outside, starts_at
        self._clock = run_dir / "clock" if clock == "simulated" else None
        self._tokens_file = run_dir / "tokens.json"
        self._public_url = public_url
        self._credentials = Credentials()
        self._lmtp = f"{HOST}:{free_port()}"
        self._broker = RabbitMQ(run_dir, where=where) if "rabbitmq" in names and not outside.amqp else None
        self._database = Mongo(run_dir, where=where) if "mongo" in names and not outside.mongo else None
        self._mail = Mail(run_dir) if "mail" in names and not outside.smtp else None
        own: tuple[Part | None, ...] = (self._broker, self._database, self._mail)
        self.parts: dict[str, Part] = {part.name: part for part in own if part is not None}
        self._services = {name: Service(run_dir, name, self._settings(name)) for name in SERVICES if name in names}
        self.parts.update(self._services)
        self._alertmanager = self._who_tells(where) if "alertmanager" in names else None
        self._prometheus = self._who_asks(where) if "prometheus" in names else None
        self._console = self._who_shows(where) if "console" in names else None
        for part in (self._alertmanager, self._prometheus, self._console):
            if part:
                self.parts[part.name] = part
        self.endpoints = self._endpoints()

    def lay_out(self) -> None:
        """Write the files that services are pointed to. The run directory must be ours by now."""
        self._tokens_file.write_text(tokens_file(self._credentials.tokens.model_dump()))
        if self._clock is not None:
            self._clock.write_text(self._starts_at.isoformat())

    def _settings(self, service: str) -> dict[str, str]:
        settings = {
            "AMQP_URL": self._amqp(service) or "",
            "MONGO_URL": self._mongo(service) or "",
            "CLOCK": f"simulated:{self._clock}" if self._clock else "real",
            "LINK_KEYS": self._credentials.link_keys,
            "TOKENS_FILE": str(self._tokens_file),
        }
        if self._public_url:
            settings["PUBLIC_URL"] = self._public_url
        if service == "notifications":
            settings |= {"SMTP_URL": self._smtp() or "", "SENDER": SENDER}
            settings |= {"LMTP_LISTEN": self._lmtp, "OFFICE_MAILBOX": OFFICE, "INSIDE_DOMAINS": "kommun.example"}
        if service == "evaluation":
            settings["PSEUDONYM_SECRET"] = self._credentials.pseudonym_secret
        return settings

    def _who_tells(self, where: Where | None) -> Alertmanager:
        return Alertmanager(self.run_dir, f"{HOST}:{self._mail.port}" if self._mail else None, where=where)

    def _who_asks(self, where: Where | None) -> Prometheus:
        told = f"{HOST}:{self._alertmanager.port}" if self._alertmanager else None
        return Prometheus(self.run_dir, self._asked(), alertmanager=told, where=where)

    def _who_shows(self, where: Where | None) -> Console | None:
        return Console(self.run_dir, self._prometheus.url, where=where) if self._prometheus else None

    def _asked(self) -> dict[str, str]:
        """Who has metrics, and at which host:port."""
        addresses = {name: f"{HOST}:{service.port}" for name, service in self._services.items()}
        return addresses | ({BROKER: f"{HOST}:{self._broker.metrics_port}"} if self._broker else {})

    def _amqp(self, user: str) -> str | None:
        return self._broker.url_of(user) if self._broker else self.outside.amqp

    def _mongo(self, database: str = "") -> str | None:
        if self._database:
            return self._database.url_of(database)
        return with_database(self.outside.mongo, database) if self.outside.mongo else None

    def _smtp(self) -> str | None:
        return self._mail.url if self._mail else self.outside.smtp

    def _endpoints(self) -> Endpoints:
        urls = {name: service.url for name, service in self._services.items()}
        return Endpoints(
            amqp=self._amqp("hr"),
            amqp_users={user: address for user in USERS if (address := self._amqp(user))},
            management=self._broker.management if self._broker else None,
            broker_metrics=self._broker.metrics if self._broker else None,
            mongo=self._mongo(),
            smtp=self._smtp(),
            maildir=self._mail.maildir if self._mail else None,
            lmtp=self._lmtp if "notifications" in urls else None,
            enrolment=urls.get("enrolment"),
            notifications=urls.get("notifications"),
            evaluation=urls.get("evaluation"),
            prometheus=self._prometheus.url if self._prometheus else None,
            alertmanager=self._alertmanager.url if self._alertmanager else None,
            dashboards=self._console.url if self._console else None,
            tokens=self._credentials.tokens,
            clock=self._clock,
            run_dir=self.run_dir,
        )
