"""One service at a time: what comes in, how long it takes, what goes out, and what it lives on."""

from typing import Final

from deploy.grafana.panels import JOB, RATE, Dashboard, Panel, Query, Row, age_of, bad, quantile, warn

_HERE: Final = f'{{job="{JOB}"}}'
_COMMANDS: Final = f'{{job="{JOB}", command=~"find|insert|update|aggregate|findAndModify|commitTransaction"}}'
_FAILED: Final = f'{{job="{JOB}", outcome=~"dead_lettered|invalid"}}'

_IN: Final = Row(
    "What comes in",
    (
        Panel(
            "Messages by outcome",
            "What became of messages. `retried` comes back by itself; `dead_lettered` and `invalid` wait for a person.",
            "graph",
            (Query(f"sum by (outcome) (rate(ledstjarna_messages_consumed_total{_HERE}[{RATE}]))", "{{outcome}}"),),
            runbook="message-error-budget-fast-burn",
            unit="per second",
            stacked=True,
        ),
        Panel(
            "Messages by event",
            "The ten kinds of events that come most.",
            "graph",
            (
                Query(
                    f"topk(10, sum by (event_type) (rate(ledstjarna_messages_consumed_total{_HERE}[{RATE}])) > 0)",
                    "{{event_type}}",
                ),
            ),
            runbook="queue-has-no-consumers",
            unit="per second",
            empty_when="no message came",
        ),
        Panel(
            "Share of errors",
            "Of the messages that came, the share that ended among the dead letters. 0.5 % is allowed over a month.",
            "graph",
            (
                Query(
                    f"sum(rate(ledstjarna_messages_consumed_total{_FAILED}[{RATE}]))"
                    f" / (sum(rate(ledstjarna_messages_consumed_total{_HERE}[{RATE}])) > 0)",
                    "errors",
                ),
            ),
            runbook="message-error-budget-slow-burn",
            unit="share",
            thresholds=(warn(0.005), bad(0.072)),
            empty_when="no message came",
        ),
    ),
)

_TIME: Final = Row(
    "How long it takes",
    (
        Panel(
            "Handling",
            "From taking a group of messages to having committed it: half of them, and 95 of 100.",
            "graph",
            (
                Query(quantile(0.5, "ledstjarna_message_handle_seconds", where=_HERE), "half"),
                Query(quantile(0.95, "ledstjarna_message_handle_seconds", where=_HERE), "95 %"),
            ),
            runbook="pipeline-stalled",
            unit="seconds",
            empty_when="no message came",
        ),
        Panel(
            "Age of messages, 95 %",
            "How old messages were when their handling began, by queue. It grows before anything else shows.",
            "graph",
            (Query(quantile(0.95, "ledstjarna_message_age_seconds", "queue", where=_HERE), "{{queue}}"),),
            runbook="pipeline-stalled",
            unit="seconds",
            empty_when="no message came",
        ),
        Panel(
            "In hand",
            "Messages in hand as a share of those that may be: at 100 % the service is the one who is slow.",
            "graph",
            (
                Query(
                    f"max by (queue) (ledstjarna_messages_in_flight{_HERE})"
                    f" / max by (queue) (ledstjarna_prefetch_limit{_HERE})",
                    "{{queue}}",
                ),
            ),
            runbook="pipeline-stalled",
            unit="share",
            thresholds=(warn(0.9),),
        ),
    ),
)

_TROUBLE: Final = Row(
    "Trouble",
    (
        Panel(
            "Retries by reason",
            "Messages that rest on the retry ladder and come again, in an hour. `dependency` is somebody else's "
            "trouble.",
            "graph",
            (Query(f"sum by (reason) (increase(ledstjarna_message_retries_total{_HERE}[1h]))", "{{reason}}"),),
            runbook="message-error-budget-slow-burn",
        ),
        Panel(
            "Connected to the broker",
            "Whether each connection stands, and below 1 for how large a share of the processes. It is made again by "
            "itself.",
            "graph",
            (Query(f"avg by (connection) (ledstjarna_broker_connected{_HERE})", "{{connection}}"),),
            runbook="broker-down",
            unit="share",
        ),
        Panel(
            "Connections made again",
            "How often a connection to the broker was lost and made again, in an hour. More than a few: look at the "
            "broker "
            "or the network.",
            "graph",
            (
                Query(
                    f"sum by (connection) (increase(ledstjarna_broker_reconnects_total{_HERE}[1h]))", "{{connection}}"
                ),
            ),
            runbook="broker-down",
        ),
    ),
)

