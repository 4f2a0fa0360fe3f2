"""The broker as data: the one source of exchanges, queues, bindings, policies, users and their rights.

`definitions` turns it into RabbitMQ's own import format; services only look things up here and declare nothing.
"""

import base64
import hashlib
import os
from collections.abc import Mapping
from typing import Any, Final

from shared.events import enrolment, evaluation, hr, notifications
from shared.events.base import Event

HR: Final = "hr"
EVENTS: Final = "events"
SERVICES: Final = ("enrolment", "notifications", "evaluation")
PUBLISHERS: Final = (HR, *SERVICES)

RETRY_LADDER: Final = {"5s": 5, "30s": 30, "2m": 120, "10m": 600, "1h": 3600}
"""Rungs of the retry ladder: how long a message rests on each, in seconds."""

DELIVERY_LIMIT: Final = 20
"""Backstop for messages that kill the process which handles them; ordinary retries climb the ladder instead."""

NEVER: Final = 1_000_000
"""The delivery limit of dead letters: looking at one counts as a delivery, and RabbitMQ 4 would drop it at the 20th."""

MAX_QUEUE_BYTES: Final = 2 * 1024**3

BINDINGS: Final[Mapping[str, tuple[type[Event], ...]]] = {
    "enrolment.hr": (hr.EmployeeChanged, hr.EmployeeLeft, hr.EmployeeErased, hr.UnitChanged, hr.SnapshotPage),
    "enrolment.notifications": (
        notifications.MessageFailed,
        notifications.MessageBounced,
        notifications.InvitationAnswered,
    ),
    "enrolment.evaluation": (
        evaluation.ReleasePublished,
        evaluation.ProgrammeChangeRecommended,
        evaluation.RecommendationResolved,
        evaluation.HeartbeatPassed,
    ),
    "notifications.hr": (hr.EmployeeChanged, hr.EmployeeLeft),
    "notifications.enrolment": (
        enrolment.CohortScheduled,
        enrolment.CohortCancelled,
        enrolment.SessionRescheduled,
        enrolment.SessionCancelled,
        enrolment.PlaceApprovalRequested,
        enrolment.PlaceOffered,
        enrolment.PlaceConfirmed,
        enrolment.PlaceDeclined,
        enrolment.PlaceExpired,
        enrolment.PlaceWithdrawn,
        enrolment.PlacePaused,
        enrolment.PlaceCompleted,
        enrolment.StaffReconciled,
        enrolment.HeartbeatStarted,
    ),
    "notifications.evaluation": (evaluation.InvitationsRequested, evaluation.RemindersRequested, evaluation.WaveClosed),
    "evaluation.hr": (hr.EmployeeChanged, hr.EmployeeLeft, hr.EmployeeErased),
    "evaluation.enrolment": (
        enrolment.CohortScheduled,
        enrolment.CohortCancelled,
        enrolment.SessionRescheduled,
        enrolment.SessionCancelled,
        enrolment.SessionHeld,
        enrolment.PlaceConfirmed,
        enrolment.PlaceDeclined,
        enrolment.PlaceWithdrawn,
        enrolment.PlacePaused,
        enrolment.PlaceCompleted,
        enrolment.StaffReconciled,
        enrolment.ProgrammeRevised,
    ),
    "evaluation.notifications": (
        notifications.MessageFailed,
        notifications.MessageBounced,
        notifications.HeartbeatPassed,
    ),
}
"""What each work queue `<consumer>.<publisher>` receives: just the events that its consumer handles."""


def exchange_of(event_type: str) -> str:
    """The exchange on which an event of this type is published."""
    return HR if event_type.startswith("hr.") else EVENTS


def requeue_exchange(service: str) -> str:
    """Where a retried or replayed message goes; its routing key is the work queue's name."""
    return f"{service}.requeue"


def retry_exchange(service: str, rung: str) -> str:
    """Where a message rests before it is tried again; named like the queue behind it."""
    return f"{service}.retry.{rung}"


def dead_exchange(service: str) -> str:
    """Where a message goes that cannot be handled; the queue behind it has the same name."""
    return f"{service}.dead"


UNROUTED: Final = "hr.unrouted"
"""Where the broker puts what HR says and nobody binds; enrolment takes it and says among the dead letters why not."""


