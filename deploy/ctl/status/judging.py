"""Whether what was seen is well. The limits are those of the alerts: what calls somebody at once is bad, what can wait
for the morning a warning."""

from collections.abc import Iterator
from typing import Final

from deploy.ctl.findings import Finding, Level
from deploy.ctl.status.looking import Look
from shared.topology import BINDINGS, RETRY_LADDER, SERVICES, dead_exchange, retry_exchange

MINUTE, HOUR = 60.0, 3600.0
BEAT_LATE, BEAT_LOST = 150.0, 300.0
"""A beat goes round each minute; after these ages, in seconds, two were lost, and the pipeline stands still."""
OUTBOX_LATE, OUTBOX_STUCK = 30.0, 120.0
WAITS_LONG: Final = 900.0
"""How long somebody may wait for her invite, or a mail for the relay."""


def judged(look: Look) -> list[Finding]:
    """All findings, theme by theme."""
    parts = (_services, _heartbeats, _outboxes, _dead_letters, _queues, _people, _mails, _imports, _alerts)
    return [finding for part in parts for finding in part(look)]


def span(seconds: float) -> str:
    """A length of time for people."""
    if seconds < 2 * MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / MINUTE:.0f} min" if seconds < 2 * HOUR else f"{seconds / HOUR:.0f} h"


def _services(look: Look) -> Iterator[Finding]:
    for name, service in look.services.items():
        missing = [part for part, well in service.ready.items() if not well]
        if service.trouble:
            mend = f"start {name}, or see the end of its log why it stopped (docs/runbooks/service-down.md)."
            yield Finding("services", name, "bad", service.trouble, mend)
        elif missing:
            mend = f"see why {name} has no {' and no '.join(missing)}: `ledstjarna doctor` looks at each."
            yield Finding("services", name, "warn", f"not ready: {', '.join(missing)}", mend)
        elif how := service.progress:
            moments = [f"{moment:%Y-%m-%d %H:%M}" if moment else "–" for moment in (how.ran_until, how.next_due)]
            says = f"ready; {how.in_flight} messages and {how.busy} other things in hand; done until {moments[0]}"
            yield Finding("services", name, "ok", f"{says}, next due {moments[1]} UTC")


def _heartbeats(look: Look) -> Iterator[Finding]:
    for hop in SERVICES:
        age = look.age("ledstjarna_heartbeat_last_seen_timestamp_seconds", hop=hop)
        if age is None or (age == 0 and not look.largest("ledstjarna_heartbeat_last_seen_timestamp_seconds", hop=hop)):
            mend = "wait two minutes; if there is none then, see docs/runbooks/heartbeat-absent.md."
            yield Finding("heartbeat", hop, "warn", "no beat has come yet", mend)
            continue
        level: Level = "bad" if age > BEAT_LOST else "warn" if age > BEAT_LATE else "ok"
        mend = "find the hop where beats stop, the first that is late (docs/runbooks/pipeline-stalled.md)."
        yield Finding("heartbeat", hop, level, f"{span(age)} ago", "" if level == "ok" else mend)


def _outboxes(look: Look) -> Iterator[Finding]:
    for name, service in look.services.items():
        if service.trouble and not service.metrics:
            continue
        pending = _only(service.metrics.get("ledstjarna_outbox_pending"))
        since = _only(service.metrics.get("ledstjarna_outbox_oldest_pending_timestamp_seconds"))
        if pending is None or since is None:
            yield _untold("outbox", name)
            continue
        age = look.now - since if since else 0.0
        level: Level = "bad" if age > OUTBOX_STUCK else "warn" if age > OUTBOX_LATE else "ok"
        says = f"{pending:.0f} to be published" + (f", the oldest since {span(age)}" if since else "")
        mend = f"see whether {name} has its broker (docs/runbooks/outbox-stuck.md)."
        yield Finding("outbox", name, level, says, "" if level == "ok" else mend)


def _dead_letters(look: Look) -> Iterator[Finding]:
    found: dict[tuple[str, str], float] = {}
    for labels, value in look.values("ledstjarna_dead_letters", state="open"):
        key = labels["queue"], labels["event_type"]
        found[key] = max(found.get(key, 0), value)
    open_ = {key: count for key, count in found.items() if count}
    mend = "`ledstjarna dead groups` shows why, and what to do (docs/runbooks/dead-letters-waiting.md)."
    for (queue, event_type), count in sorted(open_.items()):
        age = look.age("ledstjarna_dead_letter_oldest_timestamp_seconds", queue=queue) or 0
        yield Finding("dead letters", queue, "warn", f"{count:.0f} × {event_type}, since {span(age)}", mend)
    if not open_:
        yield Finding("dead letters", "all queues", "ok", "none waits")


