"""The broker's definitions, the services' handlers and the committed files say the same."""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

from shared.events import EVENT_TYPES
from shared.topology import BINDINGS, DELIVERY_LIMIT, NEVER, RETRY_LADDER, SERVICES, definitions, exchange_of

MADE = definitions({"enrolment": "secret"})


@pytest.mark.parametrize("queue", sorted(BINDINGS))
def test_a_queue_receives_exactly_what_its_service_handles(queue: str) -> None:
    service, _, publisher = queue.partition(".")
    handlers = importlib.import_module(f"services.{service}.handlers")
    subscription = getattr(handlers, publisher)
    assert set(subscription.handlers) == set(BINDINGS[queue])
    assert subscription.publisher == publisher


def test_every_queue_is_a_quorum_queue_whose_losses_go_somewhere() -> None:
    for queue in MADE["queues"]:
        assert queue["arguments"] == {"x-queue-type": "quorum"}
        [policy] = [policy for policy in MADE["policies"] if re.match(policy["pattern"], queue["name"])]
        is_last = queue["name"].endswith(".dead")
        assert ("dead-letter-exchange" in policy["definition"]) is not is_last, queue["name"]
        assert not is_last or policy["definition"]["delivery-limit"] > 1000, (
            "looking at dead letters must not drop them"
        )


def test_the_ladder_of_a_service_leads_back_to_its_own_queues_only() -> None:
    back = {(b["source"], b["destination"]) for b in MADE["bindings"] if b["source"].endswith(".requeue")}
    assert back == {(f"{queue.partition('.')[0]}.requeue", queue) for queue in BINDINGS}
    resting = [p["definition"]["message-ttl"] for p in MADE["policies"] if p["name"].startswith("enrolment.retry.")]
    assert resting == [seconds * 1000 for seconds in RETRY_LADDER.values()]


def test_a_service_may_configure_nothing_and_read_only_its_own() -> None:
    rights = {row["user"]: row for row in MADE["permissions"]}
    for service in SERVICES:
        assert rights[service]["configure"] == "^$"
        others = [queue["name"] for queue in MADE["queues"] if not queue["name"].startswith(f"{service}.")]
        assert not [name for name in others if re.search(rights[service]["read"], name)]
        assert not re.search(rights[service]["write"], "amq.default")
        assert not re.search(rights[service]["write"], "hr")


def test_nobody_can_sign_in_with_a_password_that_was_not_given() -> None:
    hashes = {user["name"]: user["password_hash"] for user in MADE["users"]}
    assert hashes.pop("enrolment")
    assert set(hashes.values()) == {""}
    assert "secret" not in str(MADE)


def test_every_event_goes_to_an_exchange_that_exists() -> None:
    exchanges = {exchange["name"] for exchange in MADE["exchanges"]}
    assert {exchange_of(event_type) for event_type in EVENT_TYPES} <= exchanges


def policy_of(queue: str) -> dict[str, Any]:
    [policy] = [policy for policy in MADE["policies"] if re.match(policy["pattern"], queue)]
    definition: dict[str, Any] = policy["definition"]
    return definition


@pytest.mark.parametrize("queue", [queue["name"] for queue in MADE["queues"]])
def test_no_queue_is_left_to_the_limit_that_its_broker_takes_for_granted(queue: str) -> None:
    """None up to RabbitMQ 3.13, 20 from 4.0."""
    limit = policy_of(queue)["delivery-limit"]
    assert limit == (DELIVERY_LIMIT if queue in BINDINGS else NEVER)


@pytest.mark.parametrize("queue", [queue["name"] for queue in MADE["queues"] if not queue["name"].endswith(".dead")])
def test_what_leaves_a_queue_has_arrived_elsewhere_before(queue: str) -> None:
    """Without any of these conditions a quorum queue silently dead-letters at most once, or not at all."""
    policy = policy_of(queue)
    assert policy["dead-letter-strategy"] == "at-least-once"
    assert policy["overflow"] == "reject-publish"
    reached = {row["destination"] for row in MADE["bindings"] if row["source"] == policy["dead-letter-exchange"]}
    assert reached
    assert queue not in reached


DIFFERENT = {
    r"\.nack\(": "RabbitMQ 4.3 does not count it towards the delivery limit: reject, or climb the ladder",
    r"NACK_ON_ERROR": "it requeues without an end on RabbitMQ 4.3",
    r"default_exchange|amq\.default": "whoever may write there may write to any queue",
    r"global_=|global_qos": "RabbitMQ 4 refuses it on quorum queues",
}
"""What brokers from 3.10 to 4.3 do differently, and what we do instead."""


@pytest.mark.parametrize("word", DIFFERENT)
def test_no_service_relies_on_what_brokers_do_differently(word: str, root: Path) -> None:
    """A command that looks through a queue once may nack: there is no round for it to go."""
    sources = [path for folder in ("shared", "services") for path in (root / folder).rglob("*.py")]
    assert len(sources) > 100
    assert not [path.name for path in sources if re.search(word, path.read_text())], DIFFERENT[word]
