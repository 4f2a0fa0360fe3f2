"""docker-compose.yml and what is laid over it fit image and secrets: judged by the real parser, schema and linters."""

import importlib
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.ctl.certificates import MOUNTED_CA, write_certificates
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


PLAIN = ("docker-compose.yml",)
TLS = (*PLAIN, "deploy/docker/tls.yml")
LAYERS = pytest.mark.parametrize("files", [PLAIN, TLS], ids=["plain", "tls"])


@cache
def composed(root: Path, files: tuple[str, ...], *more: str) -> str:
    """What the real parser makes of these files."""
    chosen = [word for file in files for word in ("-f", file)]
    return output_of(TOOLS / "docker-compose", "--env-file", "/dev/null", *chosen, *more, directory=root)


@pytest.fixture
def compose(root: Path) -> dict[str, Any]:
    """The composition as the real parser understands it, with all profiles."""
    composition: dict[str, Any] = yaml.safe_load(composed(root, PLAIN, "--profile", "*", "config"))
    return composition


@pytest.fixture
def tls(root: Path) -> dict[str, Any]:
    """The same with everything by TLS."""
    composition: dict[str, Any] = yaml.safe_load(composed(root, TLS, "--profile", "*", "config"))
    return composition


@LAYERS
@pytest.mark.parametrize("profiles", [(), ("dev",), ("observability",), ("jobs",), ("dev", "observability", "jobs")])
def test_the_real_parser_accepts_every_profile(profiles: tuple[str, ...], files: tuple[str, ...], root: Path) -> None:
    chosen = [word for profile in profiles for word in ("--profile", profile)]
    assert composed(root, files, *chosen, "config", "-q") == ""


