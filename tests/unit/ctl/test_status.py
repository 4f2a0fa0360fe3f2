"""What an operator is told of how things stand, and how bad it is."""

import math
from dataclasses import replace
from typing import Any

import pytest

from deploy.ctl.findings import CODES, Finding, next_step, worst
from deploy.ctl.standing import Progress
from deploy.ctl.status.judging import judged
from deploy.ctl.status.looking import Look, ServiceLook, samples
from shared.topology import BINDINGS, SERVICES

NOW = 1_800_000_000.0
PROGRESS = Progress(
    ran_until=None, next_due=None, outbox_pending=0, in_flight=0, busy=0, taken_in=1, announced=1, dead=0
)
READY = {"started": True, "database": True, "publishing": True, "consuming": True}
WELL = {
    "ledstjarna_outbox_pending": 0,
    "ledstjarna_outbox_oldest_pending_timestamp_seconds": 0,
    'ledstjarna_heartbeat_last_seen_timestamp_seconds{hop="enrolment"}': NOW - 30,
    'ledstjarna_heartbeat_last_seen_timestamp_seconds{hop="notifications"}': NOW - 30,
    'ledstjarna_heartbeat_last_seen_timestamp_seconds{hop="evaluation"}': NOW - 30,
    'ledstjarna_dead_letters{queue="enrolment.hr",event_type="hr.unit.changed.v1",state="open"}': 0,
    'ledstjarna_dead_letter_oldest_timestamp_seconds{queue="enrolment.hr"}': 0,
    'ledstjarna_promises_broken{promise="invite"}': 0,
    "ledstjarna_promises_broken_oldest_timestamp_seconds": 0,
    "ledstjarna_staff_change_oldest_open_timestamp_seconds": 0,
    "ledstjarna_mails_oldest_due_timestamp_seconds": 0,
    "ledstjarna_mail_relay_resting": 0,
    "ledstjarna_staff_imports_held": 0,
    "ledstjarna_staff_import_oldest_held_timestamp_seconds": 0,
}


def a_service(**changed: float | None) -> ServiceLook:
    told = WELL | {_full(name): value for name, value in changed.items()}
    return ServiceLook(READY, PROGRESS, samples("".join(f"{n} {v}\n" for n, v in told.items() if v is not None)))


def _full(name: str) -> str:
    return next(full for full in WELL if full.split("{")[0].removeprefix("ledstjarna_") == name)


def a_look(**changed: float | None) -> Look:
    queues: Any = {
        name: {"messages_ready": 0, "messages_unacknowledged": 0, "messages": 0, "consumers": 1} for name in BINDINGS
    }
    return Look(NOW, dict.fromkeys(SERVICES, a_service(**changed)), queues)


def not_well(look: Look) -> list[tuple[str, str]]:
    return [(one.theme, one.level) for one in judged(look) if one.level != "ok"]


def test_when_all_is_well_it_says_so_and_ends_with_0() -> None:
    findings = judged(a_look())
    assert not_well(a_look()) == []
    assert next_step(findings) == "All is well."
    assert CODES[worst(findings)] == 0
    assert {one.theme for one in findings} >= {"services", "heartbeat", "outbox", "dead letters", "queues", "people"}


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"heartbeat_last_seen_timestamp_seconds": NOW - 200}, ("heartbeat", "warn")),
        ({"heartbeat_last_seen_timestamp_seconds": NOW - 301}, ("heartbeat", "bad")),
        ({"heartbeat_last_seen_timestamp_seconds": None}, ("heartbeat", "warn")),
        ({"outbox_oldest_pending_timestamp_seconds": NOW - 60}, ("outbox", "warn")),
        ({"outbox_oldest_pending_timestamp_seconds": NOW - 121}, ("outbox", "bad")),
        ({"outbox_pending": None}, ("outbox", "warn")),
        ({"outbox_pending": math.nan}, ("outbox", "warn")),
        ({"dead_letters": 3}, ("dead letters", "warn")),
        ({"promises_broken": 1, "promises_broken_oldest_timestamp_seconds": NOW - 4000}, ("people", "warn")),
        ({"staff_change_oldest_open_timestamp_seconds": NOW - 901}, ("people", "bad")),
        ({"mails_oldest_due_timestamp_seconds": NOW - 901}, ("mails", "bad")),
        ({"mail_relay_resting": 1}, ("mails", "warn")),
        ({"staff_imports_held": 1}, ("imports", "warn")),
        ({"staff_imports_held": None}, ("imports", "warn")),
    ],
)
def test_what_is_not_well_is_found_and_nothing_else(changed: dict[str, float | None], found: tuple[str, str]) -> None:
    assert set(not_well(a_look(**changed))) == {found}


def test_numbers_that_are_counted_in_the_database_are_not_added_up_over_services() -> None:
    [said] = [one.says for one in judged(a_look(dead_letters=3)) if one.theme == "dead letters"]
    assert said.startswith("3 × hr.unit.changed.v1")


def test_a_service_that_cannot_be_asked_is_bad_and_comes_first() -> None:
    look = a_look(dead_letters=3)
    gone = replace(look, services={**look.services, "evaluation": ServiceLook(trouble="cannot be reached at x")})
    findings = judged(gone)
    assert worst(findings) == "bad"
    assert next_step(findings).startswith("Next: start evaluation")


def test_a_queue_without_consumers_or_not_there_at_all_is_told() -> None:
    look = a_look()
    assert look.queues
    lonely: Any = {**look.queues, "enrolment.hr": {"messages_ready": 4, "consumers": 0}}
    [found] = [one for one in judged(replace(look, queues=lonely)) if one.level != "ok"]
    assert (found.what, found.level, found.says) == ("enrolment.hr", "warn", "4 ready, 0 in hand, 0 consumers")
    missing = {name: row for name, row in look.queues.items() if name != "enrolment.hr"}
    assert not_well(replace(look, queues=missing)) == [("queues", "bad")]


def test_a_dead_letter_that_nobody_records_is_told() -> None:
    look = a_look()
    assert look.queues
    assert not_well(replace(look, queues={**look.queues, "evaluation.dead": {"messages": 1}})) == [("queues", "warn")]


def test_a_broker_that_cannot_be_asked_is_bad() -> None:
    assert not_well(replace(a_look(), queues=None, broker_trouble="cannot be reached")) == [("queues", "bad")]


@pytest.mark.parametrize(("severity", "level"), [("page", "bad"), ("ticket", "warn")])
def test_an_alert_that_fires_leads_to_its_runbook(severity: str, level: str) -> None:
    labels = {"alertname": "OutboxStuck", "severity": severity}
    alert = {"state": "firing", "labels": labels, "annotations": {"runbook_url": "docs/runbooks/outbox-stuck.md"}}
    watchdog = {"state": "firing", "labels": {"alertname": "Watchdog", "severity": "none"}}
    pending = {**alert, "state": "pending"}
    look = replace(a_look(), alerts=[alert, watchdog, pending])
    assert not_well(look) == [("alerts", level)]
    assert "docs/runbooks/outbox-stuck.md" in next_step(judged(look))


def test_it_says_how_much_else_there_is_to_look_at() -> None:
    two = [Finding("a", "b", "warn", "c", "do this."), Finding("a", "b", "warn", "c", "do that.")]
    assert next_step(two) == "Next: do this. Then look at what else is said above (1 more)."


def test_what_the_same_step_mends_is_not_said_to_be_something_else() -> None:
    same = [Finding("dead letters", queue, "warn", "c", "look at them.") for queue in ("a", "b", "c")]
    assert next_step(same) == "Next: look at them."
