"""Messages that could not be handled: where, why, how long, and what is being done about them."""

from typing import Final

from deploy.grafana.panels import Dashboard, Panel, Query, Row, age_of, bad, warn

_COMMANDS: Final = """\
Look, then decide. Each command that changes something shows first what it would do; `--yes` does it.

| To | Type |
|---|---|
| see what is wrong, grouped by cause | `ledstjarna dead groups` |
| see the messages of one cause | `ledstjarna dead list --group GROUP` |
| see one with its history | `ledstjarna dead show LETTER` |
| see what led to it, in all services | `ledstjarna trace ID` |
| bring them back once the cause is mended | `ledstjarna dead replay --group GROUP --reason "…"` |
| give them up | `ledstjarna dead discard --group GROUP --reason "…"` |

A replay goes to the queue that failed, and to no other. What had its effect already has it once only.
"""

_OPEN: Final = 'ledstjarna_dead_letters{state="open"}'

DEAD_LETTERS: Final = Dashboard(
    "dead-letters",
    "Dead letters",
    "Messages that could not be handled: where, why, how long, and what is being done about them.",
    (
        Row(
            "How many wait",
            (
                Panel(
                    "Open",
                    "Messages that wait for a decision.",
                    "stat",
                    (Query(f"sum(max by (queue, event_type) ({_OPEN}))"),),
                    runbook="dead-letters-waiting",
                    thresholds=(warn(1), bad(10)),
                    below="good",
                ),
                Panel(
                    "On their way back",
                    "Messages that were replayed and have not been handled yet. They go back to open if they fail "
                    "again.",
                    "stat",
                    (Query('sum(max by (queue, event_type) (ledstjarna_dead_letters{state="replaying"}))'),),
                    runbook="dead-letters-waiting",
                ),
                Panel(
                    "Oldest",
                    "How long the oldest open one has waited.",
                    "stat",
                    (Query(age_of("ledstjarna_dead_letter_oldest_timestamp_seconds")),),
                    runbook="dead-letters-waiting",
                    unit="seconds",
                    thresholds=(warn(900), bad(86400)),
                    below="good",
                ),
                Panel(
                    "Not recorded yet",
                    "Dead letters that stand at the broker. The service records them at once, so that this should be "
                    "0: "
                    "if not, its recorder or its database is in trouble.",
                    "stat",
                    (Query('sum(max by (queue) (rabbitmq_detailed_queue_messages_ready{queue=~".*[.]dead"}))'),),
                    runbook="dlq-not-drained",
                    thresholds=(warn(1), bad(100)),
                    below="good",
                ),
            ),
            height=5,
        ),
        Row(
            "Which",
            (
                Panel(
                    "Open by queue and event",
                    "Where messages wait for a decision, most first.",
                    "table",
                    (Query(f"sort_desc(max by (queue, event_type) ({_OPEN}) > 0)"),),
                    runbook="dead-letters-waiting",
                    columns={"queue": "Queue", "event_type": "Event", "Value": "Open"},
                    empty_when="no dead letter is open",
                    width=12,
                ),
                Panel(
                    "What to do",
                    "The commands that operators need here.",
                    "text",
                    (),
                    runbook="dead-letters-waiting",
                    text=_COMMANDS,
                    width=12,
                ),
            ),
            height=10,
        ),
        Row(
            "How it goes",
            (
                Panel(
                    "New in an hour, by reason",
                    "`exhausted`: the whole retry ladder was climbed. `fault`: an error of ours. The others: the "
                    "message "
                    "itself is wrong. Many at once of one reason have one cause.",
                    "graph",
                    (Query("sum by (reason) (increase(ledstjarna_dead_letters_total[1h]))", "{{reason}}"),),
                    runbook="dead-letters-waiting",
                    stacked=True,
                ),
                Panel(
                    "Oldest, by queue",
                    "How long the oldest open one of each queue has waited.",
                    "graph",
                    (Query(age_of("ledstjarna_dead_letter_oldest_timestamp_seconds", "queue"), "{{queue}}"),),
                    runbook="dead-letters-waiting",
                    unit="seconds",
                ),
                Panel(
                    "What operators did in a day",
                    "Replays and discards of the last 24 hours, and how they went.",
                    "table",
                    (Query("sum by (action, result) (increase(ledstjarna_dead_letter_actions_total[1d])) > 0"),),
                    runbook="dead-letters-waiting",
                    columns={"action": "Action", "result": "Result", "Value": "Messages"},
                    empty_when="nobody did anything",
                ),
            ),
        ),
    ),
)
