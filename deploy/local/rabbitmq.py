"""A private RabbitMQ node: own name, data, ports, cookie and port mapper (epmd); nothing shared with the system's."""

import asyncio
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

import aio_pika
from aio_pika.exceptions import AMQPError

from deploy.local.part import Part
from deploy.local.ports import HOST, free_port
from deploy.local.programs import Where, find_rabbitmq
from shared import topology

USERS = ("hr", "enrolment", "notifications", "evaluation", "operator", "monitor")

_CONFIGURATION = """
listeners.tcp.1 = {host}:{amqp}
management.tcp.ip = {host}
management.tcp.port = {management}
prometheus.tcp.ip = {host}
prometheus.tcp.port = {metrics}
definitions.import_backend = local_filesystem
definitions.local.path = {definitions}
collect_statistics_interval = 1000
disk_free_limit.absolute = 200MB
log.file = false
log.console = true
log.console.level = notice
log.connection.level = warning
"""
_NAMES = '{lookup, [file]}.\n{host, {127,0,0,1}, ["localhost"]}.\n'
"""Erlang's resolver: the node finds itself even where /etc/hosts is missing."""


class RabbitMQ(Part):
    """`async with RabbitMQ(run_dir) as broker:` gives a broker with the whole topology imported."""

    name = "rabbitmq"
    ready_within_seconds = 90.0

    def __init__(
        self,
        run_dir: Path,
        *,
        passwords: Mapping[str, str] | None = None,
        where: Where | None = None,
        more: str = "",
    ) -> None:
        """`more` are further lines of rabbitmq.conf."""
        super().__init__(run_dir)
        self._more = more
        self.passwords = passwords or {user: secrets.token_urlsafe(18) for user in USERS}
        self.amqp_port, self.management_port, self.metrics_port = free_port(), free_port(), free_port()
        self._between_nodes, self._mapper = free_port(), free_port()
        self._home = run_dir / "rabbitmq"
        self._where = where or Where()
        self._scripts: Path | None = None

    def url_of(self, user: str) -> str:
        """The address of the broker for one of USERS."""
        return f"amqp://{user}:{self.passwords[user]}@{HOST}:{self.amqp_port}/"

    @property
    def management(self) -> str:
        """The address of the management pages and API; the operator may sign in."""
        return f"http://{HOST}:{self.management_port}"

    @property
    def metrics(self) -> str:
        """The address of the broker's own metrics."""
        return f"http://{HOST}:{self.metrics_port}/metrics"

    def ports(self) -> Sequence[int]:
        return [self.amqp_port, self.management_port, self.metrics_port, self._between_nodes, self._mapper]

    async def prepare(self) -> None:
        await super().prepare()
        self._scripts = await asyncio.to_thread(find_rabbitmq, self._where)
        self._home.mkdir(parents=True, exist_ok=True)
        self._home.chmod(0o700)
        definitions = self._home / "definitions.json"
        definitions.write_text(json.dumps(topology.definitions(self.passwords)))
        (self._home / "enabled_plugins").write_text("[rabbitmq_management,rabbitmq_prometheus].\n")
        (self._home / "inetrc").write_text(_NAMES)
        (self._home / "rabbitmq.conf").write_text(
            _CONFIGURATION.format(
                host=HOST,
                amqp=self.amqp_port,
                management=self.management_port,
                metrics=self.metrics_port,
                definitions=definitions,
            )
            + self._more
        )

    def command(self) -> Sequence[str | Path]:
        if self._scripts is None:
            raise RuntimeError("prepare() finds the broker before command() is asked.")
        return [self._scripts / "rabbitmq-server"]

    def environment(self) -> Mapping[str, str]:
        home = str(self._home)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("RABBITMQ_", "ERL_"))}
        return inherited | {
            "HOME": home,  # the cookie lands there
            "PATH": self._where.path,  # where its Erlang is
            "RUNNING_UNDER_SYSTEMD": "true",  # makes the script become the broker instead of its parent
            "RABBITMQ_NODENAME": f"ledstjarna-{self.amqp_port}@localhost",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": f"{home}/rabbitmq.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{home}/enabled_plugins",
            "RABBITMQ_MNESIA_BASE": f"{home}/data",
            "RABBITMQ_LOG_BASE": f"{home}/log",
            "RABBITMQ_PID_FILE": f"{home}/pid",
            "RABBITMQ_DIST_PORT": str(self._between_nodes),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 -kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_PORT": str(self._mapper),
            "ERL_EPMD_ADDRESS": HOST,
            "ERL_INETRC": f"{home}/inetrc",
        }

    async def is_ready(self) -> bool:
        try:
            _, writer = await asyncio.open_connection(HOST, self.amqp_port)
            writer.close()
            connection = await aio_pika.connect(self.url_of("operator"), timeout=5)
            async with connection, connection.channel() as channel:
                await channel.declare_queue("evaluation.dead", passive=True)
        except (OSError, AMQPError, TimeoutError):
            return False
        return True