def definitions(passwords: Mapping[str, str]) -> dict[str, Any]:
    """RabbitMQ definitions of the whole topology, with the users named in `passwords`.

    All users are in it; nobody can sign in as one without a password. Only salted hashes are written (RabbitMQ's
    `rabbit_password_hashing_sha256`).
    """
    return {
        "vhosts": [{"name": "/"}],
        "users": [_user(name, tags, passwords.get(name)) for name, tags in _TAGS.items()],
        "permissions": [{"user": user, "vhost": "/", **rights} for user, rights in _permissions().items()],
        "topic_permissions": [
            {"user": user, "vhost": "/", "exchange": exchange_of(f"{user}."), "write": rf"^{user}\.", "read": "^$"}
            for user in PUBLISHERS
        ],
        "exchanges": [_exchange(name, kind) for name, kind in _exchanges()],
        "queues": [_queue(name) for name in _queues()],
        "bindings": list(_bindings()),
        "policies": list(_policies()),
    }


_TAGS: Final = {**dict.fromkeys(PUBLISHERS, ""), "operator": "management", "monitor": "monitoring"}


def _user(name: str, tags: str, password: str | None) -> dict[str, Any]:
    hashed = ""
    if password:
        salt = os.urandom(4)
        hashed = base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
    return {
        "name": name,
        "tags": tags,
        "password_hash": hashed,
        "hashing_algorithm": "rabbit_password_hashing_sha256",
    }


def _permissions() -> dict[str, dict[str, str]]:
    rights = {
        service: {
            "configure": "^$",
            "write": rf"^(events|{service}\.(retry\.[0-9]+[smh]|requeue|dead))$",
            "read": rf"^{service}\..+$",
        }
        for service in SERVICES
    }
    rights[HR] = {"configure": "^$", "write": "^hr$", "read": "^$"}
    rights["operator"] = {"configure": "^$", "write": r"^.+\.requeue$", "read": r"^.+$"}
    rights["monitor"] = {"configure": "^$", "write": "^$", "read": "^$"}
    return rights


def _exchanges() -> list[tuple[str, str]]:
    exchanges = [(HR, "topic"), (EVENTS, "topic"), (UNROUTED, "fanout")]
    for service in SERVICES:
        exchanges.append((requeue_exchange(service), "direct"))
        exchanges.append((dead_exchange(service), "fanout"))
        exchanges.extend((retry_exchange(service, rung), "fanout") for rung in RETRY_LADDER)
    return exchanges


def _queues() -> list[str]:
    resting = [retry_exchange(service, rung) for service in SERVICES for rung in RETRY_LADDER]
    return [*BINDINGS, *resting, *(dead_exchange(service) for service in SERVICES)]


def _exchange(name: str, kind: str) -> dict[str, Any]:
    return {
        "name": name,
        "vhost": "/",
        "type": kind,
        "durable": True,
        "auto_delete": False,
        "internal": False,
        "arguments": {},
    }


def _queue(name: str) -> dict[str, Any]:
    arguments = {"x-queue-type": "quorum"}
    return {"name": name, "vhost": "/", "durable": True, "auto_delete": False, "arguments": arguments}


def _bindings() -> list[dict[str, Any]]:
    routes: list[tuple[str, str, str]] = []
    for queue, events in BINDINGS.items():
        routes.extend((exchange_of(event.type), queue, event.type) for event in events)
        routes.append((requeue_exchange(queue.partition(".")[0]), queue, queue))
    routes.append((UNROUTED, "enrolment.hr", ""))
    for service in SERVICES:
        same_name = [dead_exchange(service), *(retry_exchange(service, rung) for rung in RETRY_LADDER)]
        routes.extend((name, name, "") for name in same_name)
    return [
        {
            "source": source,
            "vhost": "/",
            "destination": queue,
            "destination_type": "queue",
            "routing_key": key,
            "arguments": {},
        }
        for source, queue, key in routes
    ]


def _policies() -> list[dict[str, Any]]:
    safe = {
        "dead-letter-strategy": "at-least-once",
        "overflow": "reject-publish",
        "max-length-bytes": MAX_QUEUE_BYTES,
    }
    policies = [_policy("hr.unrouted", "^hr$", {"alternate-exchange": UNROUTED}, "exchanges")]
    policies.append(_policy("dead", r"^.+\.dead$", {"delivery-limit": NEVER}))
    for service in SERVICES:
        work = safe | {"dead-letter-exchange": dead_exchange(service), "delivery-limit": DELIVERY_LIMIT}
        policies.append(_policy(f"{service}.work", rf"^{service}\.({'|'.join(PUBLISHERS)})$", work))
        for rung, seconds in RETRY_LADDER.items():
            rest = safe | {"dead-letter-exchange": requeue_exchange(service), "message-ttl": seconds * 1000}
            policies.append(_policy(f"{service}.retry.{rung}", rf"^{service}\.retry\.{rung}$", rest))
    return policies


def _policy(name: str, pattern: str, definition: dict[str, Any], apply_to: str = "queues") -> dict[str, Any]:
    return {
        "name": name,
        "vhost": "/",
        "pattern": pattern,
        "apply-to": apply_to,
        "priority": 0,
        "definition": definition,
    }