_OUT: Final = Row(
    "What goes out",
    (
        Panel(
            "Events not passed on",
            "Events that are decided and not yet confirmed by the broker. They are sent again until it takes them.",
            "graph",
            (Query(f"max(ledstjarna_outbox_pending{_HERE})", "waiting"),),
            runbook="outbox-stuck",
            thresholds=(warn(1000),),
        ),
        Panel(
            "Events passed on",
            "Events handed to the broker. `returned` means that no queue was there for one: a binding is missing.",
            "graph",
            (Query(f"sum by (result) (rate(ledstjarna_outbox_published_total{_HERE}[{RATE}]))", "{{result}}"),),
            runbook="unroutable-messages",
            unit="per second",
            stacked=True,
        ),
        Panel(
            "Commit to confirm, 95 %",
            "From an event's transaction to the broker's word that it has the event.",
            "graph",
            (Query(quantile(0.95, "ledstjarna_outbox_publish_seconds", where=_HERE), "95 %"),),
            runbook="outbox-stuck",
            unit="seconds",
            empty_when="no event was passed on",
        ),
    ),
)

_RESOURCES: Final = Row(
    "What it lives on",
    (
        Panel(
            "Database, 95 %",
            "What MongoDB takes for a command. `commitTransaction` waits for a majority of the replica set.",
            "graph",
            (Query(quantile(0.95, "ledstjarna_mongo_command_seconds", "command", where=_COMMANDS), "{{command}}"),),
            runbook="pipeline-stalled",
            unit="seconds",
            empty_when="the database was not asked",
        ),
        Panel(
            "Database connections in use",
            "Connections to MongoDB that are in use now. All of them for long: commands wait for one another.",
            "graph",
            (Query(f"sum(ledstjarna_mongo_pool_in_use{_HERE})", "in use"),),
            runbook="pipeline-stalled",
        ),
        Panel(
            "Delay of the event loop",
            "The longest time that everything in a process had to wait for one thing. More than a second: something "
            "computes where it should not, or the machine is short of processors.",
            "graph",
            (Query(f"max(ledstjarna_event_loop_lag_seconds{_HERE})", "longest"),),
            runbook="service-down",
            unit="seconds",
            thresholds=(warn(1),),
        ),
    ),
)

_PROCESS: Final = Row(
    "The process",
    (
        Panel(
            "Processor",
            "How many processors each process uses.",
            "graph",
            (Query(f"rate(process_cpu_seconds_total{_HERE}[{RATE}])", "{{instance}}"),),
            runbook="service-down",
            unit="times",
        ),
        Panel(
            "Memory",
            "What each process holds. A slope over days is a leak; the container's limit is 512 MB.",
            "graph",
            (Query(f"process_resident_memory_bytes{_HERE}", "{{instance}}"),),
            runbook="service-down",
            unit="bytes",
            thresholds=(warn(450_000_000),),
        ),
        Panel(
            "Version",
            "Which program runs, and a digest of the events it knows. During an upgrade two stand side by side.",
            "table",
            (Query(f"ledstjarna_build_info{_HERE}"),),
            runbook="service-down",
            columns={"instance": "Process", "version": "Version", "revision": "Revision", "contracts": "Events"},
        ),
    ),
)

_DUE: Final = Row(
    "Things done when they are due",
    (
        Panel(
            "Runs in an hour",
            "Reminders, expiries, checks and the like, by how they ended. One that fails is tried again.",
            "graph",
            (
                Query(
                    f"topk(10, sum by (job_name, result) (increase(ledstjarna_scheduler_runs_total{_HERE}[1h])) > 0)",
                    "{{job_name}} {{result}}",
                ),
            ),
            runbook="promise-broken",
            empty_when="nothing was due for an hour",
            width=16,
        ),
        Panel(
            "Oldest event not passed on",
            "How long an event has waited in this service that was decided and not passed on.",
            "stat",
            (Query(age_of(f"ledstjarna_outbox_oldest_pending_timestamp_seconds{_HERE}"), "oldest event"),),
            runbook="outbox-stuck",
            unit="seconds",
            thresholds=(warn(30), bad(120)),
            below="good",
            width=8,
        ),
    ),
)

SERVICE: Final = Dashboard(
    "service",
    "One service",
    "What comes in, how long it takes, what goes out, and what the service lives on.",
    (_IN, _TIME, _TROUBLE, _OUT, _RESOURCES, _PROCESS, _DUE),
    asks_for_job=True,
)
