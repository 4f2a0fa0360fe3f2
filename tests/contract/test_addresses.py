"""Every door of every service is either reached through the proxy, or named here as one for the inside only."""

import hashlib
import importlib
import json
import re
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts

from shared.topology import SERVICES

SHARED = {"/", "/sign-in", "/docs", "/openapi.json"}
"""What every service has: at the proxy one of them answers, or it begins with the service's name."""
INSIDE = {"/health/live", "/health/ready", "/metrics", "/progress", "/ledger"}
LEADS = re.compile(r"^map \$uri \$service \{$(.*?)^\}$", re.MULTILINE | re.DOTALL)


def doors(service: str, tmp_path: Path) -> set[str]:
    """The paths of a service's routes."""
    (tmp_path / "tokens.json").write_text(
        json.dumps([{"sha256": hashlib.sha256(b"x").hexdigest(), "role": "office", "name": "office"}])
    )
    settings = importlib.import_module(f"services.{service}.settings").Settings(
        amqp_url="amqp://x:x@127.0.0.1:1/",
        mongo_url="mongodb://127.0.0.1:1/x",
        public_url="https://ledarskap.kommun.example",
        link_keys=("key",),
        tokens_file=tmp_path / "tokens.json",
        **({"smtp_url": "smtp://127.0.0.1:1", "sender": "A <a@b.example>"} if service == "notifications" else {}),
        **({"pseudonym_secret": "s" * 48} if service == "evaluation" else {}),
    )
    made = importlib.import_module(f"services.{service}.app").make(settings)
    return {context.path for context in iter_route_contexts(made.app.routes) if context.path}


@pytest.fixture(scope="module")
def of_services(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    return {service: doors(service, tmp_path_factory.mktemp(service)) for service in SERVICES}


@pytest.fixture
def rules(root: Path) -> list[tuple[re.Pattern[str], str]]:
    """The proxy's map from addresses to services, in order."""
    found = LEADS.search((root / "deploy/proxy/http.conf").read_text())
    assert found
    lines = [line.split() for line in found[1].replace("(?<", "(?P<").splitlines() if line.strip().startswith("~")]
    return [(re.compile(pattern.removeprefix("~")), service.rstrip(";")) for pattern, service in lines]


def led_to(rules: list[tuple[re.Pattern[str], str]], path: str) -> str:
    """The service to which the proxy would send a request; nothing if to none."""
    for pattern, service in rules:
        if found := pattern.search(path):
            return found["named"] if service == "$named" else service
    return ""


@pytest.mark.parametrize("service", SERVICES)
def test_every_door_is_reached_or_is_for_the_inside(
    service: str, of_services: dict[str, set[str]], rules: list[tuple[re.Pattern[str], str]]
) -> None:
    assert len(of_services[service]) > 15
    for path in of_services[service]:
        if path in INSIDE:
            assert led_to(rules, path) == led_to(rules, f"/{service}{path}") == "", path
        elif path.startswith("/api/") or path in {"/docs", "/openapi.json"}:
            assert led_to(rules, f"/{service}{path}") == service, path
            assert led_to(rules, path) == "", path
        elif path not in SHARED:
            assert led_to(rules, path.replace("{", "").replace("}", "")) == service, path


def test_no_two_services_have_a_page_of_the_same_name(of_services: dict[str, set[str]]) -> None:
    first_words = [
        {path.split("/")[1] for path in paths - SHARED - INSIDE if not path.startswith("/api/")}
        for paths in of_services.values()
    ]
    assert sum(map(len, first_words)) == len(set[str]().union(*first_words))
    assert not set(SERVICES) & set[str]().union(*first_words)
