"""The doctor finds what is really broken, and finds nothing when nothing is."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.ctl.doctor import broker as broker_check
from deploy.ctl.doctor import certificates, database, drift, mail, permissions
from deploy.ctl.doctor.command import examine
from deploy.ctl.findings import Finding
from deploy.local.endpoints import Endpoints, Tokens
from deploy.local.mail import Mail
from deploy.local.mongo import Mongo
from deploy.local.programs import Where, find_rabbitmq
from deploy.local.rabbitmq import USERS, RabbitMQ
from shared.delivery import connect, prepare
from shared.topology import definitions
from tests.conftest import kept_up
from tests.integration.secure_server import SecureServer, secure_server

QUORUM = {"durable": True, "arguments": {"x-queue-type": "quorum"}}


@dataclass
class Patient:
    """A broker of our own, and somebody who may change it."""

    broker: RabbitMQ
    run_dir: Path

    def stack(self, **other: Any) -> Endpoints:
        """Its endpoints, as a stack writes them."""
        users = {user: self.broker.url_of(user) for user in USERS}
        known: dict[str, Any] = {"amqp_users": users, "management": self.broker.management, "run_dir": self.run_dir}
        return Endpoints(tokens=Tokens(office="o", operator="p"), **(known | other))

    async def does(self, method: str, path: str, body: Any = None) -> None:
        """Something that only an administrator may do."""
        async with httpx.AsyncClient(trust_env=False, auth=("admin", "admin")) as client:
            answer = await client.request(method, f"{self.broker.management}/api/{path}", json=body)
        assert answer.is_success, answer.text


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Patient]:
    run_dir = tmp_path_factory.mktemp("patient")
    with kept_up(RabbitMQ(run_dir)) as part:
        control = find_rabbitmq(Where()) / "rabbitmqctl"
        for told in (
            ("add_user", "admin", "admin"),
            ("set_user_tags", "admin", "administrator"),
            ("set_permissions", "admin", ".*", ".*", ".*"),
        ):
            subprocess.run([control, "--quiet", *told], env=dict(part.environment()), check=True)  # noqa: S603 — ours
        yield Patient(part, run_dir)


def not_well(findings: list[Finding]) -> list[tuple[str, str, str]]:
    assert all(one.mend for one in findings if one.level != "ok"), "each says how to mend it"
    return [(one.what, one.level, one.says) for one in findings if one.level != "ok"]


async def test_a_broker_as_it_was_made_has_nothing_wrong(patient: Patient) -> None:
    stack = patient.stack()
    for check in (broker_check.check, permissions.check, drift.check):
        findings = await check(stack)
        assert findings
        assert not_well(findings) == [], check


async def test_a_password_that_is_refused_is_found(patient: Patient) -> None:
    stack = patient.stack()
    wrong = patient.broker.url_of("evaluation").replace("evaluation:", "evaluation:x")
    users = stack.amqp_users | {"evaluation": wrong}
    found = not_well(await broker_check.check(patient.stack(amqp_users=users)))
    assert found == [("user evaluation", "bad", "her password is refused")]


async def test_a_user_who_may_too_much_or_too_little_is_found(patient: Patient) -> None:
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    await patient.does("PUT", "permissions/%2F/evaluation", everything)
    await patient.does("PUT", "permissions/%2F/notifications", {"configure": "", "write": "", "read": ""})
    try:
        found = {what: says for what, _, says in not_well(await permissions.check(patient.stack()))}
        assert set(found) == {"evaluation", "notifications"}
        assert "may configure doctor-probe" in found["evaluation"]
        assert "may read enrolment.doctor-probe" in found["evaluation"]
        assert "may not read notifications.doctor-probe" in found["notifications"]
        assert "may not write notifications.retry.9s" in found["notifications"]
        assert "may not say notifications's events" in found["notifications"]
    finally:
        rights = {row["user"]: row for row in definitions({})["permissions"]}
        for user in ("evaluation", "notifications"):
            await patient.does("PUT", f"permissions/%2F/{user}", {key: rights[user][key] for key in everything})
    assert not_well(await permissions.check(patient.stack())) == []


async def test_trying_rights_out_leaves_nothing_behind(patient: Patient) -> None:
    await permissions.check(patient.stack())
    async with httpx.AsyncClient(trust_env=False, auth=("admin", "admin")) as client:
        queues = (await client.get(f"{patient.broker.management}/api/queues")).json()
    assert sum(row.get("messages", 0) for row in queues) == 0
    assert not_well(await drift.check(patient.stack())) == []


async def test_what_is_missing_different_or_too_much_in_the_broker_is_found(patient: Patient) -> None:
    policies = {row["name"]: row for row in definitions({})["policies"]}
    work = {key: policies["enrolment.work"][key] for key in ("pattern", "definition", "apply-to", "priority")}
    await patient.does("DELETE", "queues/%2F/evaluation.hr")
    await patient.does("PUT", "queues/%2F/evaluation.old", QUORUM)
    await patient.does("PUT", "exchanges/%2F/strange", {"type": "fanout"})
    await patient.does("PUT", "policies/%2F/enrolment.work", work | {"priority": 7})
    await patient.does("POST", "bindings/%2F/e/hr/q/enrolment.hr", {"routing_key": "hr.#"})
    try:
        found = {(what, level): says for what, level, says in not_well(await drift.check(patient.stack()))}
        assert found["evaluation.hr", "bad"] == "this queue is missing"
        assert found["hr → evaluation.hr (hr.employee.changed.v1)", "bad"] == "this binding is missing"
        assert found["evaluation.old", "warn"] == "this queue is one too many"
        assert found["strange", "warn"] == "this exchange is none of ours"
        assert found["enrolment.work", "bad"] == "this policy is different: priority is 7"
        assert ("hr → enrolment.hr (hr.#)", "warn") in found
    finally:
        await patient.does("PUT", "policies/%2F/enrolment.work", work)
        await patient.does("PUT", "queues/%2F/evaluation.hr", QUORUM)
        for binding in definitions({})["bindings"]:
            if binding["destination"] == "evaluation.hr":
                body = {"routing_key": binding["routing_key"]}
                await patient.does("POST", f"bindings/%2F/e/{binding['source']}/q/evaluation.hr", body)
        for path in ("queues/%2F/evaluation.old", "exchanges/%2F/strange", "bindings/%2F/e/hr/q/enrolment.hr/hr.%23"):
            await patient.does("DELETE", path)
    assert not_well(await drift.check(patient.stack())) == []


async def test_a_queue_with_other_arguments_is_found_and_how_to_replace_it(patient: Patient) -> None:
    await patient.does("DELETE", "queues/%2F/evaluation.dead")
    await patient.does("PUT", "queues/%2F/evaluation.dead", {"durable": True, "arguments": {"x-max-length": 5}})
    try:
        [found] = [one for one in await drift.check(patient.stack()) if one.what == "evaluation.dead"]
        assert (found.level, "x-max-length" in found.says) == ("bad", True)
        assert "delete it, import again" in found.mend
    finally:
        await patient.does("DELETE", "queues/%2F/evaluation.dead")
        await patient.does("PUT", "queues/%2F/evaluation.dead", QUORUM)
        await patient.does("POST", "bindings/%2F/e/evaluation.dead/q/evaluation.dead", {"routing_key": ""})


async def test_a_broker_that_holds_publishers_back_is_found(patient: Patient) -> None:
    control = find_rabbitmq(Where()) / "rabbitmqctl"

    def limit(what: str) -> None:
        told = ("--quiet", "set_vm_memory_high_watermark", what)
        subprocess.run([control, *told], env=dict(patient.broker.environment()), check=True)  # noqa: S603 — ours

    await asyncio.to_thread(limit, "0.00001")
    try:
        async with asyncio.timeout(30):
            while not (found := not_well(await broker_check.check(patient.stack()))):  # noqa: ASYNC110 — the broker's
                await asyncio.sleep(0.5)
        assert found[0][1:] == ("bad", "raises an alarm about memory")
    finally:
        await asyncio.to_thread(limit, "0.6")


async def test_a_broker_that_is_away_is_told_once_for_each_user_and_hides_nothing_else(tmp_path: Path) -> None:
    users = {"enrolment": "amqp://enrolment:x@127.0.0.1:9/"}
    stack = Endpoints(
        amqp_users=users, management="http://127.0.0.1:9", tokens=Tokens(office="o", operator="p"), run_dir=tmp_path
    )
    findings = await examine(stack)
    assert ("user enrolment", "bad") in {(one.what, one.level) for one in findings}
    assert {one.theme for one in findings} >= {"broker", "topology", "database", "mail server", "disk"}


@pytest.fixture
async def databases(mongo: Mongo) -> AsyncIterator[dict[str, Any]]:
    """The three databases as the services make them."""
    made = {name: connect(mongo.url_of(name)) for name in database.DECLARED}
    for name, each in made.items():
        await prepare(each, database.DECLARED[name], database.CLUSTERS.get(name, ()))
    yield made
    root = connect(mongo.url_of("admin")).client
    for name, each in made.items():
        await root.drop_database(name)
        each.client.close()
    root.close()


async def asked(mongo: Mongo, tmp_path: Path) -> list[Finding]:
    tokens = Tokens(office="o", operator="p")
    return await database.check(Endpoints(mongo=mongo.url, tokens=tokens, run_dir=tmp_path))


async def test_databases_as_the_services_make_them_have_nothing_wrong(
    mongo: Mongo, databases: dict[str, Any], tmp_path: Path
) -> None:
    findings = await asked(mongo, tmp_path)
    assert databases
    assert not_well(findings) == []
    assert {one.what for one in findings} >= {"version", "replica set", "transactions", "enrolment", "evaluation"}


async def test_an_index_that_is_missing_or_different_is_found(
    mongo: Mongo, databases: dict[str, Any], tmp_path: Path
) -> None:
    await databases["enrolment"]["places"].drop_index("employee_id_1")
    await databases["notifications"]["invitations"].drop_index("uid_1")
    await databases["notifications"]["invitations"].create_index("uid")
    await databases["evaluation"].drop_collection("responses")
    await databases["evaluation"].create_collection("responses")
    found = {(what, says.partition(" is ")[0]): says for what, _, says in not_well(await asked(mongo, tmp_path))}
    assert found["enrolment", "places.employee_id_1"].endswith("is missing")
    assert found["notifications", "invitations.uid_1"].endswith("is different")
    assert found["evaluation", "responses"].endswith("is not stored in the order of its ids")


async def test_a_migration_that_is_not_done_is_found(mongo: Mongo, databases: dict[str, Any], tmp_path: Path) -> None:
    await databases["enrolment"]["migrations"].insert_many([{"_id": 1, "done_at": 1}, {"_id": 2}])
    assert not_well(await asked(mongo, tmp_path)) == [("enrolment", "warn", "not done: 2")]


async def test_a_database_that_is_away_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE_SECONDS", 0.3)
    stack = Endpoints(mongo="mongodb://127.0.0.1:9/", tokens=Tokens(office="o", operator="p"), run_dir=tmp_path)
    [found] = await database.check(stack)
    assert (found.level, found.says) == ("bad", "cannot be asked (ServerSelectionTimeoutError)")


def with_mail(url: str, run_dir: Path) -> Endpoints:
    return Endpoints(smtp=url, tokens=Tokens(office="o", operator="p"), run_dir=run_dir)


async def test_a_mail_server_is_greeted_and_one_that_has_stopped_is_found(tmp_path: Path) -> None:
    async with Mail(tmp_path) as server:
        [well] = await mail.check(with_mail(server.url, tmp_path))
        assert (well.level, well.says) == ("ok", "answers without TLS")
        [unsafe] = await mail.check(with_mail(f"{server.url}?starttls=1", tmp_path))
        assert (unsafe.level, unsafe.says) == ("bad", "does not offer what is configured")
        assert not list(server.maildir.glob("new/*")), "no mail was sent"
    [gone] = await mail.check(with_mail(server.url, tmp_path))
    assert (gone.level, "does not answer" in gone.says) == ("bad", True)


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[SecureServer]:
    if shutil.which("openssl") is None:
        pytest.fail("openssl is not installed: apt-get install openssl")
    with secure_server(tmp_path, days=10) as server:
        yield server


async def test_a_certificate_that_ends_soon_is_told_in_days(
    secure: SecureServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(secure.certificate))
    stack = Endpoints(evaluation=secure.url, tokens=Tokens(office="o", operator="p"), run_dir=secure.certificate.parent)
    [found] = await certificates.check(stack)
    assert (found.what, found.level, found.says) == (f"localhost:{secure.port}", "warn", "holds for 9 days")


async def test_a_certificate_that_nobody_vouches_for_is_found(secure: SecureServer) -> None:
    stack = Endpoints(evaluation=secure.url, tokens=Tokens(office="o", operator="p"), run_dir=secure.certificate.parent)
    [found] = await certificates.check(stack)
    assert (found.level, found.says.partition(":")[0]) == ("bad", "does not hold")
    [found] = await mail.check(with_mail(secure.url.replace("https", "smtps"), secure.certificate.parent))
    assert (found.level, found.says.partition(":")[0]) == ("bad", "its certificate does not hold")
