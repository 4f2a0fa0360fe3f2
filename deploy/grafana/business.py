"""The programme office's work from outside: changes, places, invites, answers. Never about one person."""

from typing import Final

from deploy.grafana.panels import RATE, Dashboard, Panel, Query, Row, age_of, bad, quantile, warn

_CHANGE: Final = "ledstjarna_staff_change_to_invite_seconds"

_CHANGES: Final = Row(
    "From a staff change to an invite",
    (
        Panel(
            "Staff changes in an hour",
            "What HR has told, by what it meant. Silence on a working day: look whether HR's messages come at all.",
            "graph",
            (Query("sum by (kind, result) (increase(ledstjarna_staff_changes_total[1h])) > 0", "{{kind}} {{result}}"),),
            runbook="staff-change-without-invite",
            stacked=True,
            empty_when="HR told nothing for an hour",
        ),
        Panel(
            "Change to invite",
            "How long it took from a staff change to the invite or offer that followed: half of them, and 95 of 100, "
            "over a day.",
            "graph",
            (
                Query(quantile(0.5, _CHANGE, window="1d"), "half"),
                Query(quantile(0.95, _CHANGE, window="1d"), "95 %"),
            ),
            runbook="staff-change-without-invite",
            unit="seconds",
            thresholds=(bad(900),),
            empty_when="nobody was invited in the last day",
        ),
        Panel(
            "Change to invite, how often",
            "How many took how long. A second dark band far up is a group of people who wait for something.",
            "heatmap",
            (Query(f"sum by (le) (increase({_CHANGE}_bucket[{RATE}]))", "{{le}}"),),
            runbook="staff-change-without-invite",
            unit="seconds",
        ),
    ),
)

_WAITING: Final = Row(
    "Who waits",
    (
        Panel(
            "Broken promises, by kind",
            "People who should have an invite or an offer and have none.",
            "stat",
            (Query("max by (promise) (ledstjarna_promises_broken)", "{{promise}}"),),
            runbook="promise-broken",
            thresholds=(bad(1),),
            below="good",
            width=10,
        ),
        Panel(
            "Broken for",
            "How long the oldest broken promise has been broken.",
            "stat",
            (Query(age_of("ledstjarna_promises_broken_oldest_timestamp_seconds")),),
            runbook="promise-broken",
            unit="seconds",
            thresholds=(bad(1),),
            below="good",
            width=4,
        ),
        Panel(
            "Promises looked after",
            "When all promises were last compared with what was sent. If this is long ago, the numbers beside it say "
            "nothing.",
            "stat",
            (Query("max(ledstjarna_promises_checked_timestamp_seconds)"),),
            runbook="promise-broken",
            unit="since",
            width=5,
        ),
        Panel(
            "Oldest list of staff held",
            "How long a list of staff has waited for somebody to release or reject it.",
            "stat",
            (Query(age_of("ledstjarna_staff_import_oldest_held_timestamp_seconds")),),
            runbook="staff-import-held",
            unit="seconds",
            thresholds=(warn(1), bad(86400)),
            below="good",
            width=5,
        ),
    ),
    height=5,
)

_PLACES: Final = Row(
    "Places",
    (
        Panel(
            "Places by state",
            "How many places are in each state now.",
            "graph",
            (Query("max by (state) (ledstjarna_enrolments)", "{{state}}"),),
            runbook="staff-change-without-invite",
        ),
        Panel(
            "Steps in an hour",
            "From which state to which places went, the ten most frequent.",
            "graph",
            (
                Query(
                    "topk(10, sum by (from, to) (increase(ledstjarna_enrolment_transitions_total[1h])) > 0)",
                    "{{from}} → {{to}}",
                ),
            ),
            runbook="staff-change-without-invite",
            empty_when="no place changed for an hour",
        ),
    ),
)

_MAILS: Final = Row(
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
        Panel(
            "Bounced in a week",
            "Of the invites of seven days, the share that came back. Above 5 % an address list is wrong, or we are "
            "taken for spam.",
            "stat",
            (
                Query(
                    'sum(increase(ledstjarna_invites_total{result="bounced"}[7d]))'
                    ' / (sum(increase(ledstjarna_invites_total{result=~"sent|bounced"}[7d])) > 0)'
                ),
            ),
            runbook="invite-bounce-rate-high",
            unit="share",
            thresholds=(warn(0.02), bad(0.05)),
            below="good",
            empty_when="no invite went out in a week",
            width=4,
        ),
    ),
)

_RELAY: Final = Row(
    "The mail relay, and what comes back",
    (
        Panel(
            "Refusals in an hour",
            "What the relay said no to, by the class of its code: 4 passes, 5 stays.",
            "graph",
            (Query("sum by (code) (increase(ledstjarna_mail_refusals_total[1h]))", "{{code}}"),),
            runbook="mails-waiting",
            empty_when="the relay has refused nothing since the start",
            width=7,
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
            width=7,
        ),
        Panel(
            "Reminders in an hour",
            "Reminders of offers and surveys, by how they ended.",
            "graph",
            (Query("sum by (result) (increase(ledstjarna_reminders_total[1h]))", "{{result}}"),),
            runbook="mails-waiting",
            width=6,
        ),
        Panel(
            "Relay rests",
            "`rests`: the relay took no mails and is left alone for a while. It is tried again by itself.",
            "stat",
            (Query("max(ledstjarna_mail_relay_resting)"),),
            runbook="mails-waiting",
            unit="yes or no",
            thresholds=(warn(1),),
            below="good",
            words={0: "takes mails", 1: "rests"},
            width=2,
        ),
        Panel(
            "Unclear",
            "Mails that the relay may have taken without our hearing of it. They are looked after by themselves.",
            "stat",
            (Query("max(ledstjarna_mails_unclear)"),),
            runbook="mails-waiting",
            thresholds=(warn(10),),
            below="good",
            width=2,
        ),
    ),
)

_FORMS: Final = "max by (state) (ledstjarna_evaluation_forms)"

_EVALUATION: Final = Row(
    "Surveys",
    (
        Panel(
            "Forms by state",
            "How many survey forms are sent, opened, submitted and expired, over all programmes. Never by group: a "
            "small one "
            "would say who answered.",
            "graph",
            (Query(_FORMS, "{{state}}"),),
            runbook="promise-broken",
        ),
        Panel(
            "Response rate",
            "Of all forms, the share that was submitted.",
            "stat",
            (Query(f'max(ledstjarna_evaluation_forms{{state="submitted"}}) / (sum({_FORMS}) > 0)'),),
            runbook="promise-broken",
            unit="share",
            empty_when="no form has been sent",
            width=4,
        ),
    ),
)

BUSINESS: Final = Dashboard(
    "business",
    "The office's work",
    "Staff changes, places, invites and answers, as numbers over everybody.",
    (_CHANGES, _WAITING, _PLACES, _MAILS, _RELAY, _EVALUATION),
)
