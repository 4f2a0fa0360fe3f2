"""What operators and auditors can ask about dead letters, and what operators can have done with them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from starlette.convertors import Convertor, register_url_convertor

from shared.dead_letters import orders
from shared.dead_letters.letters import DeadLetter
from shared.dead_letters.replayer import Replayer
from shared.dead_letters.shapes import (
    Fared,
    GroupPage,
    Letter,
    LetterId,
    LetterPage,
    LetterWhole,
    Ordered,
    ToDiscard,
    ToReplay,
    Wanted,
    Which,
    WholePage,
)
from shared.dead_letters.store import DeadLetters
from shared.delivery import Actor, Delivery, Once
from shared.web import Guard, Paging, Problem, idempotency_key


class LetterInPath(Convertor[str]):
    """Lets the router tell a letter from the other addresses below /dead-letters: only its id has a colon."""

    regex = "[^/]+:[^/]+"

    def convert(self, value: str) -> str:
        """The id as it stands in the address."""
        return value

    def to_string(self, value: str) -> str:
        """The id as it is to stand in an address."""
        return value


register_url_convertor("letter", LetterInPath())

Part = Annotated[Paging, Depends()]
Key = Annotated[Once | None, Depends(idempotency_key)]
Filter = Annotated[Wanted, Depends()]
ToSee = Annotated[
    bool, Query(description="With what stands in it, for operators only; that is noted in the audit log.")
]


@dataclass(frozen=True, slots=True)
class Call:
    """An operator who orders something, and her key for it."""

    actor: Actor
    once: Once | None
    response: Response


@dataclass(frozen=True, slots=True)
class Doors:
    """What the doors need."""

    letters: DeadLetters
    delivery: Delivery[Any]
    replayer: Replayer
    guard: Guard

    async def note_look(self, actor: Actor, letters: list[DeadLetter], *, body: bool) -> None:
        """Write down who looked into which letters.

        Raises:
            Problem: 403, an auditor asks for bodies.
        """
        if not body or not letters:
            return
        if actor.role != "operator":
            raise Problem(403, "role", "Not your role", "What stands in dead letters is for operators who mend them.")
        entry = {"at": datetime.now(UTC), "who": actor.name, "role": actor.role, "what": "read dead letter"}
        looked = {"kind": DeadLetter.collection, "before": None, "after": None}
        rows = [entry | looked | {"subject": letter.id} for letter in letters]
        await self.delivery.database["audit"].insert_many(rows)

    async def do(
        self, how: Callable[[Any, orders.Order], Awaitable[orders.Ordered]], action: str, asked: Which, call: Call
    ) -> Ordered:
        """Have something done in the name of who asks, once for each key."""
        by = orders.actor_of(call.actor, asked.on_behalf_of)
        order = orders.Order(asked.reason, by, datetime.now(UTC), asked.force, asked.dry_run)

        async def work(tx: Any) -> dict[str, Any]:
            return (await how(tx, order)).model_dump(mode="json")

        run, name = self.delivery.run, f"{action} dead letters"
        answer = await run(work, actor=call.actor, action=name, once=call.once, rehearsal=order.dry_run)
        told = Ordered.model_validate(answer)
        if call.once and call.once.replayed:
            call.response.headers["Idempotent-Replay"] = "true"
        else:
            orders.count(told, action)
        return told


def routes(doors: Doors) -> APIRouter:
    """The addresses under /api/dead-letters."""
    router = APIRouter(prefix="/api/dead-letters", tags=["dead letters"])
    _lists(router, doors)
    _one_letter(router, doors)
    _orders(router, doors)
    return router


def _lists(router: APIRouter, doors: Doors) -> None:
    reader = Depends(doors.guard.needs("operator", "auditor"))

    @router.get("/groups", response_model=GroupPage, dependencies=[reader])
    async def list_dead_letter_groups(part: Part, wanted: Filter) -> dict[str, Any]:
        """Dead letters by cause, in the order of their fingerprints."""
        found = await doors.letters.groups(wanted.query, limit=part.limit, after=part.after)
        return part.page(found, "fingerprint")

    @router.get("", response_model=LetterPage, dependencies=[reader])
    async def list_dead_letters(part: Part, wanted: Filter) -> dict[str, Any]:
        """Dead letters, the newest first as far as their ids tell."""
        found = await doors.letters.find(wanted.query, limit=part.limit, after=part.after)
        return part.page([Letter.of(letter).model_dump() for letter in found], "letter_id")

    @router.get("/export", response_model=WholePage)
    async def export_dead_letters(
        part: Part, wanted: Filter, actor: Annotated[Actor, reader], body: ToSee = False
    ) -> dict[str, Any]:
        """Dead letters with all that is known of them, at most 50 at a time."""
        few = part.model_copy(update={"limit": min(part.limit, 50)})
        found = await doors.letters.find(wanted.query, limit=few.limit, after=few.after, body=body)
        await doors.note_look(actor, found[: few.limit], body=body)
        return few.page([LetterWhole.shown(letter, body=body).model_dump() for letter in found], "letter_id")


def _one_letter(router: APIRouter, doors: Doors) -> None:
    reader = Depends(doors.guard.needs("operator", "auditor"))
    refusals: dict[int | str, dict[str, Any]] = {404: {"description": ""}}

    @router.get("/{letter_id:letter}", responses=refusals)
    async def show_dead_letter(
        letter_id: Annotated[LetterId, Path()], actor: Annotated[Actor, reader], body: ToSee = False
    ) -> LetterWhole:
        """One dead letter, why it died, and what has been done with it."""
        letter = await doors.letters.get(letter_id)
        if letter is None:
            raise Problem(
                404, "dead-letter", "No such dead letter", f"There is no letter {letter_id}: look at the list."
            )
        await doors.note_look(actor, [letter], body=body)
        return LetterWhole.shown(letter, body=body)

    @router.get("/replays/{replay_id}", dependencies=[reader], responses=refusals)
    async def show_replay(replay_id: Annotated[str, Path(max_length=100)]) -> Fared:
        """How the letters of a replay fare."""
        fared = await doors.delivery.run(lambda tx: orders.fared(tx, replay_id))
        if fared is None:
            raise Problem(404, "replay", "No such replay", f"No letter belongs to a replay {replay_id}.")
        return Fared.model_validate(fared.model_dump())


def _orders(router: APIRouter, doors: Doors) -> None:
    operator = Depends(doors.guard.needs("operator"))

    async def call(actor: Annotated[Actor, operator], once: Key, response: Response) -> Call:
        return Call(actor, once, response)

    @router.post("/replay")
    async def replay_dead_letters(asked: ToReplay, by: Annotated[Call, Depends(call)]) -> Ordered:
        """Send letters again, each to the queue in which it failed and no other. It is ordered here, and done in the
        background at the rate that is asked for, also after a restart; /replays/{replay_id} tells how far it is."""
        choice = _choice(asked)
        told = await doors.do(lambda tx, order: orders.replay(tx, choice, order, asked.rate), "replay", asked, by)
        doors.replayer.wake()
        return told

    @router.post("/discard")
    async def discard_dead_letters(asked: ToDiscard, by: Annotated[Call, Depends(call)]) -> Ordered:
        """Close letters that need not be handled any more, for good: what stood in them is forgotten."""
        choice = _choice(asked)
        return await doors.do(lambda tx, order: orders.discard(tx, choice, order), "discard", asked, by)


def _choice(asked: Which) -> orders.Choice:
    return orders.Choice(asked.ids, asked.group, asked.queue, asked.error, asked.max)
