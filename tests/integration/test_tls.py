"""The overlay for TLS, on the real servers: all speak it, nobody is let in without, nobody is trusted unseen."""

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aio_pika
import httpx
import pytest
import yaml
from aiormq.exceptions import AMQPConnectionError
from pymongo import MongoClient
from pymongo.errors import ServerSelectionTimeoutError

from deploy.ctl.certificates import write_certificates
from deploy.ctl.secrets import write_secrets
from deploy.local.mail import ROOT, Mail
from deploy.local.mongo import Mongo
from deploy.local.ports import HOST, free_port
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.service import Service
from deploy.mongo.init_rs import initiate
from deploy.mongo.users import ROOT as ROOT_USER
from deploy.mongo.users import Client
from shared.events.hr import UnitChanged
from shared.publishing import BrokerPublisher
from shared.topology import SERVICES
from tests.integration.proxied import Proxy
from tests.integration.wiring import HrSystem, until

MOUNTED = "/run/secrets"


class SecureRabbitMQ(RabbitMQ):
    """With deploy/docker/rabbitmq-tls.conf over its own configuration, as in the composition."""

    def __init__(self, run_dir: Path, tls: Path) -> None:
        super().__init__(run_dir)
        self.tls = tls

    def url_of(self, user: str) -> str:
        """The address by TLS."""
        plain = super().url_of(user)
        return f"{plain.replace('amqp://', 'amqps://')}?cafile={self.tls / 'ca.pem'}"

    async def prepare(self) -> None:
        """Lay the overlay over it."""
        await super().prepare()
        file = self._home / "rabbitmq.conf"
        own = [line for line in file.read_text().splitlines() if not line.startswith("listeners.tcp")]
        overlay = (ROOT / "deploy/docker/rabbitmq-tls.conf").read_text()
        overlay = overlay.replace(MOUNTED, str(self.tls)).replace("= 5671", f"= {HOST}:{self.amqp_port}")
        file.write_text("\n".join(own) + "\n" + overlay)


class SecureMongo(Mongo):
    """With the options that deploy/docker/tls.yml adds."""

    def __init__(self, run_dir: Path, tls: Path) -> None:
        super().__init__(run_dir)
        self.tls = tls

    def url_for(self, user: str, database: str) -> str:
        """The address by TLS."""
        return f"{super().url_for(user, database)}&tls=true&tlsCAFile={self.tls / 'ca.pem'}"

    def command(self) -> Sequence[str | Path]:
        """What the composition starts, as far as it is about TLS."""
        told: list[str] = yaml.safe_load((ROOT / "deploy/docker/tls.yml").read_text())["services"]["mongo"]["command"]
        of_tls = told[told.index("--tlsMode") :]
        return [*super().command(), *(word.replace(MOUNTED, str(self.tls)) for word in of_tls)]

    def _client(self, **sign_in: Any) -> Client:
        return super()._client(tls=True, tlsCAFile=str(self.tls / "ca.pem"), **sign_in)


@dataclass
class Secure:
    """Everything by TLS."""

    tls: Path
    broker: SecureRabbitMQ
    mongo: SecureMongo
    services: dict[str, Service]
    url: str

    def client(self) -> httpx.AsyncClient:
        """Somebody who trusts the deployment's authority and nobody else."""
        trust = ssl.create_default_context(cafile=str(self.tls / "ca.pem"))
        trust.verify_flags |= ssl.VERIFY_X509_STRICT  # as newer Pythons do by themselves
        return httpx.AsyncClient(base_url=self.url, verify=trust, trust_env=False)


@pytest.fixture
async def secure(tmp_path: Path) -> AsyncIterator[Secure]:
    secrets, port = tmp_path / "secrets", free_port()
    write_secrets(secrets)
    write_certificates(secrets)
    tls, url = secrets / "tls", f"https://{HOST}:{port}"
    async with AsyncExitStack() as around:
        broker = await around.enter_async_context(SecureRabbitMQ(tmp_path, tls))
        mongo = await around.enter_async_context(SecureMongo(tmp_path, tls))
        mail = await around.enter_async_context(Mail(tmp_path))
        services = {}
        for name in SERVICES:
            told = {"AMQP_URL": broker.url_of(name), "MONGO_URL": mongo.url_of(name), "PUBLIC_URL": url}
            told |= {"LINK_KEYS": (secrets / "link_keys").read_text(), "TOKENS_FILE": str(secrets / "tokens.json")}
            told |= {"SMTP_URL": mail.url, "SENDER": "A <a@kommun.example>"} if name == "notifications" else {}
            told |= {"PSEUDONYM_SECRET": (secrets / "pseudonym_secret").read_text()} if name == "evaluation" else {}
            services[name] = await around.enter_async_context(Service(tmp_path, name, told))
        addresses = {name: urlsplit(service.url).netloc for name, service in services.items()}
        await around.enter_async_context(Proxy(tmp_path, addresses, port=port, tls=tls))
        yield Secure(tls, broker, mongo, services, url)


@pytest.mark.timeout(600)
async def test_an_event_comes_from_hr_to_the_office_and_every_step_is_by_tls(secure: Secure, tmp_path: Path) -> None:
    publisher = BrokerPublisher(secure.broker.url_of("hr"))
    await publisher.start()
    await HrSystem(publisher).says(UnitChanged(unit_id="U1", version=1, name="Kommunen", parent_id=None))
    await publisher.stop()
    key = {"Authorization": f"Bearer {(tmp_path / 'secrets/office_token').read_text()}"}
    async with secure.client() as program:

        async def known() -> bool:
            register = (await program.get("/enrolment/api/staff-register", headers=key)).json()
            return bool(register["units"])

        await until(known)
    await _sign_in_is_secure(secure, tmp_path)
    await _nobody_comes_in_without(secure)


async def _sign_in_is_secure(secure: Secure, tmp_path: Path) -> None:
    async with secure.client() as office:
        token = (tmp_path / "secrets/office_token").read_text()
        answer = await office.post("/sign-in", data={"token": token, "next": "/results"})
        assert answer.headers["location"] == "/results"
        assert "Secure" in answer.headers["set-cookie"]
        assert answer.headers["strict-transport-security"]
        assert (await office.get("/results")).status_code == 200


async def _nobody_comes_in_without(secure: Secure) -> None:
    plain = secure.broker.url_of("hr").replace("amqps://", "amqp://").partition("?")[0]
    with pytest.raises(AMQPConnectionError):
        await aio_pika.connect(plain, timeout=5)
    with pytest.raises(AMQPConnectionError):
        await aio_pika.connect(plain.replace("amqp://", "amqps://"), timeout=5)  # trusts the world's authorities only
    without: tuple[dict[str, Any], ...] = ({}, {"tls": True})
    for trust in without:
        with (
            MongoClient[dict[str, Any]](
                HOST, secure.mongo.port, directConnection=True, serverSelectionTimeoutMS=1500, **trust
            ) as client,
            pytest.raises(ServerSelectionTimeoutError),
        ):
            client.admin.command("ping")
    async with httpx.AsyncClient(trust_env=False) as anybody:
        with pytest.raises(httpx.ConnectError):
            await anybody.get(secure.url)
        assert (await anybody.get(secure.url.replace("https", "http"))).status_code == 400
    sign_in: dict[str, Any] = {"username": ROOT_USER, "password": secure.mongo.passwords[ROOT_USER]}
    initiate(f"{HOST}:{secure.mongo.port}", tls=True, tlsCAFile=str(secure.tls / "ca.pem"), **sign_in)
