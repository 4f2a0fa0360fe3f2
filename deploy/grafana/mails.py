"""Rows of the office's dashboard about mails: what goes out, what the relay says to it, and what comes back."""

from typing import Final

from deploy.grafana.panels import Panel, Query, Row

MAILS: Final = Row(
    "Mails",
    (
        Panel(
            "Invites in an hour",
            "Attempts to tell people of places and sessions, by how they ended.",
            "graph",
            (Query("sum by (channel, result) (increase(ledstjarna_invites_total[1h])) > 0", "{{channel}} {{result}}"),),
            runbook="invite-bounce-rate-high",
            stacked=True,
            empty_when="no invite went out for an hour",
        ),
        Panel(
            "Mails in an hour",
            "Attempts to send a mail of any kind, by how they ended.",
            "graph",
            (Query("sum by (result) (increase(ledstjarna_mails_total[1h]))", "{{result}}"),),
            runbook="mails-waiting",
            stacked=True,
        ),
    ),
)

RELAY: Final = Row(
    "The mail relay, and what comes back",
    (
        Panel(
            "Refusals in an hour",
            "What the relay said no to, by the class of its code: 4 passes, 5 stays.",
            "graph",
            (Query("sum by (code) (increase(ledstjarna_mail_refusals_total[1h]))", "{{code}}"),),
            runbook="mails-waiting",
            empty_when="the relay has refused nothing since the start",
        ),
        Panel(
            "Mails that came in, in an hour",
            "Answers from calendars, bounces and letters, by what they were and what became of them.",
            "graph",
            (
                Query(
                    "sum by (kind, outcome) (increase(ledstjarna_inbound_mails_total[1h])) > 0", "{{kind}} {{outcome}}"
                ),
            ),
            runbook="invite-bounce-rate-high",
            stacked=True,
            empty_when="no mail came in for an hour",
        ),
        Panel(
            "Reminders in an hour",
            "Reminders of offers and surveys, by how they ended.",
            "graph",
            (Query("sum by (result) (increase(ledstjarna_reminders_total[1h]))", "{{result}}"),),
            runbook="mails-waiting",
        ),
    ),
)