@LAYERS
def test_the_composition_is_as_its_specification_says(files: tuple[str, ...], root: Path) -> None:
    for file in files:
        output_of(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", file, directory=root)


@LAYERS
def test_a_linter_of_compositions_finds_nothing_but_what_is_known(
    files: tuple[str, ...], root: Path, tmp_path: Path
) -> None:
    """No image has a digest: none can be looked up where this is written. Two servers write beside their volumes."""
    merged = tmp_path / "compose.yml"
    merged.write_text(composed(root, files, "--profile", "*", "config"))
    found = json.loads(
        output_of(TOOLS / "compose-lint", "check", "--format", "json", "--fail-on", "high", merged, directory=tmp_path)
    )
    assert not {(one["rule_id"], one["service"]) for one in found["findings"] if one["rule_id"] != "CL-0019"} - {
        ("CL-0007", "rabbitmq"),
        ("CL-0007", "mongo"),
    }


def test_the_dockerfile_has_no_known_fault(root: Path) -> None:
    assert output_of(TOOLS / "hadolint", root / "deploy/docker/Dockerfile", directory=root) == ""


@LAYERS
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_given_every_setting_it_needs_and_none_it_does_not_know(
    service: str, files: tuple[str, ...], root: Path
) -> None:
    told = yaml.safe_load(composed(root, files, "config"))["services"][service]
    settings: type[ServiceSettings] = importlib.import_module(f"services.{service}.settings").Settings
    given = {name.removeprefix(PREFIX).lower() for name in told["environment"]}
    secret = {Path(entry["target"]).name.lower() for entry in told["secrets"]}
    given |= {name.removeprefix(PREFIX.lower()) for name in secret if name.startswith(PREFIX.lower())}
    assert {name for name, field in settings.model_fields.items() if field.is_required()} <= given
    assert given <= set(settings.model_fields)


@LAYERS
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_reads_its_settings_from_the_secrets_that_are_mounted(
    service: str,
    files: tuple[str, ...],
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And signs in to both servers as herself, with the password that they were given."""
    made = tmp_path / "made"
    write_secrets(made)
    write_certificates(made)
    told = yaml.safe_load(composed(root, files, "config"))
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    for entry in told["services"][service]["secrets"]:
        file = Path(told["secrets"][entry["source"]]["file"]).relative_to(root / "deploy/secrets")
        (mounted / Path(entry["target"]).name).write_text((made / file).read_text())
    for name, value in told["services"][service]["environment"].items():
        monkeypatch.setenv(name, value)
    settings = importlib.import_module(f"services.{service}.settings").Settings(_secrets_dir=mounted)
    scheme, trust = ("amqps", MOUNTED_CA) if files == TLS else ("amqp", "")
    assert settings.amqp_url.startswith(f"{scheme}://{service}:")
    password = json.loads((made / "mongo_users.json").read_text())[service]
    assert settings.mongo_url.startswith(f"mongodb://{service}:{password}@mongo:27017/{service}?replicaSet=rs0")
    assert all(url.endswith(trust) for url in (settings.amqp_url, settings.mongo_url))


@LAYERS
def test_all_mounted_secrets_are_made(files: tuple[str, ...], root: Path, tmp_path: Path) -> None:
    told = yaml.safe_load(composed(root, files, "--profile", "*", "config"))
    write_secrets(tmp_path)
    write_certificates(tmp_path)
    for secret in told["secrets"].values():
        assert (tmp_path / Path(secret["file"]).relative_to(root / "deploy/secrets")).is_file()


def test_all_mounted_files_are_there(compose: dict[str, Any]) -> None:
    volumes = [volume for service in compose["services"].values() for volume in service.get("volumes", [])]
    assert [each["source"] for each in volumes if each["type"] == "bind" and not Path(each["source"]).exists()] == []


@LAYERS
def test_images_are_pinned_and_only_the_machine_itself_reaches_the_ports(files: tuple[str, ...], root: Path) -> None:
    told = yaml.safe_load(composed(root, files, "--profile", "*", "config"))
    for service in told["services"].values():
        assert re.search(r":(v?[0-9]+\.[0-9]+\.[0-9]+|local)", service["image"]), service["image"]
        assert {port["host_ip"] for port in service.get("ports", [])} <= {"127.0.0.1"}
    published = {name for name, service in told["services"].items() if service.get("ports")}
    assert published == {"proxy", "mailpit", "grafana"} | ({"rabbitmq"} if files == TLS else set())


def test_whoever_comes_in_by_the_proxy_reaches_neither_server(compose: dict[str, Any]) -> None:
    networks = {name: set(service.get("networks", ())) for name, service in compose["services"].items()}
    assert networks["proxy"] & (networks["rabbitmq"] | networks["mongo"] | networks["prometheus"]) == set()
    assert all(compose["networks"][name].get("internal") for name in networks["mongo"] | networks["rabbitmq"])
    assert {name for name in SERVICES if "outside" in networks[name]} == {"notifications"}


@pytest.mark.parametrize("service", [*SERVICES, "mongo-init", "migrate", "ctl", "repair"])
def test_our_own_containers_can_do_little_harm(service: str, compose: dict[str, Any]) -> None:
    container = compose["services"][service]
    assert container["user"] == "10001:10001"
    assert container["read_only"] is True


def test_no_container_is_root_or_grows_without_end(compose: dict[str, Any]) -> None:
    for name, container in compose["services"].items():
        assert container["user"].partition(":")[0] not in {"", "0", "root"}, name
        assert container["cap_drop"] == ["ALL"], name
        assert container["security_opt"] == ["no-new-privileges:true"], name
        assert container["logging"]["options"] == {"max-file": "5", "max-size": "10m"}, name
        assert container["mem_limit"], name
        assert container["pids_limit"], name


def test_a_broker_that_is_away_makes_no_container_restart(compose: dict[str, Any]) -> None:
    for service in SERVICES:
        assert "/health/live" in " ".join(compose["services"][service]["healthcheck"]["test"])


def test_prometheus_looks_at_containers_that_it_can_reach(compose: dict[str, Any], root: Path) -> None:
    jobs = yaml.safe_load((root / "deploy/prometheus/prometheus.yml").read_text())["scrape_configs"]
    targets = {target for job in jobs for config in job["static_configs"] for target in config["targets"]}
    looked_at = {target.partition(":")[0] for target in targets}
    assert set(SERVICES) <= looked_at
    mine = set(compose["services"]["prometheus"]["networks"])
    assert not [name for name in looked_at - {"localhost"} if not mine & set(compose["services"][name]["networks"])]


@pytest.mark.parametrize("extras", ["", "-otel"])
def test_the_image_holds_the_versions_that_were_tested(extras: str, root: Path) -> None:
    pinned = re.compile(r"^([a-z0-9._-]+)==([^ ]+)", re.MULTILINE)
    tested = dict(pinned.findall((root / "requirements.lock").read_text()))
    shipped = dict(pinned.findall((root / f"deploy/docker/requirements{extras}.lock").read_text()))
    assert shipped.items() <= tested.items()
    assert "typer" in shipped
    assert "pytest" not in shipped
    assert ("opentelemetry-sdk" in shipped) is bool(extras)
