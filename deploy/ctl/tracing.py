"""The command `ledstjarna trace ID`: all that happened about somebody or something, across the services."""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import quote

import typer
from pydantic import TypeAdapter, ValidationError

from deploy.ctl.asking import PATIENCE_SECONDS, RunDir, asked, give_up, stack_in
from deploy.ctl.calls import Calls, UnreachableError
from deploy.ctl.joining import services_of
from deploy.ctl.office.asking import as_json
from deploy.ctl.office.showing import say
from deploy.ctl.trace_lines import lines, not_taken_in, related
from deploy.local.endpoints import Endpoints
from shared.events.base import Id, complaint
from shared.trace import MOST, Step, Story, in_order

CHAINS: Final = 5
"""Of how many chains of events that a mail or an event belongs to the rest is asked for."""

LATE: Final = 20
"""Of how many events that nobody is known to have taken in it is asked what became of them."""

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
    try:
        TypeAdapter(Id).validate_python(wanted)
    except ValidationError as error:
        give_up(f"{wanted!r} {complaint(error.errors()[0])}.")
    questions = asked(_ask(stack, wanted, limit))
    steps = in_order(questions.steps)
    if _chains(steps, wanted):
        steps = related(steps, wanted)
    if json:
        _print_json(wanted, steps, questions)
    else:
        _print(wanted, steps, questions.stories)
    for why in questions.silent.values():
        typer.echo(why, err=True)
    raise typer.Exit(2 if questions.silent else 0 if steps else 1)


class Questions:
    """Asks the services, and remembers which of them could not be asked."""

    def __init__(self, calls: Calls, services: Mapping[str, str], limit: int) -> None:
        self._calls, self._services, self._limit = calls, services, limit
        self.stories: list[Story] = []
        self.silent: dict[str, str] = {}

    async def ask(self, wanted: str, *services: str) -> None:
        """Ask these services, or all, about an id."""
        for service in services or self._services:
            if service in self.silent:
                continue
            try:
                self.stories.append(await _story(self._calls, self._services[service], wanted, self._limit))
            except UnreachableError as error:
                self.silent[service] = f"{service} could not be asked, so its part is missing: {error}"

    @property
    def steps(self) -> list[Step]:
        """All that was answered."""
        return [step for story in self.stories for step in story.steps]


async def _ask(stack: Endpoints, wanted: str, limit: int) -> Questions:
    """What each service tells about the id, if it is a mail's or an event's about its whole chain; and of events that
    nobody is known to have taken in, what became of them."""
    async with Calls(stack.tokens.operator, PATIENCE_SECONDS) as calls:
        questions = Questions(calls, services_of(stack), limit)
        await questions.ask(wanted)
        for chain in [one for one in _chains(questions.steps, wanted) if one != wanted]:
            await questions.ask(chain)
        for event_id, queues in list(not_taken_in(questions.steps).items())[:LATE]:
            for service in {queue.partition(".")[0] for queue in queues}:
                await questions.ask(event_id, service)
        return questions


async def _story(calls: Calls, address: str, wanted: str, limit: int) -> Story:
    return Story.model_validate(await calls.get(f"{address}/api/trace/{quote(wanted, safe=':~')}", limit=limit))


def _chains(steps: list[Step], wanted: str) -> list[str]:
    """The chains that an event or a mail belongs to; somebody or a place has too many of them."""
    hits = [step for step in steps if step.id == wanted and step.kind != "decided"]
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


def _print_json(wanted: str, steps: list[Step], questions: Questions) -> None:
    told: dict[str, Any] = {
        "asked": wanted,
        "steps": [step.model_dump(mode="json") for step in steps],
        "not_taken_in": not_taken_in(steps),
        "more": sorted({story.service for story in questions.stories if story.more}),
        "not_asked": list(questions.silent.values()),
    }
    as_json(told)
