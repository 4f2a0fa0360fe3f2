"""Is anyone waiting? The dashboard to look at first, and on a wall."""

from typing import Final

from deploy.grafana.panels import RATE, Dashboard, Panel, Query, Row, Threshold, age_of, bad, quantile, warn

_SERVICES: Final = 'job=~"enrolment|notifications|evaluation"'

_PEOPLE: Final = Row(
    "People who wait",
    (
        Panel(
            "Oldest change without an invite",
            "How long the staff change has waited that nothing has followed yet, though somebody should have been "
            "asked "
            "or invited. It says what no count of finished work can: whom we have forgotten.",
            "stat",
            (Query(age_of("ledstjarna_staff_change_oldest_open_timestamp_seconds")),),
            runbook="staff-change-without-invite",
            unit="seconds",
            thresholds=(warn(300), bad(900)),
            below="good",
        ),
        Panel(
            "Broken promises",
            "People who should have an invite or an offer and have none, as found by comparing what was decided with "
            "what "
            "was sent. Whoever is counted here has been told nothing.",
            "stat",
            (Query("sum(max by (promise) (ledstjarna_promises_broken))"),),
            runbook="promise-broken",
            thresholds=(bad(1),),
            below="good",
        ),
        Panel(
            "Oldest mail that is due",
            "How long the oldest mail has waited that could be sent now. It grows while the relay is away or refuses.",
            "stat",
            (Query(age_of("ledstjarna_mails_oldest_due_timestamp_seconds")),),
            runbook="mails-waiting",
            unit="seconds",
            thresholds=(warn(600), bad(3600)),
            below="good",
        ),
        Panel(
            "Staff imports held",
            "Lists of staff that would have changed too much, and wait for a person to release or reject them. Until "
            "then "
            "nothing of them has happened.",
            "stat",
            (Query("max(ledstjarna_staff_imports_held)"),),
            runbook="staff-import-held",
            thresholds=(warn(1),),
            below="good",
        ),
        Panel(
            "Open dead letters",
            "Messages that could not be handled and wait for a decision: replay them, or discard them with a reason.",
            "stat",
            (Query('sum(max by (queue, event_type) (ledstjarna_dead_letters{state="open"}))'),),
            runbook="dead-letters-waiting",
            thresholds=(warn(1), bad(10)),
            below="good",
        ),
        Panel(
            "Change to invite, 95 %",
            "Within this time 95 of 100 staff changes of the last day led to an invite or an offer. Nights and "
            "weekends are in it, when nobody is written to, and the minutes in which news settle; what is late stands "
            "to the left.",
            "stat",
            (Query(quantile(0.95, "ledstjarna_staff_change_to_invite_seconds", window="1d")),),
            runbook="staff-change-without-invite",
            unit="seconds",
            empty_when="nobody was invited in the last day",
        ),
    ),
    height=5,
)

_SYSTEM: Final = Row(
    "Does the system work",
    (
        Panel(
            "Services up",
            "How many processes of each service answer. 0 means that its part of the work stands still.",
            "stat",
            (Query(f"sum by (job) (up{{{_SERVICES}}})", "{{job}}"),),
            runbook="service-down",
            thresholds=(Threshold(1, "good"),),
            below="bad",
            width=8,
        ),
        Panel(
            "Age of the heartbeat",
            "A message without content goes through all services every minute. This is how long ago the newest one "
            "was "
            "started that has come to each of them: how far behind everything is.",
            "stat",
            (Query("time() - max by (hop) (ledstjarna_heartbeat_last_seen_timestamp_seconds > 0)", "{{hop}}"),),
            runbook="pipeline-stalled",
            unit="seconds",
            thresholds=(warn(150), bad(300)),
            below="good",
            empty_when="the first heartbeat is still under way",
            width=8,
        ),
        Panel(
            "Oldest event not passed on",
            "How long an event has been decided and not been taken by RabbitMQ. What waits here has happened, and "
            "nobody else knows it yet.",
            "stat",
            (Query(age_of("ledstjarna_outbox_oldest_pending_timestamp_seconds", "job"), "{{job}}"),),
            runbook="outbox-stuck",
            unit="seconds",
            thresholds=(warn(30), bad(120)),
            below="good",
            width=8,
        ),
    ),
    height=5,
)

_ALERTS: Final = Row(
    "What calls for somebody, and what was sent",
    (
        Panel(
            "Alerts that fire",
            "Each has a page that says what it means, how to see it and how to mend it.",
            "table",
            (Query('ALERTS{alertstate="firing", alertname!="Watchdog"}'),),
            runbook="watchdog",
            columns={"alertname": "Alert", "severity": "Severity", "job": "Service", "queue": "Queue"},
            empty_when="no alert fires",
            width=12,
        ),
        Panel(
            "Invites in a day",
            "Attempts to tell people of places and sessions in the last 24 hours, by how they ended.",
            "stat",
            (Query("sum by (result) (increase(ledstjarna_invites_total[1d]))", "{{result}}"),),
            runbook="invite-bounce-rate-high",
            width=12,
        ),
    ),
    height=7,
)

_FLOW: Final = Row(
    "Flow of messages",
    (
        Panel(
            "Messages handled",
            "Messages that were handled per second, by queue. A queue that falls to nothing while others go on has "
            "stopped.",
            "graph",
            (
                Query(
                    f'sum by (queue) (rate(ledstjarna_messages_consumed_total{{outcome!="retried"}}[{RATE}]))',
                    "{{queue}}",
                ),
            ),
            runbook="queue-has-no-consumers",
            unit="per second",
        ),
        Panel(
            "Messages that wait",
            "Messages that stand ready in the services' queues at the broker. A short peak is fine; a slope is not.",
            "graph",
            (
                Query(
                    'max by (queue) (rabbitmq_detailed_queue_messages_ready{queue!~".*[.](retry[.].*|dead)"})',
                    "{{queue}}",
                ),
            ),
            runbook="queue-has-no-consumers",
        ),
    ),
)

_DELAY: Final = Row(
    "Delay and errors",
    (
        Panel(
            "Age of messages, 99 %",
            "How old messages were when their handling began: what those who wait feel. Replayed dead letters are "
            "left out.",
            "graph",
            (Query(quantile(0.99, "ledstjarna_message_age_seconds", "queue"), "{{queue}}"),),
            runbook="pipeline-stalled",
            unit="seconds",
            empty_when="no message came",
        ),
        Panel(
            "Errors against what is allowed",
            "How many times faster than allowed messages end as dead letters: at 1 the month's allowance (0.5 %) "
            "lasts just "
            "a month, at 14.4 two days.",
            "graph",
            (Query("job:ledstjarna_messages_bad:ratio_rate1h / 0.005", "{{job}}"),),
            runbook="message-error-budget-fast-burn",
            unit="times",
            thresholds=(warn(1), bad(14.4)),
            empty_when="no message came for an hour",
        ),
    ),
)

OVERVIEW: Final = Dashboard(
    "overview",
    "Is anyone waiting?",
    "People who should have heard from us and have not, and whether the system can reach them.",
    (_PEOPLE, _SYSTEM, _ALERTS, _FLOW, _DELAY),
)
