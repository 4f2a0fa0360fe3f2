"""The pages on which the office reads comments, one question at a time, and lets through what points at nobody."""

from dataclasses import dataclass
from typing import Annotated, get_args
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.evaluation.commands import commenting
from services.evaluation.model import Setup, WithheldBecause
from services.evaluation.rules import comments
from services.evaluation.rules.comments import Question, Refusal
from services.evaluation.store import EvaluationTransaction, Reader
from services.evaluation.words import Words, words
from shared.delivery import Actor, Delivery
from shared.web import PAGE_HEADERS, Guard, Pages, Problem

Language = Annotated[str, Query(alias="lang", max_length=8)]
Field = Annotated[str, Form(max_length=200)]

REASONS: tuple[WithheldBecause, ...] = get_args(WithheldBecause)
STATUS = {Refusal.unknown: 404, Refusal.published: 409, Refusal.unread: 409, Refusal.no_reason: 422}


async def from_our_pages(request: Request) -> None:
    """Another site can make a browser send a form here; the browser says so.

    Raises:
        Problem: the form stands on another site.
    """
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise Problem(403, "form", "The form is not ours", "Open the page again and use its buttons.")


@dataclass(frozen=True)
class Where:
    """Which question of which wave, in which language."""

    cohort_id: str
    wave_id: str
    item: str
    lang: Language = "sv"

    @property
    def address(self) -> str:
        """The page of the question."""
        path = "/".join(quote(part, "") for part in (self.cohort_id, "comments", self.wave_id, self.item))
        return f"/results/{path}?lang={words(self.lang).language}"


@dataclass(frozen=True)
class CommentDoors:
    """What people wrote, for whoever decides whether others may read it."""

    reader: Reader
    delivery: Delivery[EvaluationTransaction]
    pages: Pages
    setup: Setup

    async def questions(self, cohort_id: str, lang: Language = "sv") -> HTMLResponse:
        """The questions on which enough was written, and how far the reading has come."""
        w = words(lang)
        rows = [(question, self._state(question, w)) for question in await self._questions(cohort_id)]
        return self.pages.render(
            "comments.html",
            w.language,
            w=w,
            cohort_id=cohort_id,
            rows=rows,
            text_of=self._text_of(w),
            least=comments.fewest(self.setup.k),
        )

    async def show(self, where: Where) -> HTMLResponse:
        """The comments on one question, with what has become of each."""
        return await self._page(where)

    async def decide(self, actor: Actor, where: Where, comment_id: str, act: str, reason: str) -> Response:
        """Release or withhold one comment; withholding needs a reason."""
        withheld = next((known for known in REASONS if known == reason and act != "release"), None)
        if act != "release" and withheld is None:
            return await self._page(where, Refusal.no_reason)
        refused = await self.delivery.run(
            lambda tx: commenting.decide(where.wave_id, where.item, comment_id, withheld, tx),
            actor=actor,
            action="comment.withhold" if withheld else "comment.release",
        )
        return await self._after(refused, where, f"#c-{comment_id}")

    async def publish(self, actor: Actor, where: Where) -> Response:
        """Let what was released show in the report. Done again after it stopped midway, it is finished."""
        refused = await self.delivery.run(
            lambda tx: commenting.settle(where.wave_id, where.item, tx), actor=actor, action="comments.publish"
        )
        if refused is None:
            await self.delivery.run(lambda tx: commenting.show(where.wave_id, where.item, tx))
        return await self._after(refused, where, "")

    async def _questions(self, cohort_id: str) -> list[Question]:
        written, readings = await self.reader.comments_of(cohort_id)
        waves = await self.reader.waves_of([cohort_id])
        return list(comments.questions(waves, written, readings, k=self.setup.k))

    async def _page(self, where: Where, wrong: Refusal | None = None) -> HTMLResponse:
        w = words(where.lang)
        among = await self._questions(where.cohort_id)
        found = [one for one in among if (one.wave.id, one.item) == (where.wave_id, where.item)]
        if not found:
            raise Problem(404, "no-comments", "No comments to read", "Open the list of questions again.")
        [question] = found
        return self.pages.render(
            "comment.html",
            w.language,
            STATUS[wrong] if wrong else 200,
            w=w,
            cohort_id=where.cohort_id,
            question=question,
            text=self._text_of(w)(where.item),
            pieces={comment.id: comments.maybe_names(comment.text) for comment in question.comments},
            reasons=REASONS,
            wrong=w[wrong.value].format(count=question.unread) if wrong else None,
        )

    async def _after(self, refused: Refusal | None, where: Where, at: str) -> Response:
        if refused is Refusal.unknown:
            raise Problem(404, "no-comments", "No comments to read", "Open the list of questions again.")
        if refused is not None:
            return await self._page(where, refused)
        return RedirectResponse(f"{where.address}{at}", 303, headers=PAGE_HEADERS)

    def _state(self, question: Question, w: Words) -> str:
        if question.is_final:
            return w["state_published"]
        return w["state_unread"].format(count=question.unread) if question.unread else w["state_read"]

    def _text_of(self, w: Words) -> "TextOf":
        return TextOf(self.setup, w)


@dataclass(frozen=True)
class TextOf:
    """What was asked, by the item's id."""

    setup: Setup
    w: Words

    def __call__(self, item_id: str) -> str:
        """The question as people read it."""
        for one in self.setup.instruments.values():
            for item in one.items:
                if item.id == item_id:
                    return self.w.text(item.text)
        return item_id


def routes(doors: CommentDoors, guard: Guard) -> APIRouter:
    """The addresses of the pages. They are for the office alone: nobody else has to read what people wrote."""
    office = Depends(guard.needs("office"))
    router = APIRouter(prefix="/results/{cohort_id}/comments", include_in_schema=False, dependencies=[office])
    router.add_api_route("", doors.questions)
    ours = [Depends(from_our_pages)]

    @router.get("/{wave_id}/{item}")
    async def show(where: Annotated[Where, Depends()]) -> HTMLResponse:
        return await doors.show(where)

    @router.post("/{wave_id}/{item}/publish", dependencies=ours)
    async def publish(where: Annotated[Where, Depends()], actor: Annotated[Actor, office]) -> Response:
        return await doors.publish(actor, where)

    @router.post("/{wave_id}/{item}/{comment_id}", dependencies=ours)
    async def decide(
        where: Annotated[Where, Depends()],
        comment_id: str,
        actor: Annotated[Actor, office],
        act: Field = "",
        reason: Field = "",
    ) -> Response:
        return await doors.decide(actor, where, comment_id, act, reason)

    return router
