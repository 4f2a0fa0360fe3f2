"""The broker: queues, who takes from them, and what it has left of memory and disk."""

from typing import Final

from deploy.grafana.panels import RATE, Dashboard, Panel, Query, Row, Threshold, bad, warn

_WORK: Final = '{queue!~".*[.](retry[.].*|dead)"}'
_LADDER: Final = '{queue=~".*[.]retry[.].*"}'

QUEUES: Final = Dashboard(
    "queues",
    "Queues and broker",
    "The broker: queues, who takes from them, and what it has left of memory and disk.",
    (
        Row(
            "The broker",
            (
                Panel(
                    "Broker",
                    "Whether the broker answers; with several nodes, how many do.",
                    "stat",
                    (Query('sum(up{job="rabbitmq"})'),),
                    runbook="broker-down",
                    thresholds=(Threshold(1, "good"),),
                    below="bad",
                ),
                Panel(
                    "Alarms",
                    "While memory or disk is short, the broker takes no message from anybody. Events then wait in "
                    "the outbox.",
                    "stat",
                    (
                        Query("max(rabbitmq_alarms_memory_used_watermark)", "memory"),
                        Query("max(rabbitmq_alarms_free_disk_space_watermark)", "disk"),
                    ),
                    runbook="broker-blocking-publishers",
                    unit="yes or no",
                    thresholds=(bad(1),),
                    below="good",
                    words={0: "none", 1: "alarm"},
                ),
                Panel(
                    "Messages at the broker",
                    "All that stand in any queue, the retry ladder included.",
                    "stat",
                    (Query("sum(rabbitmq_queue_messages)"),),
                    runbook="queue-has-no-consumers",
                ),
                Panel(
                    "Connections",
                    "Who is connected: two for each process, and visitors.",
                    "stat",
                    (Query("sum(rabbitmq_connections)"),),
                    runbook="broker-down",
                ),
                Panel(
                    "Disk left",
                    "What the broker has left of its disk. It stops taking messages at 200 MB.",
                    "stat",
                    (Query("min(rabbitmq_disk_space_available_bytes)"),),
                    runbook="broker-blocking-publishers",
                    unit="bytes",
                    thresholds=(warn(500_000_000), Threshold(2_000_000_000, "good")),
                    below="bad",
                ),
            ),
            height=5,
        ),
        Row(
            "The services' queues",
            (
                Panel(
                    "Ready",
                    "Messages that nobody has taken yet, by queue.",
                    "graph",
                    (Query(f"max by (queue) (rabbitmq_detailed_queue_messages_ready{_WORK})", "{{queue}}"),),
                    runbook="queue-has-no-consumers",
                ),
                Panel(
                    "In hand",
                    "Messages that were taken and are not acknowledged, by queue.",
                    "graph",
                    (Query(f"max by (queue) (rabbitmq_detailed_queue_messages_unacked{_WORK})", "{{queue}}"),),
                    runbook="pipeline-stalled",
                ),
                Panel(
                    "Who takes from them",
                    "How many processes take from each queue. 0: nobody does, and messages pile up.",
                    "table",
                    (Query(f"sort(max by (queue) (rabbitmq_detailed_queue_consumers{_WORK}))"),),
                    runbook="queue-has-no-consumers",
                    columns={"queue": "Queue", "Value": "Takers"},
                ),
            ),
        ),
        Row(
            "What comes again, and what goes through",
            (
                Panel(
                    "Retry ladder",
                    "Messages that rest before they are tried again, by rung. A full `1h` means trouble that lasts.",
                    "graph",
                    (Query(f"max by (queue) (rabbitmq_detailed_queue_messages_ready{_LADDER}) > 0", "{{queue}}"),),
                    runbook="message-error-budget-slow-burn",
                    empty_when="no message rests",
                ),
                Panel(
                    "Through the broker",
                    "Messages the broker took, handed out, and had acknowledged.",
                    "graph",
                    (
                        Query(f"sum(rate(rabbitmq_global_messages_received_total[{RATE}]))", "taken"),
                        Query(f"sum(rate(rabbitmq_global_messages_delivered_total[{RATE}]))", "handed out"),
                        Query(f"sum(rate(rabbitmq_global_messages_acknowledged_total[{RATE}]))", "acknowledged"),
                    ),
                    runbook="pipeline-stalled",
                    unit="per second",
                ),
                Panel(
                    "Without a queue",
                    "Messages for which there was no queue, in an hour. `returned` should have had one: a binding is "
                    "missing, and they wait in the outbox. `dropped` are events that nobody has asked for, which is "
                    "as it "
                    "should be.",
                    "graph",
                    (
                        Query("sum(increase(rabbitmq_global_messages_unroutable_returned_total[1h]))", "returned"),
                        Query("sum(increase(rabbitmq_global_messages_unroutable_dropped_total[1h]))", "dropped"),
                    ),
                    runbook="unroutable-messages",
                ),
            ),
        ),
        Row(
            "What the broker lives on",
            (
                Panel(
                    "Memory",
                    "What the broker's process holds, and where it raises the alarm.",
                    "graph",
                    (
                        Query("sum by (instance) (rabbitmq_process_resident_memory_bytes)", "{{instance}}"),
                        Query("min(rabbitmq_resident_memory_limit_bytes)", "alarm"),
                    ),
                    runbook="broker-blocking-publishers",
                    unit="bytes",
                ),
                Panel(
                    "Connections opened and closed",
                    "In an hour. Many of both: somebody connects anew for each message.",
                    "graph",
                    (
                        Query("sum(increase(rabbitmq_connections_opened_total[1h]))", "opened"),
                        Query("sum(increase(rabbitmq_connections_closed_total[1h]))", "closed"),
                    ),
                    runbook="broker-down",
                ),
            ),
        ),
    ),
)
