"""What the services, the broker and Prometheus say of themselves just now."""

import asyncio
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from prometheus_client.parser import text_string_to_metric_families

from deploy.ctl.asking import PATIENCE_SECONDS
from deploy.ctl.broker_api import BrokerApi, NotLetInError
from deploy.ctl.calls import Calls, RefusedError, UnreachableError
from deploy.ctl.joining import broker_of, services_of
from deploy.ctl.standing import Progress
from deploy.local.endpoints import Endpoints

Samples = Mapping[str, list[tuple[Mapping[str, str], float]]]
"""Values by the name of their metric, each with its labels."""

QUEUE_FIELDS: Final = "name,messages_ready,messages_unacknowledged,messages,consumers"


@dataclass(frozen=True)
class ServiceLook:
    """One service: which parts are ready, how far it has come, its metrics; or why it cannot be asked."""

    ready: Mapping[str, bool] = field(default_factory=dict)
    progress: Progress | None = None
    metrics: Samples = field(default_factory=dict)
    trouble: str = ""


@dataclass(frozen=True)
class Look:
    """All that was found at `now` (machine time, in seconds). Nothing stands where a part is not known of."""

    now: float
    services: Mapping[str, ServiceLook]
    queues: Mapping[str, Mapping[str, int]] | None = None
    broker_trouble: str = ""
    alerts: list[Mapping[str, Any]] | None = None
    prometheus_trouble: str = ""

    def values(self, name: str, **labels: str) -> list[tuple[Mapping[str, str], float]]:
        """The samples of a metric that have these labels, in all services."""
        return [
            (told, value)
            for service in self.services.values()
            for told, value in service.metrics.get(name, [])
            if all(told.get(label) == wanted for label, wanted in labels.items())
        ]

    def largest(self, name: str, **labels: str) -> float | None:
        """The largest of them: documents are counted by each replica. Nothing if nobody tells it."""
        return max((value for _, value in self.values(name, **labels)), default=None)

    def age(self, name: str, **labels: str) -> float | None:
        """Seconds since the latest of these moments, 0 where there is none; nothing if nobody tells it."""
        moment = self.largest(name, **labels)
        return None if moment is None else max(0.0, self.now - moment) if moment else 0.0


async def look(stack: Endpoints) -> Look:
    """Ask everything at once."""
    addresses = services_of(stack)
    async with (
        httpx.AsyncClient(timeout=PATIENCE_SECONDS, trust_env=False) as anybody,
        Calls(stack.tokens.operator, PATIENCE_SECONDS) as calls,
    ):
        services = await asyncio.gather(*(_service(anybody, calls, address) for address in addresses.values()))
        (queues, broker_trouble), (alerts, prometheus_trouble) = await asyncio.gather(
            _queues(stack), _alerts(anybody, stack.prometheus)
        )
    found = dict(zip(addresses, services, strict=True))
    return Look(time.time(), found, queues, broker_trouble, alerts, prometheus_trouble)


async def _service(anybody: httpx.AsyncClient, calls: Calls, address: str) -> ServiceLook:
    try:
        ready = (await anybody.get(f"{address}/health/ready")).json()
        metrics = samples((await anybody.get(f"{address}/metrics")).text)
    except (httpx.TransportError, ValueError) as error:
        return ServiceLook(trouble=f"cannot be reached at {address} ({str(error) or type(error).__name__})")
    if not ready.get("database"):
        return ServiceLook(ready, None, metrics)  # it would not say how far it has come
    try:
        progress = Progress.model_validate(await calls.get(f"{address}/progress"))
    except (UnreachableError, RefusedError) as error:
        return ServiceLook(ready, None, metrics, f"does not tell how far it has come: {error}")
    return ServiceLook(ready, progress, metrics)


def samples(text: str) -> Samples:
    """The values in what a service exports for Prometheus; without those that it does not know just now (NaN)."""
    found: dict[str, list[tuple[Mapping[str, str], float]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in (one for one in family.samples if not math.isnan(one.value)):
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


async def _queues(stack: Endpoints) -> tuple[Mapping[str, Mapping[str, int]] | None, str]:
    if stack.management is None:
        return None, ""
    api = BrokerApi(stack.management, broker_of(stack, "operator"), PATIENCE_SECONDS)
    try:
        rows = await api.get(f"queues?columns={QUEUE_FIELDS}")
    except (UnreachableError, NotLetInError) as error:
        return None, str(error)
    finally:
        await api.close()
    return {row["name"]: {key: value for key, value in row.items() if key != "name"} for row in rows}, ""


async def _alerts(anybody: httpx.AsyncClient, prometheus: str | None) -> tuple[list[Mapping[str, Any]] | None, str]:
    if prometheus is None:
        return None, ""
    try:
        answer = await anybody.get(f"{prometheus.rstrip('/')}/api/v1/alerts")
        return list(answer.raise_for_status().json()["data"]["alerts"]), ""
    except (httpx.HTTPError, ValueError, KeyError) as error:
        return None, f"Prometheus cannot be asked at {prometheus} ({str(error) or type(error).__name__})"
