"""The impact of a change, as somebody wants to read it who must decide before she goes home."""

from typing import Any, Final

from deploy.ctl.office.showing import as_sentence, heading_of, people, say, span, table, time, why

A_FEW: Final = 12
"""So many people are named; the rest are counted, unless all are asked for."""

BECAUSE: Final = {
    "CohortScheduled": "a new group",
    "CohortCancelled": "the group is cancelled",
    "SessionCancelled": "a session is cancelled",
    "SessionRescheduled": "a session is held at another time or place",
    "PersonQueued": "joins the queue",
    "PersonSkipped": "is passed over",
    "PlaceOffered": "is offered a seat",
    "PlaceConfirmed": "has a seat",
    "PlaceDeclined": "has declined",
    "PlaceExpired": "the offer expires",
    "PlaceWithdrawn": "is out",
    "PlacePaused": "is paused",
    "PlaceCompleted": "completes",
    "PlaceApprovalRequested": "is asked to approve somebody",
}
RULES: Final = {
    "min": "too small a group",
    "max": "too large a group",
    "max_share_per_department": "too many from one department",
    "separate_manager_and_report": "manager and report together",
}


def show(impact: dict[str, Any], *, everybody: bool = False) -> None:
    """Print what a change leads to: how many first, then who, where and when, then what is wrong with it."""
    say(figures(impact))
    _cohorts(impact)
    _sessions(impact)
    _people(impact, everybody=everybody)
    _troubles(impact)


def figures(impact: dict[str, Any]) -> str:
    """The figures by which the office decides, in a line."""
    touched, mails = impact["touched"], impact["mails"]
    told = f"{mails} {'mail is' if mails == 1 else 'mails are'} sent" if mails else "no mail is sent"
    parts = [f"Touches {people(touched)}; {told}."]
    for key, one, more in (
        ("queued", "person joins the queue", "people join the queue"),
        ("withdrawn", "person is taken out", "people are taken out"),
        ("clashes", "clash", "clashes"),
        ("broken", "broken rule", "broken rules"),
    ):
        if number := len(impact[key]):
            parts.append(f"{number} {one if number == 1 else more}.")
    if not (impact["clashes"] or impact["broken"]):
        parts.append("No clash, no broken rule.")
    return " ".join(parts)


def _cohorts(impact: dict[str, Any]) -> None:
    rows = ((each["cohort_id"], each["programme"], each["members"], each["state"]) for each in impact["cohorts"])
    table(("cohort", "programme", "people", "would be"), rows, title="Cohorts")


def _sessions(impact: dict[str, Any]) -> None:
    rows: list[tuple[str, str, str]] = []
    for each in impact["sessions"]:
        before, after = each["before"], each["after"]
        named = (after or before)["title"]
        rows.append((each["session_id"], "before" if before else "", _moment(before) if before else ""))
        rows.append((named, "after", _moment(after) if after else "cancelled"))
    table(("session", "", "when and where"), rows, title="Sessions")


def _moment(moment: dict[str, Any]) -> str:
    return f"{span(moment['starts_at'], moment['ends_at'])}\n{moment['location']}"


def _people(impact: dict[str, Any], *, everybody: bool) -> None:
    concerned = impact["people"] if everybody else impact["people"][:A_FEW]
    reasons = {each["employee_id"]: why(each["reason"]) for each in (*impact["queued"], *impact["withdrawn"])}
    rows = (
        (
            each["employee_id"],
            each["name"] or "–",
            "yes" if each["told"] else "no",
            "; ".join(BECAUSE.get(fact, fact) for fact in each["because"])
            + (f": {reasons[each['employee_id']]}" if each["employee_id"] in reasons else ""),
        )
        for each in concerned
    )
    table(("person", "name", "mail", "what happens"), rows, title="People")
    if rest := len(impact["people"]) - len(concerned):
        say(f"and {rest} more: add --everybody to see them.")


def _troubles(impact: dict[str, Any]) -> None:
    rows = (
        (each["employee_id"], each["name"] or "–", each["session_id"], each["on"], _other(each["other"]))
        for each in impact["clashes"]
    )
    table(("person", "name", "session", "day", "is to be"), rows, title="Clashes")
    broken = ((each["cohort_id"], RULES[each["rule"]], each["detail"]) for each in impact["broken"])
    table(("cohort", "rule", "what"), broken, title="Rules that would be broken")
    sooner = (
        (each["employee_id"], each["name"] or "–", time(each["before"]), time(each["after"]))
        for each in impact["deadlines"]
    )
    table(("person", "name", "could answer until", "must answer by"), sooner, title="Less time to answer")
    if impact["concerns"]:
        heading_of("To think of")
        say(*(as_sentence(concern) for concern in impact["concerns"]))


def _other(other: str) -> str:
    return "on leave" if other == "leave" else f"at {other}"
