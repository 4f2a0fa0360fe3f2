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
from shared.web import PAGE_HEADERS, Guard, Pages, Problem

Language = Annotated[str, Query(alias="lang", max_length=8)]

MOST = 50


@dataclass(frozen=True)
class RecommendationPages:
    """The list, one of them, and its answer."""

    doors: Doors
    pages: Pages

    async def list(self, lang: Language = "sv", after: str | None = None) -> HTMLResponse:
        """All recommendations, those that wait for an answer first on each page."""
        w = words(lang)
        found = await self.doors.reader.page(Recommendation, limit=MOST, after=after)
        shown = sorted(found[:MOST], key=lambda one: (one.state is not RecommendationState.open, one.id))
        more = found[MOST - 1].id if len(found) > MOST else None
        return self.pages.render("recommendations.html", w.language, w=w, recommendations=shown, more=more)

    async def show(
        self,
        recommendation_id: str,
        actor: Actor,
        lang: str,
        said: str | None = None,
        status: int = 200,
        text: str = "",
    ) -> HTMLResponse:
        """One recommendation in plain words; with the form for its answer while it waits for one."""
        w = words(lang)
        one = await self.doors.reader.get(Recommendation, recommendation_id)
        if one is None:
            return self.pages.render("notice.html", w.language, 404, w=w, heading=w["missing_title"], text=w["missing"])
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
            said=w[said] if said else None,
            text=text,
            longest=LONGEST_REASON,
        )

    async def answer(self, recommendation_id: str, outcome: Decision, reason: str, actor: Actor, lang: str) -> Response:
        """Take the office's answer, and lead back to the page as it stands then."""
        if outcome == "declined" and not reason.strip():
            return await self.show(recommendation_id, actor, lang, "reason_missing", 422)
        try:
            await self.doors.decide(recommendation_id, outcome, reason, actor)
        except Problem as problem:
            said = "too_late" if problem.status == 409 else None
            return await self.show(recommendation_id, actor, lang, said, problem.status)
        return RedirectResponse(f"/recommendations/{recommendation_id}?lang={words(lang).language}", 303, PAGE_HEADERS)


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
        outcome: Annotated[Decision, Form()],
        reason: Annotated[str, Form(max_length=LONGEST_REASON)] = "",
        lang: Language = "sv",
    ) -> Response:
        return await shown.answer(recommendation_id, outcome, reason, actor, lang)

    return router
