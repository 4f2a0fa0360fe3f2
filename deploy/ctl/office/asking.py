"""How the office's commands ask a service, and how they end when the answer is no."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn, TypeVar
from urllib.parse import quote

import typer

from deploy.ctl.asking import PATIENCE_SECONDS, asked, give_up, stack_in
from deploy.ctl.calls import Calls, RefusedError, said
from deploy.ctl.joining import needed
from deploy.ctl.office.showing import ZONE, as_sentence, in_utc
from shared.cloudevents import uuid7

T = TypeVar("T")
View = dict[str, Any]

AsJson = Annotated[bool, typer.Option("--json", help="Print what enrolment answers, for a program.")]
Note = Annotated[str, typer.Option(help="Why; kept beside the decision.")]

BY_A_RULE: Final = frozenset({409, 412})
"""Answers that are a decision, not a mistake in what was asked."""

WHEN: Final = f"2026-11-25 or 2026-11-25T08:00, in {ZONE.key} unless it names a zone"

_MOST: Final = 500


class Office:
    """Calls a service with the office's token; every change is asked for under a key of its own."""

    def __init__(self, calls: Calls, service: str) -> None:
        self._calls, self._api = calls, f"{service}/api"

    async def get(self, *path: str, **params: str | int) -> Any:
        """The JSON at a path, given in parts."""
        return await self._calls.get(self._at(path), **params)

    async def all(self, *path: str, **params: str | int) -> list[View]:
        """Every item of a list, page after page."""
        items: list[View] = []
        after: dict[str, str | int] = {}
        while True:
            page = await self.get(*path, limit=_MOST, **after, **params)
            items += page["items"]
            if page["next"] is None:
                return items
            after = {"after": page["next"]}

    async def post(self, *path: str, body: Any = None, **params: Any) -> Any:
        """What answers a POST of JSON, or of a programme file if `body` is bytes."""
        content = {"content": body, "headers": {"Content-Type": "application/yaml"}}
        parts = content if isinstance(body, bytes) else {"json": body} if body is not None else {}
        return await self._calls.post(self._at(path), once=uuid7(), params=params, **parts)

    async def put(self, *path: str, body: View) -> Any:
        """What answers a PUT of JSON."""
        return said(await self._calls.answer("PUT", self._at(path), json=body, headers={"Idempotency-Key": uuid7()}))

    async def delete(self, *path: str) -> Any:
        """What answers a DELETE."""
        return said(await self._calls.answer("DELETE", self._at(path), headers={"Idempotency-Key": uuid7()}))

    async def names(self, people: Iterable[str | None]) -> dict[str, str]:
        """What these people are called, by id; an en dash for somebody whom the register does not know."""
        known = sorted({who for who in people if who})
        return dict(zip(known, await asyncio.gather(*map(self._name, known)), strict=True))

    async def _name(self, who: str) -> str:
        try:
            return str((await self.get("people", who))["name"] or "–")
        except RefusedError:
            return "–"

    def _at(self, path: Iterable[str]) -> str:
        parts = tuple(path)
        if wrong := [part for part in parts if not part or "/" in part]:
            give_up(f"{wrong[0]!r} is no id: write letters a to z, digits and . _ : ~ -.")
        return "/".join((self._api, *(quote(part, safe=":~") for part in parts)))


def ask(run_dir: Path | None, question: Callable[[Office], Awaitable[T]], service: str = "enrolment") -> T:
    """The answer; or the end, with one sentence: code 1 for the no of a rule, 2 for what could not be asked."""
    stack = stack_in(run_dir)

    async def put() -> T | RefusedError:
        async with Calls(stack.tokens.office, PATIENCE_SECONDS) as calls:
            try:
                return await question(Office(calls, needed(getattr(stack, service), f"the service {service}")))
            except RefusedError as no:
                if no.status in BY_A_RULE:
                    return no
                raise RefusedError(no.status, sentence(no), no.problem) from no

    answer = asked(put())
    if isinstance(answer, RefusedError):
        refuse(sentence(answer))
    return answer


def moment_of(text: str | None) -> str | None:
    """What was typed for a moment, in UTC; or the end, with one sentence."""
    try:
        return in_utc(text) if text else None
    except (ValueError, OverflowError):
        give_up(f"{text!r} is no moment: write {WHEN}.")


def refuse(why: str) -> NoReturn:
    """Say why a rule does not allow it, and end with code 1."""
    typer.echo(why, err=True)
    raise typer.Exit(1)


def sentence(no: RefusedError) -> str:
    """The detail of a problem as a sentence, in the words of this command; the title if it has no detail."""
    if no.problem.get("type", "").rpartition("/")[2] == "invalid" and no.problem.get("errors"):
        return "; ".join(_fault(each) for each in no.problem["errors"]) + "."
    words = str(no.problem.get("detail") or no.problem.get("title") or no).strip()
    for theirs, ours in _OUR_WORDS.items():
        words = words.replace(theirs, ours)
    return as_sentence(words)


def _fault(error: View) -> str:
    """What is wrong with one part of what was asked, by the part's own name."""
    field = str(error["field"]).rpartition(".")[2] or "the request"
    return f"{field}: {error['message']}"


_OUR_WORDS: Final = {
    "say confirm_people=": "add --confirm ",
    "(?refresh=true)": "(ledstjarna change show ID --refresh)",
    "approve with the fingerprint that you have seen": "approve what it says then",
}
"""What the API tells programs to do, and what somebody at a shell does."""


def read_bytes(file: Path) -> bytes:
    """What is in a file; or the end, with one sentence."""
    try:
        return file.read_bytes()
    except OSError as error:
        give_up(f"{file} cannot be read: {error.strerror}.")


def as_json(answer: Any) -> None:
    """Print an answer for a program."""
    typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
