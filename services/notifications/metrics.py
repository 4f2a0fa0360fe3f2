"""What operators see of people being written to."""

from datetime import datetime
from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from services.notifications.contents import CALENDAR_KINDS
from services.notifications.model import Message, State
from services.notifications.rules.messages import Result
from shared.cloudevents import STAFF_CHANGE_KINDS

RESULTS: Final = (*Result, "bounced", "suppressed")
"""How it went to tell somebody: an attempt, its coming back afterwards, or that her address is known not to work."""

REMINDERS_OF: Final = frozenset({"reminder", "survey_reminder"})

INVITES: Final = Counter(
    "ledstjarna_invites_total",
    "Attempts to tell people, in their calendars or by mail only, and mails that came back.",
    ("channel", "result"),
)
REMINDERS: Final = Counter("ledstjarna_reminders_total", "Attempts to remind people, by how they ended.", ("result",))
CHANGE_TO_INVITE: Final = Histogram(
    "ledstjarna_staff_change_to_invite_seconds",
    "From HR telling a change to the relay taking a mail that it led to, by the clock of the office; quiet hours too.",
    ("kind",),
    buckets=(1, 5, 15, 30, 60, 120, 300, 900, 3600, 14400, 86400),
)
OLDEST_OPEN_CHANGE: Final = Gauge(
    "ledstjarna_staff_change_oldest_open_timestamp_seconds",
    "When the oldest mail that a staff change led to should have gone that has not; 0 if none.",
)

for _result in RESULTS:
    REMINDERS.labels(_result)
    for _channel in ("calendar", "email"):
        INVITES.labels(_channel, _result)
for _kind in STAFF_CHANGE_KINDS:
    CHANGE_TO_INVITE.labels(_kind)


def tried(message: Message, result: str) -> None:
    """Somebody has been told something, or has not, or it came back."""
    for counter in counters(message, result):
        counter.inc()
    if message.state is State.sent and result == Result.sent and message.staff_change and not message.resent:
        sent_at: datetime = message.sent_at or message.created_at
        since = (sent_at - message.staff_change.at).total_seconds()
        CHANGE_TO_INVITE.labels(message.staff_change.kind).observe(max(0.0, since))


def counters(message: Message, result: str) -> list[Counter]:
    """Those that rise when it has gone so with a message."""
    found = [INVITES.labels("calendar" if message.kind in CALENDAR_KINDS else "email", result)]
    return [*found, REMINDERS.labels(result)] if message.kind in REMINDERS_OF else found
