"""The commands `ledstjarna dead groups`, `list`, `show` and `export`: what died, and why."""

import json as json_
from typing import Annotated, Final, NoReturn

import typer

from deploy.ctl.asking import RunDir, give_up
from deploy.ctl.dead.asking import (
    Answers,
    AsJson,
    Body,
    Correlation,
    Error,
    Group,
    InState,
    Queue,
    Since,
    Type,
    View,
    ask_each,
    end,
    service_of,
    service_with,
    wanted,
)
from deploy.ctl.office.asking import as_json
from deploy.ctl.office.showing import heading_of, indented, many, say, stamp, table, type_next
from shared.dead_letters.letters import State

BY_SENDER: Final = ("invalid", "unknown_type")
"""Codes of what its sender has to mend."""

Id = Annotated[str, typer.Argument(help="The letter, as `ledstjarna dead list` shows it.", metavar="LETTER")]


def groups(
    *,
    queue: Queue = None,
    event_type: Type = None,
    error: Error = None,
    since: Since = None,
    state: InState = None,
    json: AsJson = False,
    run_dir: RunDir = None,
) -> None:
    """Dead letters by cause: how many, until when, why, how many are under way, and how many were replayed before."""
    asked = wanted(queue=queue, event_type=event_type, error=error, since=since, state=state)
    answers = ask_each(run_dir, lambda desk: desk.all("groups", **asked), *service_with(queue))
    found: list[View] = sorted((one for part in answers.said.values() for one in part), key=lambda one: -one["count"])
    if json:
        as_json(found)
        end(answers)
    for one in found:
        _tell_group(one)
    if not found:
        _tell_none(run_dir, answers, filtered=bool(asked))
    type_next((f"ledstjarna dead show {found[0]['example']}", "look at one of the largest group"), _way_out(found[0]))
    end(answers)


def _tell_group(group: View) -> None:
    said = str(group["message"])
    cause = said if said.startswith(group["event_type"]) else f"{group['event_type']}: {said}"
    typer.echo(f"{group['fingerprint']}  {many(group['count'], 'letter')} in {group['queue']}")
    indented(
        f"{group['code']}: {cause}",
        f"{group['under_way']} under way, {group['replayed']} replayed before; last died"
        f" {stamp(group['last_failed_at'])}.",
    )


def _way_out(group: View) -> tuple[str, str]:
    """What to type about a group when its cause is known: what broke the contract would die again as it is."""
    order, what_for = ("replay", "see what sending it again would do")
    if group["code"] in BY_SENDER:
        order, what_for = ("discard", "see what closing it would do: sent again as it is, it would die again")
    return f"ledstjarna dead {order} --group {group['fingerprint']} --reason WHY", what_for


def _tell_none(run_dir: RunDir, answers: Answers, *, filtered: bool) -> NoReturn:
    """Say that nothing was found, and whether anything would be without filters; then end."""
    if answers.silent:
        end(answers)
    if not filtered:
        say("There are no dead letters.")
        end(answers)
    everything = ask_each(run_dir, lambda desk: desk.all("groups"))
    waiting = sum(one["count"] for part in everything.said.values() for one in part)
    say(f"No dead letter matches these filters; {waiting} wait in all.")
    end(everything)


def list_letters(
    *,
    queue: Queue = None,
    event_type: Type = None,
    error: Error = None,
    group: Group = None,
    since: Since = None,
    correlation: Correlation = None,
    state: InState = None,
    limit: Annotated[int, typer.Option(help="At most so many of each service, the newest.", min=1)] = 50,
    json: AsJson = False,
    run_dir: RunDir = None,
) -> None:
    """Dead letters, each with its reason: messages that a service could not handle. Looking changes nothing."""
    filters = wanted(queue=queue, event_type=event_type, error=error, group=group, since=since, state=state)
    filters |= wanted(correlation_id=correlation)
    answers = ask_each(run_dir, lambda desk: desk.all(most=limit + 1, **filters), *service_with(queue))
    found = [one for part in answers.said.values() for one in part[:limit]]
    if json:
        as_json(found)
        end(answers)
    for one in found:
        typer.echo(one["letter_id"])
        indented(
            f"{_stands(one)}, replayed {times(one['replay_count'])}; last died {stamp(one['last_failed_at'])}.",
            f"{one['error']['code']}: {one['error']['message']}",
        )
    if not found:
        _tell_none(run_dir, answers, filtered=bool(filters))
    if any(len(part) > limit for part in answers.said.values()):
        say(f"Only the newest {limit} of each service are shown: ask for more with --limit, or see dead groups.")
    end(answers)


def _stands(letter: View) -> str:
    """A letter's state; that it is to be sent again is told while it is open."""
    replay = letter["replay"]
    return "open, under way" if letter["state"] == State.open and replay and replay["waiting"] else letter["state"]


def show(
    letter_id: Id,
    *,
    body: Body = False,
    raw: Annotated[bool, typer.Option("--raw", help="Only what stood in it, as it was.")] = False,
    json: AsJson = False,
    run_dir: RunDir = None,
) -> None:
    """One dead letter: why it died, where in the code, and what was done with it since.

    Ids may stand in it, such as an employee's in ce-subject, never names, addresses or texts; --body shows what does.
    """
    how = {"body": "true"} if body or raw else {}
    answers = ask_each(run_dir, lambda desk: desk.get(letter_id, **how), service_of(letter_id))
    if answers.silent:
        end(answers)
    [letter] = answers.said.values()
    if json:
        as_json(letter)
    elif raw:
        typer.echo(letter["body"]) if letter["body"] is not None else give_up(letter["why_no_body"])
    else:
        _tell(letter)


def _tell(letter: View) -> None:
    error = letter["error"]
    say(
        f"{letter['event_type']}, failed in {letter['queue']}: {_stands(letter)}.",
        f"{error['code']}: {error['message']}",
        f"Died {times(letter['deaths'])}, first {stamp(letter['first_failed_at'])}, last"
        f" {stamp(letter['last_failed_at'])} after {many(letter['attempts'], 'rest')} on the retry ladder; replayed"
        f" {times(letter['replay_count'])}.",
        f"Group {letter['fingerprint']}.",
    )
    if error["where"]:
        say(f"In {error['where']}.")
    for heading, text in (("Traceback", error["traceback"]), ("Body", letter["body"] or letter["why_no_body"])):
        if text:
            heading_of(heading)
            typer.echo(text)
    heading_of("Headers")
    table(("name", "value"), sorted(letter["headers"].items()))
    rows = ((stamp(one["at"]), one["actor"], one["action"], one["reason"]) for one in letter["history"])
    table(("when", "who", "what", "why"), rows, title="History")
    type_next((f"ledstjarna trace {letter['correlation_id']}", "see what led to it, and what it would have led to"))


def times(number: int) -> str:
    """How often."""
    return "once" if number == 1 else f"{number} times"


def export(
    *,
    queue: Queue = None,
    event_type: Type = None,
    error: Error = None,
    group: Group = None,
    since: Since = None,
    correlation: Correlation = None,
    state: InState = None,
    body: Body = False,
    run_dir: RunDir = None,
) -> None:
    """Print dead letters with all that is known of them, one a line as JSON: to keep, or to send to whoever mends."""
    filters = wanted(queue=queue, event_type=event_type, error=error, group=group, since=since, state=state)
    filters |= wanted(correlation_id=correlation, body="true" if body else None)
    answers = ask_each(run_dir, lambda desk: desk.all("export", **filters), *service_with(queue))
    for letter in (one for part in answers.said.values() for one in part):
        typer.echo(json_.dumps(letter, ensure_ascii=False))
    end(answers)
