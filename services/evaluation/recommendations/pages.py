"""The pages on which the office reads recommendations and answers them; they work without script."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.evaluation.model import Recommendation, RecommendationState
from services.evaluation.recommendations.api import LONGEST_REASON, Doors
from services.evaluation.recommendations.phrases import words
from services.evaluation.recommendations.sentences import answer_in_words, in_words, since_in_words
from services.evaluation.rules.recommendations import Decision
from shared.delivery import Actor
from shared.links import Links
from shared.web import PAGE_HEADERS, Guard, Pages, Problem

Language = Annotated[str, Query(alias="lang", max_length=8)]

MOST = 50


@dataclass(frozen=True)
class Reply:
    """What the form says: the office's answer, and that the form is ours."""

    outcome: Annotated[Decision, Form()]
    reason: Annotated[str, Form(max_length=LONGEST_REASON)] = ""
    csrf: Annotated[str, Form(max_length=500)] = ""


@dataclass(frozen=True)
class RecommendationPages:
    """The list, one of them, and its answer."""

    doors: Doors
    pages: Pages
    links: Links

    async def list(self, lang: Language = "sv", after: str | None = None) -> HTMLResponse:
        """All recommendations, a page at a time; on each page those that wait for an answer come first."""
        w = words(lang)
        found = await self.doors.reader.page(Recommendation, limit=MOST, after=after)
        shown = sorted(found[:MOST], key=lambda one: (one.state is not RecommendationState.open, one.id))
        more = found[MOST - 1].id if len(found) > MOST else None
        return self.pages.render("recommendations.html", w.language, w=w, recommendations=shown, more=more)

    async def show(
        self, recommendation_id: str, actor: Actor, lang: str, *, said: str | None = None, status: int = 200
    ) -> HTMLResponse:
        """One recommendation in plain words; with the form for its answer while it waits for one."""
        w = words(lang)
        one = await self.doors.reader.get(Recommendation, recommendation_id)
        if one is None:
            told = {"heading": w["missing_title"], "text": w["missing"]}
            return self.pages.render("notice.html", w.language, 404, w=w, **told)
        return self.pages.render(
            "recommendation.html",
            w.language,
            status,
            w=w,
            one=one,
            findings=[in_words(finding, w) for finding in one.findings],
            answers=answer_in_words(one, w),
            since=since_in_words(one, await self.doors.compared(one), w),
            may_answer=one.state is RecommendationState.open and actor.role == "office",
            csrf=self.links.sign("office-form", f"{actor.role}|{actor.name}"),
            said=w[said] if said else None,
            longest=LONGEST_REASON,
        )

    async def answer(self, recommendation_id: str, reply: Reply, actor: Actor, lang: str) -> Response:
        """Take the office's answer, and lead back to the page as it stands then."""
        if self.links.read("office-form", reply.csrf) != f"{actor.role}|{actor.name}":
            raise Problem(403, "form", "The form is not ours", "Open the page again and use its buttons.")
        if reply.outcome == "declined" and not reply.reason.strip():
            return await self.show(recommendation_id, actor, lang, said="reason_missing", status=422)
        try:
            await self.doors.decide(recommendation_id, reply.outcome, reply.reason, actor)
        except Problem as problem:
            said = "too_late" if problem.status == 409 else None
            return await self.show(recommendation_id, actor, lang, said=said, status=problem.status)
        back = f"/recommendations/{recommendation_id}?lang={words(lang).language}"
        return RedirectResponse(back, 303, PAGE_HEADERS)


def routes(shown: RecommendationPages, guard: Guard) -> APIRouter:
    """The addresses of the pages."""
    router = APIRouter(include_in_schema=False)
    reader = Depends(guard.needs("office", "auditor"))
    router.add_api_route("/recommendations", shown.list, methods=["GET"], dependencies=[reader])

    @router.get("/recommendations/{recommendation_id}")
    async def show(recommendation_id: str, actor: Annotated[Actor, reader], lang: Language = "sv") -> HTMLResponse:
        return await shown.show(recommendation_id, actor, lang)

    @router.post("/recommendations/{recommendation_id}")
    async def answer(
        recommendation_id: str,
        actor: Annotated[Actor, Depends(guard.needs("office"))],
        reply: Annotated[Reply, Depends()],
        lang: Language = "sv",
    ) -> Response:
        return await shown.answer(recommendation_id, reply, actor, lang)

    return router
