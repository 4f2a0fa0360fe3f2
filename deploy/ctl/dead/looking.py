"""The commands `ledstjarna dead groups`, `list`, `show` and `export`: what died, and why."""

import json as json_
from typing import Annotated

import typer

from deploy.ctl.asking import RunDir, give_up
from deploy.ctl.dead.asking import (
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
from deploy.ctl.office.showing import heading_of, say, table, time, type_next

Id = Annotated[str, typer.Argument(help="The letter, as `ledstjarna dead list` shows it.", metavar="LETTER")]


def groups(
    *,
    queue: Queue = None,
    event_type: Annotated[str | None, typer.Option("--type", help="Only of this event type.")] = None,
    error: Error = None,
    since: Since = None,
    state: InState = None,
    json: AsJson = False,
    run_dir: RunDir = None,
) -> None:
    """Dead letters by cause: how many, since when, why, and how many have been replayed before."""
    asked = wanted(queue=queue, event_type=event_type, error=error, since=since, state=state)
    answers = ask_each(run_dir, lambda desk: desk.all("groups", **asked), *service_with(queue))
    found: list[View] = sorted((one for part in answers.said.values() for one in part), key=lambda one: -one["count"])
    if json:
        as_json(found)
        end(answers)
    rows = (
        (one["fingerprint"], one["count"], one["replayed"], one["queue"], time(one["last_failed_at"]), _cause(one))
        for one in found
    )
    table(("group", "letters", "replayed", "queue", "last", "why"), rows)
    if found:
        first = found[0]
        type_next(
            (f"ledstjarna dead show {first['example']}", "look at one of the largest group"),
            (
                f"ledstjarna dead replay --group {first['fingerprint']} --reason WHY",
                "see what sending it again would do",
            ),
        )
    elif not answers.silent:
        say("There are no dead letters.")
    end(answers)


def _cause(group: View) -> str:
    said = str(group["message"])
    return said if said.startswith(group["event_type"]) else f"{group['event_type']}: {said}"


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
    rows = (
        (one["letter_id"], one["state"], one["replay_count"], time(one["last_failed_at"]), one["error"]["message"])
        for one in found
    )
    table(("letter", "state", "replayed", "died", "why"), rows)
    if not found and not answers.silent:
        say("There are no such dead letters.")
    if any(len(part) > limit for part in answers.said.values()):
        say(f"Only the newest {limit} of each service are shown: ask for more with --limit, or see dead groups.")
    end(answers)


def show(
    letter_id: Id,
    *,
    body: Body = False,
    raw: Annotated[bool, typer.Option("--raw", help="Only what stood in it, as it was.")] = False,
    json: AsJson = False,
    run_dir: RunDir = None,
) -> None:
    """One dead letter: why it died, where in the code, and what was done with it since."""
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
        f"{letter['event_type']}, failed in {letter['queue']}: {letter['state']}.",
        f"{error['code']}: {error['message']}",
        f"Died {letter['deaths']} times, first {time(letter['first_failed_at'])}, last {time(letter['last_failed_at'])}"
        f" after {letter['attempts']} tries on the retry ladder; replayed {letter['replay_count']} times.",
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
    rows = ((time(one["at"]), one["actor"], one["action"], one["reason"]) for one in letter["history"])
    table(("when", "who", "what", "why"), rows, title="History")
    type_next((f"ledstjarna trace {letter['correlation_id']}", "see what led to it, and what it would have led to"))


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