def _queues(look: Look) -> Iterator[Finding]:
    if look.broker_trouble:
        yield Finding(
            "queues", "broker", "bad", look.broker_trouble, "start the broker (docs/runbooks/broker-down.md)."
        )
    if look.queues is None:
        return
    resting = sum(
        look.queues.get(retry_exchange(service, rung), {}).get("messages", 0)
        for service in SERVICES
        for rung in RETRY_LADDER
    )
    for name in BINDINGS:
        yield _work_queue(name, look.queues.get(name))
    yield Finding("queues", "retry ladder", "ok", f"{resting} messages rest before they are tried again")
    for service in SERVICES:
        if waiting := look.queues.get(dead_exchange(service), {}).get("messages", 0):
            mend = f"see in the log of {service} why it does not record them (docs/runbooks/dlq-not-drained.md)."
            yield Finding("queues", dead_exchange(service), "warn", f"{waiting} not recorded yet", mend)


def _work_queue(name: str, row: object) -> Finding:
    if not isinstance(row, dict):
        return Finding("queues", name, "bad", "is missing", "import deploy/rabbitmq/definitions.json again.")
    ready, unacknowledged, consumers = (
        int(row.get(key) or 0) for key in ("messages_ready", "messages_unacknowledged", "consumers")
    )
    says = f"{ready} ready, {unacknowledged} in hand, {consumers} consumers"
    if consumers:
        return Finding("queues", name, "ok", says)
    service = name.partition(".")[0]
    mend = f"restart {service}, which should take from {name} (docs/runbooks/queue-has-no-consumers.md)."
    return Finding("queues", name, "warn", says, mend)


def _people(look: Look) -> Iterator[Finding]:
    broken = {labels["promise"]: value for labels, value in look.values("ledstjarna_promises_broken") if value}
    age = look.age("ledstjarna_promises_broken_oldest_timestamp_seconds")
    if age is None:
        yield _untold("people", "promises")
    elif broken:
        says = ", ".join(f"{count:.0f} × {promise}" for promise, count in sorted(broken.items()))
        mend = "`ledstjarna mail promises` says who has no invite or offer, and why (docs/runbooks/promise-broken.md)."
        yield Finding("people", "broken promises", "warn", f"{says}, the oldest since {span(age)}", mend)
    else:
        yield Finding("people", "broken promises", "ok", "none")
    waits = look.age("ledstjarna_staff_change_oldest_open_timestamp_seconds")
    if waits is None:
        yield _untold("people", "staff changes")
        return
    mend = "find who waits for her invite (docs/runbooks/staff-change-without-invite.md)."
    level: Level = "bad" if waits > WAITS_LONG else "ok"
    says = f"the oldest waits since {span(waits)}" if waits else "none waits to be told"
    yield Finding("people", "staff changes", level, says, mend if level == "bad" else "")


def _mails(look: Look) -> Iterator[Finding]:
    age = look.age("ledstjarna_mails_oldest_due_timestamp_seconds")
    if age is None:
        yield _untold("mails", "mails")
        return
    level: Level = "bad" if age > WAITS_LONG else "ok"
    mend = "see whether the mail server takes mails: `ledstjarna doctor` (docs/runbooks/mails-waiting.md)."
    says = f"the oldest is due since {span(age)}" if age else "none is due"
    yield Finding("mails", "to be sent", level, says, mend if level == "bad" else "")
    if look.largest("ledstjarna_mail_relay_resting"):
        yield Finding("mails", "relay", "warn", "refuses mails and is left alone for a while", mend)


def _imports(look: Look) -> Iterator[Finding]:
    held = look.largest("ledstjarna_staff_imports_held")
    if held is None:
        yield _untold("imports", "snapshots")
    elif held:
        age = look.age("ledstjarna_staff_import_oldest_held_timestamp_seconds") or 0
        mend = "look at it: `ledstjarna hr list`, then release or reject it (docs/runbooks/staff-import-held.md)."
        yield Finding("imports", "snapshots", "warn", f"{held:.0f} held, the oldest since {span(age)}", mend)
    else:
        yield Finding("imports", "snapshots", "ok", "none is held")


def _alerts(look: Look) -> Iterator[Finding]:
    if look.prometheus_trouble:
        yield Finding(
            "alerts", "Prometheus", "warn", look.prometheus_trouble, "start Prometheus, or correct its address."
        )
    if look.alerts is None:
        return
    firing = [one for one in look.alerts if one["state"] == "firing" and one["labels"].get("severity") != "none"]
    for one in firing:
        labels, notes = one["labels"], one.get("annotations", {})
        level: Level = "bad" if labels.get("severity") == "page" else "warn"
        mend = f"follow its runbook: {notes.get('runbook_url', 'docs/runbooks')}."
        yield Finding("alerts", labels["alertname"], level, str(notes.get("summary", "fires")), mend)
    if not firing:
        yield Finding("alerts", "Prometheus", "ok", "none fires")


def _only(found: list[tuple[object, float]] | object) -> float | None:
    return found[0][1] if isinstance(found, list) and found else None


def _untold(theme: str, what: str) -> Finding:
    mend = "start the same version of all services as of this command."
    return Finding(theme, what, "warn", "no service tells of it", mend)
