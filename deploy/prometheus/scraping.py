"""Whom Prometheus asks for metrics: one source for containers (prometheus.yml, committed) and the local stack."""

from collections.abc import Mapping
from typing import Any, Final

import yaml

from shared.topology import SERVICES

BROKER: Final = "rabbitmq"
QUEUES: Final = "rabbitmq-queues"
JOBS: Final = (*SERVICES, BROKER, QUEUES)
"""The values of the label `job`."""

IN_CONTAINERS: Final = {**{service: f"{service}:8000" for service in SERVICES}, BROKER: "rabbitmq:15692"}
"""Addresses by the names of docker-compose.yml."""

_HEAD = """\
# Made from deploy/prometheus/scraping.py by `python -m deploy.generated`; names of targets are of docker-compose.yml.
# The broker is asked twice: for its totals, and per queue only for what queues are judged by. Its identity comes in
# both answers; once is enough.
"""


def configuration(
    addresses: Mapping[str, str], *, every_seconds: int, rules: str, alertmanager: str | None
) -> dict[str, Any]:
    """Prometheus' configuration.

    Args:
        addresses: host:port of each service and of the broker's metrics; whoever is not in it is not asked.
        every_seconds: how often to ask, and to evaluate rules.
        rules: which files hold rules; a pattern that matches none is fine.
        alertmanager: its host:port, if there is one.
    """
    told: dict[str, Any] = {
        "global": {"scrape_interval": f"{every_seconds}s", "evaluation_interval": f"{every_seconds}s"},
        "rule_files": [rules],
    }
    if alertmanager:
        told["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]}
    told["scrape_configs"] = [_job(service, addresses[service]) for service in SERVICES if service in addresses]
    if BROKER in addresses:
        told["scrape_configs"] += [_job(BROKER, addresses[BROKER]), _queues(addresses[BROKER])]
    return told


def _job(name: str, address: str) -> dict[str, Any]:
    return {"job_name": name, "static_configs": [{"targets": [address]}]}


def _queues(address: str) -> dict[str, Any]:
    drop = {"source_labels": ["__name__"], "regex": "rabbitmq_(identity|build)_info", "action": "drop"}
    return {
        **_job(QUEUES, address),
        "metrics_path": "/metrics/detailed",
        "params": {"family": ["queue_coarse_metrics", "queue_consumer_count"]},
        "metric_relabel_configs": [drop],
    }


def as_yaml(told: Mapping[str, Any]) -> str:
    """The configuration as Prometheus reads it."""
    return yaml.safe_dump(dict(told), sort_keys=False, width=120)


def in_containers() -> str:
    """What is committed for docker-compose.yml."""
    told = configuration(
        IN_CONTAINERS, every_seconds=15, rules="/etc/prometheus/rules/*.yml", alertmanager="alertmanager:9093"
    )
    return _HEAD + as_yaml(told)
