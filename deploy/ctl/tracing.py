"""The command `ledstjarna trace ID`: all that happened about somebody or something, across the services."""

from typing import Annotated, Any, Final
from urllib.parse import quote

import typer

from deploy.ctl.asking import PATIENCE_SECONDS, RunDir, asked, give_up, stack_in
from deploy.ctl.calls import Calls, RefusedError, UnreachableError
from deploy.ctl.joining import services_of
from deploy.ctl.office.asking import as_json, sentence
from deploy.ctl.office.showing import say
from deploy.ctl.trace_lines import lines, related
from deploy.local.endpoints import Endpoints
from shared.trace import MOST, Step, Story, in_order

CHAINS: Final = 5
"""Of how many chains of events that a mail or an event belongs to the rest is asked for."""

UNKNOWN: Final = (
    "Nothing is known about {}. An id is that of an employee, of a mail, of an event, of a change, of a place (like"
    " FLC:E100231:1), or a correlation id, as the logs have it. Events are known for {} days after they were taken in"
    " and {} days after they were announced; decisions, mails and answers as long as the services keep them."
)


def trace(
    wanted: Annotated[
        str, typer.Argument(help="An employee, mail, event, change, place or correlation id.", metavar="ID")
    ],
    *,
    limit: Annotated[int, typer.Option(help="The newest so many steps of each service.", min=1, max=MOST)] = 500,
    json: Annotated[bool, typer.Option("--json", help="Print it for a program.")] = False,
    run_dir: RunDir = None,
) -> None:
    """All that happened about an id, in all services, in the order of time; what led to what is indented. Of a mail
    or an event: what led to it, and what followed; of a correlation id: the whole chain.

    Events taken in and announced, decisions, dead letters, mails and how they fared, answers from calendars. Ids only,
    no names. Evaluation tells nothing about whether somebody was asked or has answered. Times go by the services'
    clock; where the machine's differs, as with a simulated clock, it is told, too.

    Exit code 0: there is a story; 1: nothing is known about the id; 2: a service could not be asked.
    """
    stack = stack_in(run_dir)
    stories, silent = asked(_ask(stack, wanted, limit))
    steps = in_order(step for story in stories for step in story.steps)
    if len({story.asked for story in stories}) > 1:
        steps = related(steps, wanted)
    if json:
        _print_json(wanted, steps, stories, silent)
    else:
        _print(wanted, steps, stories)
    for sentence_ in silent:
        typer.echo(sentence_, err=True)
    raise typer.Exit(2 if silent else 0 if steps else 1)


async def _ask(stack: Endpoints, wanted: str, limit: int) -> tuple[list[Story], list[str]]:
    """What each service tells, about the id and, if it is a mail's or an event's, about its whole chain; and which
    service could not be asked."""
    stories: list[Story] = []
    silent: dict[str, str] = {}
    async with Calls(stack.tokens.operator, PATIENCE_SECONDS) as calls:
        todo, done = [wanted], set[str]()
        while todo:
            one = todo.pop(0)
            done.add(one)
            for service, address in services_of(stack).items():
                if service not in silent:
                    try:
                        stories.append(await _story(calls, address, one, limit))
                    except UnreachableError as error:
                        silent[service] = f"{service} could not be asked, so its part is missing: {error}"
            todo += [chain for chain in _chains(stories, wanted) if chain not in done and chain not in todo]
    return stories, list(silent.values())


async def _story(calls: Calls, address: str, wanted: str, limit: int) -> Story:
    try:
        return Story.model_validate(await calls.get(f"{address}/api/trace/{quote(wanted, safe=':~')}", limit=limit))
    except RefusedError as no:
        if no.status in (404, 422):
            give_up(f"{wanted!r} is no id: {sentence(no)}")
        raise


def _chains(stories: list[Story], wanted: str) -> list[str]:
    """The chains that an event or a mail belongs to; somebody or a place has too many of them."""
    hits = [step for story in stories for step in story.steps if step.id == wanted and step.kind != "decided"]
    return list(dict.fromkeys(step.correlation_id for step in hits if step.correlation_id))[:CHAINS]


def _print(wanted: str, steps: list[Step], stories: list[Story]) -> None:
    if not steps:
        days = [(story.inbox_days, story.outbox_days) for story in stories] or [(0, 0)]
        say(UNKNOWN.format(wanted, *days[0]))
        return
    for first, second in lines(steps):
        typer.echo(first)
        if second.strip():
            typer.echo(typer.style(second, dim=True))
    for service in sorted({story.service for story in stories if story.more}):
        say("", f"{service} knows more: only the newest steps are shown. Ask for more with --limit {MOST}.")


def _print_json(wanted: str, steps: list[Step], stories: list[Story], silent: list[str]) -> None:
    told: dict[str, Any] = {
        "asked": list(dict.fromkeys(story.asked for story in stories)) or [wanted],
        "steps": [step.model_dump(mode="json") for step in steps],
        "more": sorted({story.service for story in stories if story.more}),
        "not_asked": silent,
    }
    as_json(told)
