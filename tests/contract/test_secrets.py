"""The secrets of a deployment are made once, are added to, and are never replaced."""

import json
import shutil
import ssl
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from deploy.ctl.certificates import write_certificates
from deploy.ctl.main import app
from deploy.ctl.secrets import EDITED, write_secrets
from deploy.local.endpoints import Endpoints

FOLLOWING = {"definitions.json", "mongo_users.json", "endpoints.json", "endpoints_root.json"}


def contents(directory: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in directory.iterdir() if file.is_file()}


def openssl(*arguments: str | Path) -> str:
    """What openssl prints; it must agree."""
    return subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=True).stdout  # noqa: S603, S607


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    write_secrets(tmp_path / "secrets")
    return tmp_path / "secrets"


def test_done_again_it_makes_nothing_and_changes_no_secret(secrets: Path) -> None:
    before = contents(secrets)
    assert write_secrets(secrets) == []
    after = contents(secrets)
    assert {name: after[name] for name in after if name != "definitions.json"} == {
        name: before[name] for name in before if name != "definitions.json"
    }


def test_what_a_new_version_needs_besides_is_added_and_the_rest_stays(secrets: Path) -> None:
    before = contents(secrets)
    for name in ("grafana_password", "backup_mongo_url", "operator_token"):
        (secrets / name).unlink()
    assert write_secrets(secrets) == ["grafana_password", "backup_mongo_url", "operator_token"]
    after = contents(secrets)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"grafana_password", "backup_mongo_url", "operator_token", "tokens.json", *FOLLOWING}
    kept = json.loads(before["tokens.json"])
    assert json.loads(after["tokens.json"])[: len(kept)] == kept
    assert json.loads(after["mongo_users.json"])["enrolment"] == json.loads(before["mongo_users.json"])["enrolment"]


def test_queues_of_a_new_version_come_into_the_definitions(secrets: Path) -> None:
    (secrets / "definitions.json").unlink()
    (secrets / "definitions.json").write_text('{"queues": []}')
    write_secrets(secrets)
    assert json.loads((secrets / "definitions.json").read_text())["queues"]


def test_passwords_are_hashed_where_others_read_them(secrets: Path) -> None:
    made = contents(secrets)
    passwords = {urlsplit(made[name]).password for name in made if name.endswith(("_amqp_url", "_mongo_url"))}
    assert len(passwords) == 12
    assert not any(password and password in made["definitions.json"] for password in passwords)
    assert all(user["password_hash"] for user in json.loads(made["definitions.json"])["users"])
    assert made["office_token"] not in made["tokens.json"]


def test_the_directory_is_its_owners_and_the_files_can_be_read_by_containers(secrets: Path) -> None:
    assert secrets.stat().st_mode & 0o777 == 0o700
    modes = {file.name: file.stat().st_mode & 0o777 for file in secrets.iterdir()}
    assert {name for name, mode in modes.items() if mode == 0o644} == set(EDITED)
    assert {mode for name, mode in modes.items() if name not in EDITED} == {0o444}


def test_the_command_inside_finds_services_and_keys(secrets: Path) -> None:
    told = Endpoints.read(secrets)
    assert told.enrolment == "http://enrolment:8000"
    assert told.tokens.operator == (secrets / "operator_token").read_text()
    assert told.amqp_users["operator"] == (secrets / "operator_amqp_url").read_text()
    assert told.mongo == (secrets / "backup_mongo_url").read_text()
    root = Endpoints.model_validate_json((secrets / "endpoints_root.json").read_text())
    assert root.mongo == f"mongodb://root:{(secrets / 'mongo_root_password').read_text()}@mongo:27017/" + (
        "?replicaSet=rs0&authSource=admin"
    )


def test_an_address_without_a_password_is_named(secrets: Path) -> None:
    (secrets / "hr_amqp_url").unlink()
    (secrets / "hr_amqp_url").write_text("amqp://rabbitmq/")
    result = CliRunner().invoke(app, ["secrets", str(secrets)])
    assert result.exit_code == 2
    assert "hr_amqp_url names no password" in result.output


def test_certificates_are_made_once_for_the_names_that_others_use(secrets: Path) -> None:
    made = write_certificates(secrets, ["ledarskap.kommun.example", "10.1.2.3"])
    assert made == ["ca.pem", "rabbitmq.pem", "mongo.pem", "proxy.pem"]
    before = contents(secrets / "tls")
    assert write_certificates(secrets, ["another.example"]) == []
    assert contents(secrets / "tls") == before
    shown = openssl("x509", "-in", secrets / "tls/proxy.pem", "-noout", "-ext", "subjectAltName")
    assert "DNS:ledarskap.kommun.example" in shown
    assert "IP Address:10.1.2.3" in shown


def test_a_deleted_certificate_is_made_anew_by_the_same_authority(secrets: Path) -> None:
    write_certificates(secrets)
    authority = (secrets / "tls/ca.pem").read_text()
    (secrets / "tls/mongo.pem").unlink()
    assert write_certificates(secrets) == ["mongo.pem"]
    assert (secrets / "tls/ca.pem").read_text() == authority


@pytest.mark.parametrize("server", ["rabbitmq", "mongo", "proxy"])
def test_a_strict_client_trusts_a_certificate_by_the_authority_alone(server: str, secrets: Path) -> None:
    write_certificates(secrets)
    tls = secrets / "tls"
    trusting = ("-x509_strict", "-purpose", "sslserver", "-CAfile", tls / "ca.pem")
    assert openssl("verify", *trusting, tls / f"{server}.pem").endswith(": OK\n")
    ssl.create_default_context(cafile=str(tls / "ca.pem"))
    assert (tls / "ca.key").stat().st_mode & 0o777 == 0o400


def test_certificates_without_secrets_say_what_comes_first(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["certificates", str(tmp_path)])
    assert result.exit_code == 2
    assert f"run `ledstjarna secrets {tmp_path}` first" in " ".join(result.output.split())


def test_without_openssl_one_sentence_says_so(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert shutil.which("openssl") is None
    result = CliRunner().invoke(app, ["certificates", str(secrets)])
    assert result.exit_code == 2
    assert "apt-get install openssl" in " ".join(result.output.split())
