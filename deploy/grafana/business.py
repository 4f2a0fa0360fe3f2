"""The programme office's work from outside: changes, places, invites, answers. Never about one person."""

from typing import Final

from deploy.grafana.mails import MAILS, RELAY
from deploy.grafana.panels import INDEX, RATE, Dashboard, Panel, Query, Row, age_of, bad, quantile, warn

_FORMS: Final = "ledstjarna_evaluation_forms"
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
            "over a day. Nights and weekends are in it, when nobody is written to.",
            "graph",
            (
                Query(quantile(0.5, _CHANGE, window="1d"), "half"),
                Query(quantile(0.95, _CHANGE, window="1d"), "95 %"),
            ),
            runbook="staff-change-without-invite",
            unit="seconds",
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

_NUMBERS: Final = Row(
    "In numbers",
    (
        Panel(
            "Response rate",
            "Of the forms of closed surveys, the share that came back. If it falls, people are asked too often, or "
            "mails do not "
            "reach them.",
            "stat",
            (Query(f'max({_FORMS}{{state="submitted"}}) / (max({_FORMS}{{state="sent"}}) > 0)'),),
            runbook=INDEX,
            unit="share",
            empty_when="no survey has closed yet",
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
        ),
        Panel(
            "Mail relay",
            "Whether the relay takes mails. While it does not, it rests, and is tried again by itself.",
            "stat",
            (Query("max(ledstjarna_mail_relay_resting)"),),
            runbook="mails-waiting",
            unit="yes or no",
            thresholds=(warn(1),),
            below="good",
            words={0: "takes mails", 1: "rests"},
        ),
        Panel(
            "Unclear mails",
            "Mails that the relay may have taken without our hearing of it. They are looked after by themselves.",
            "stat",
            (Query("max(ledstjarna_mails_unclear)"),),
            runbook="mails-waiting",
            thresholds=(warn(10),),
            below="good",
        ),
        Panel(
            "Recommendations",
            "Recommended changes of programmes that the office has not answered.",
            "stat",
            (Query("max(ledstjarna_recommendations_open)"),),
            runbook=INDEX,
        ),
        Panel(
            "On watch",
            "Indicators of programmes that are more likely weak than not; the results say which.",
            "stat",
            (Query("max(ledstjarna_indicators_watched)"),),
            runbook=INDEX,
        ),
    ),
    height=5,
)

_KEPT: Final = Row(
    "What is looked after",
    (
        Panel(
            "Kept again, in an hour",
            "Broken promises that are kept again, or are none any more: what mended itself.",
            "graph",
            (Query("sum(increase(ledstjarna_promises_healed_total[1h]))", "kept again"),),
            runbook="promise-broken",
        ),
        Panel(
            "The look at all promises",
            "How long the last look at all promises took. It delays nothing; minutes mean many groups at once.",
            "stat",
            (Query("max(ledstjarna_promises_check_seconds)"),),
            runbook="promise-broken",
            unit="seconds",
            width=4,
        ),
        Panel(
            "Left out of surveys in a day",
            "People who were not asked when a survey opened, because they have been asked enough.",
            "graph",
            (
                Query(
                    "sum by (wave, of) (increase(ledstjarna_surveys_not_asked_people_total[1d])) > 0", "{{wave}} {{of}}"
                ),
            ),
            runbook=INDEX,
            empty_when="nobody was left out",
        ),
        Panel(
            "Groups still joined",
            "Groups whose answers can still be joined from survey to survey. It falls as groups end.",
            "stat",
            (Query("max(ledstjarna_link_keys)"),),
            runbook=INDEX,
            width=4,
        ),
        Panel(
            "Key overdue",
            "How long a key is overdue that should have been destroyed, after which nothing joins a group's answers. "
            "More "
            "than an hour: things that are due are not done in evaluation.",
            "stat",
            (
                Query(
                    "max(clamp_min(time() - ledstjarna_link_key_destruction_timestamp_seconds, 0)"
                    " * (ledstjarna_link_key_destruction_timestamp_seconds > bool 0))"
                ),
            ),
            runbook="promise-broken",
            unit="seconds",
            thresholds=(warn(3600), bad(86400)),
            below="good",
            width=4,
        ),
    ),
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

_EVALUATION: Final = Row(
    "Surveys, and things done when they are due",
    (
        Panel(
            "Forms by state",
            "Forms of closed surveys whose participation may be told: all that were sent, those that came back, and "
            "those "
            "that did not. Never by group: a small one would say who answered.",
            "graph",
            (Query(f"max by (state) ({_FORMS})", "{{state}}"),),
            runbook=INDEX,
        ),
        Panel(
            "Last done",
            "How long ago things that are done when they are due were last done well, longest first. What waits for "
            "its "
            "day, as a reminder does, may rightly be old; what is done every minute may not.",
            "table",
            (Query("sort_desc(time() - max by (job_name) (ledstjarna_scheduler_last_success_timestamp_seconds > 0))"),),
            runbook="promise-broken",
            unit="seconds",
            columns={"job_name": "What", "Value": "Last done"},
            empty_when="nothing was due yet",
        ),
    ),
)

BUSINESS: Final = Dashboard(
    "business",
    "The office's work",
    "Staff changes, places, invites and answers, as numbers over everybody.",
    (_WAITING, _NUMBERS, _CHANGES, _PLACES, MAILS, RELAY, _EVALUATION, _KEPT),
)
