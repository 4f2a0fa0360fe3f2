"""A business "no" to something that somebody asked for."""

from typing import Literal

from shared.events.base import Fact


class Refusal(Fact):
    """Why something cannot be done, in one sentence that says what to do instead.

    `kind`: what was named does not exist (unknown), does not go together with how things stand (conflict), or makes no
    sense in itself (invalid). `slug` is the stable name of the case.
    """

    kind: Literal["unknown", "conflict", "invalid"]
    slug: str
    detail: str


def unknown(what: str, name: str) -> Refusal:
    """There is no `what` called `name`."""
    slug = f"no-such-{what.replace(' ', '-')}"
    return Refusal(kind="unknown", slug=slug, detail=f"there is no {what} {name}: check its id")


def conflict(slug: str, detail: str) -> Refusal:
    """It does not go together with how things stand."""
    return Refusal(kind="conflict", slug=slug, detail=detail)


def invalid(slug: str, detail: str) -> Refusal:
    """It makes no sense in itself."""
    return Refusal(kind="invalid", slug=slug, detail=detail)
