"""docker-compose.yml, image and secrets fit together: judged by the real parsers and the settings themselves."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from deploy.ctl.secrets import write_secrets
from shared.settings import ServiceSettings
from shared.topology import SERVICES

TOOLS = Path(sys.executable).parent
PREFIX = "LEDSTJARNA_"


def output_of(*command: str | Path, directory: Path) -> str:
    """What a tool prints; fails with what it complains about."""
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def compose(root: Path) -> dict[str, Any]:
    """The composition as the real parser understands it, with all profiles."""
    rendered = output_of(TOOLS / "docker-compose", "--profile", "*", "config", directory=root)
    composition: dict[str, Any] = yaml.safe_load(rendered)
    return composition


@pytest.mark.parametrize("profiles", [(), ("dev",), ("observability",), ("dev", "observability")])
def test_the_real_parser_accepts_every_profile(profiles: tuple[str, ...], root: Path) -> None:
    chosen = [word for profile in profiles for word in ("--profile", profile)]
    assert output_of(TOOLS / "docker-compose", *chosen, "config", "-q", directory=root) == ""


def test_the_dockerfile_has_no_known_fault(root: Path) -> None:
    assert output_of(TOOLS / "hadolint", root / "deploy/docker/Dockerfile", directory=root) == ""


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_given_every_setting_it_needs_and_none_it_does_not_know(
    service: str, compose: dict[str, Any]
) -> None:
    settings: type[ServiceSettings] = importlib.import_module(f"services.{service}.settings").Settings
    given = {name.removeprefix(PREFIX).lower() for name in compose["services"][service]["environment"]}
    secret = {Path(entry["target"]).name.lower() for entry in compose["services"][service]["secrets"]}
    given |= {name.removeprefix(PREFIX.lower()) for name in secret if name.startswith(PREFIX.lower())}
    assert {name for name, field in settings.model_fields.items() if field.is_required()} <= given
    assert given <= set(settings.model_fields)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_reads_its_settings_from_the_secrets_that_are_mounted(
    service: str, compose: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_secrets(tmp_path / "made")
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    for entry in compose["services"][service]["secrets"]:
        made = tmp_path / "made" / Path(compose["secrets"][entry["source"]]["file"]).name
        (mounted / Path(entry["target"]).name).write_text(made.read_text())
    for name, value in compose["services"][service]["environment"].items():
        monkeypatch.setenv(name, value)
    settings = importlib.import_module(f"services.{service}.settings").Settings(_secrets_dir=mounted)
    assert settings.amqp_url.startswith(f"amqp://{service}:")
    assert settings.mongo_url.endswith(f"/{service}?replicaSet=rs0")


def test_secrets_are_hashed_where_others_read_them_and_are_never_replaced(tmp_path: Path) -> None:
    directory = tmp_path / "secrets"
    write_secrets(directory)
    made = {file.name: file.read_text() for file in directory.iterdir()}
    passwords = {content.split(":")[2].split("@")[0] for name, content in made.items() if name.endswith("_amqp_url")}
    assert len(passwords) == 6
    assert not any(password in made["definitions.json"] for password in passwords)
    assert all(user["password_hash"] for user in json.loads(made["definitions.json"])["users"])
    assert made["office_token"] not in made["tokens.json"]
    assert directory.stat().st_mode & 0o077 == 0
    with pytest.raises(typer.BadParameter, match="never replaced"):
        write_secrets(directory)


def test_all_mounted_secrets_are_made(compose: dict[str, Any], tmp_path: Path) -> None:
    write_secrets(tmp_path)
    assert {Path(secret["file"]).name for secret in compose["secrets"].values()} <= {p.name for p in tmp_path.iterdir()}


def test_images_are_pinned_and_only_the_machine_itself_reaches_the_ports(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert re.search(r":(v?[0-9]+\.[0-9]+\.[0-9]+|local)", service["image"]), service["image"]
        assert {port["host_ip"] for port in service.get("ports", [])} <= {"127.0.0.1"}


@pytest.mark.parametrize("service", [*SERVICES, "mongo-init"])
def test_our_own_containers_can_do_little_harm(service: str, compose: dict[str, Any]) -> None:
    container = compose["services"][service]
    assert container["user"] == "10001:10001"
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]


def test_prometheus_looks_at_containers_that_exist(compose: dict[str, Any], root: Path) -> None:
    jobs = yaml.safe_load((root / "deploy/prometheus/prometheus.yml").read_text())["scrape_configs"]
    targets = {target for job in jobs for config in job["static_configs"] for target in config["targets"]}
    assert {target.partition(":")[0] for target in targets} <= set(compose["services"])
    assert set(SERVICES) <= {target.partition(":")[0] for target in targets}


def test_the_image_holds_the_versions_that_were_tested(root: Path) -> None:
    pinned = re.compile(r"^([a-z0-9._-]+)==([^ ]+)", re.MULTILINE)
    tested = dict(pinned.findall((root / "requirements.lock").read_text()))
    shipped = dict(pinned.findall((root / "deploy/docker/requirements.lock").read_text()))
    assert shipped.items() <= tested.items()
    assert "pytest" not in shipped
