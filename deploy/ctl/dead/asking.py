"""How the commands about dead letters ask the services: as an operator, and whichever of them answers."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn, TypeVar
from urllib.parse import quote

import typer

from deploy.ctl.asking import PATIENCE_SECONDS, asked, give_up, stack_in
from deploy.ctl.calls import Calls, RefusedError, UnreachableError
from deploy.ctl.joining import services_of
from deploy.ctl.office.asking import WHEN, moment_of, sentence
from shared.cloudevents import uuid7
from shared.dead_letters.letters import IS_GROUP, IS_LETTER, IS_QUEUE, State
from shared.topology import SERVICES

T = TypeVar("T")
View = dict[str, Any]

MOST: Final = 500
"""How many of a list are asked for at a time."""
STATES: Final = (*State, "all")

Queue = Annotated[str | None, typer.Option(help="Only those that failed in this queue, such as enrolment.hr.")]
Type = Annotated[str | None, typer.Option(help="Only of this event type.", metavar="TYPE")]
Error = Annotated[str | None, typer.Option(help="Only with this code (fault, invalid …) or class (KeyError …).")]
Group = Annotated[str | None, typer.Option(help="Only those of this group.", metavar="GROUP")]
Since = Annotated[str | None, typer.Option(help=f"Only those that died then or later: {WHEN}.")]
Correlation = Annotated[str | None, typer.Option(help="Only those that this is the correlation id of.", metavar="ID")]
InState = Annotated[
    str | None, typer.Option("--state", help="open, replaying, resolved, discarded or all; else open and replaying.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print what the services answer, for a program.")]
Body = Annotated[bool, typer.Option("--body", help="With what stood in it: personal data. The audit log notes it.")]


@dataclass(frozen=True, slots=True)
class Desk:
    """One service's dead letters."""

    service: str
    calls: Calls
    address: str

    async def get(self, *path: str, **params: str | int) -> Any:
        """The JSON at a path, given in parts."""
        return await self.calls.get(self._at(path), **params)

    async def all(self, *path: str, most: int = 0, **params: Any) -> list[View]:
        """Every item of a list, or the first `most`, page after page."""
        items: list[View] = []
        after: dict[str, str | int] = {}
        while True:
            page = await self.get(*path, limit=min(most, MOST) if most else MOST, **after, **params)
            items += page["items"]
            if page["next"] is None or (most and len(items) >= most):
                return items[:most] if most else items
            after = {"after": page["next"]}

    async def order(self, action: str, body: View) -> View:
        """What came of an order, asked for under a key of its own."""
        return dict(await self.calls.post(self._at((action,)), once=uuid7(), json=body))

    def _at(self, path: tuple[str, ...]) -> str:
        return "/".join((f"{self.address}/api/dead-letters", *(quote(part, safe=":~") for part in path)))


@dataclass(frozen=True, slots=True)
class Answers:
    """What those services said that could be asked, and a sentence about each that could not."""

    said: Mapping[str, Any]
    silent: tuple[str, ...]


def ask_each(run_dir: Path | None, question: Callable[[Desk], Awaitable[T]], *services: str) -> Answers:
    """Ask these services, or all; or the end, with one sentence, if one does not understand what is asked."""
    stack = stack_in(run_dir)

    async def put(desk: Desk) -> T | UnreachableError:
        try:
            return await question(desk)
        except UnreachableError as error:
            return error

    async def ask() -> Answers:
        addresses = services_of(stack)
        async with Calls(stack.tokens.operator, PATIENCE_SECONDS) as calls:
            desks = [Desk(service, calls, addresses[service]) for service in services or SERVICES]
            answers = dict(zip((desk.service for desk in desks), await asyncio.gather(*map(put, desks)), strict=True))
        silent = tuple(
            f"{service} could not be asked about its dead letters: {error}"
            for service, error in answers.items()
            if isinstance(error, UnreachableError)
        )
        return Answers({name: said for name, said in answers.items() if not isinstance(said, UnreachableError)}, silent)

    return asked(_in_words(ask()))


async def _in_words(question: Awaitable[T]) -> T:
    try:
        return await question
    except RefusedError as no:
        raise RefusedError(no.status, sentence(no), no.problem) from no


def end(answers: Answers, code: int = 0) -> NoReturn:
    """End, and say which service could not be asked; the code is 2 then."""
    for line in answers.silent:
        typer.echo(line, err=True)
    raise typer.Exit(2 if answers.silent else code)


def service_of(letter_id: str) -> str:
    """The service whose letter it is; or the end, with one sentence."""
    service = letter_id.rpartition(":")[2].partition(".")[0]
    if service not in SERVICES or not re.match(IS_LETTER, letter_id):
        give_up(f"{letter_id!r} is no dead letter: write it as `ledstjarna dead list` shows it, MESSAGE:QUEUE.")
    return service


def service_with(queue: str | None) -> tuple[str, ...]:
    """The one service that a queue belongs to, or nothing without a queue; or the end, with one sentence."""
    if queue is None:
        return ()
    service = queue.partition(".")[0]
    if service not in SERVICES or not re.match(IS_QUEUE, queue):
        give_up(
            f"{queue!r} is no queue of ours: it begins with {', '.join(SERVICES[:-1])} or {SERVICES[-1]}, as in"
            " enrolment.hr."
        )
    return (service,)


def wanted(**named: str | None) -> View:
    """What is asked for, without what is left open; or the end, with one sentence, if it cannot be understood."""
    state, group = named.get("state"), named.get("group")
    if state is not None and state not in STATES:
        give_up(f"{state!r} is no state: write {', '.join(STATES[:-1])} or {STATES[-1]}.")
    if group is not None and not re.match(IS_GROUP, group):
        give_up(f"{group!r} is no group: write its twelve characters as `ledstjarna dead groups` shows them.")
    asked = named | {"since": moment_of(named.get("since"))}
    return {name: value for name, value in asked.items() if value is not None}
