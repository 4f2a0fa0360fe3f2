"""The form behind a one-time link."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from services.evaluation import form, pseudonyms, told
from services.evaluation.intake import Intake
from services.evaluation.model import Invitation, Setup, Submission, Wave
from services.evaluation.rules import audience
from services.evaluation.store import Reader
from services.evaluation.words import words
from shared.clock import Clock
from shared.web import Pages

STATUS = {
    Submission.accepted: 200,
    Submission.empty: 422,
    Submission.invalid: 422,
    Submission.already_answered: 409,
    Submission.closed: 410,
    Submission.withdrawn: 410,
    Submission.unknown: 404,
}

MOST_FIELDS = 100
"""Of a form; ours have at most forty."""

SCRIPT = "survey.js"

Language = Annotated[str, Query(alias="lang", max_length=8)]


STEPS = ("check", "language")
"""Buttons that show the form again and send nothing in: with what is left to answer, or in the other language."""


@dataclass(frozen=True)
class SurveyDoors:
    """The form behind a link: GET shows it any number of times, only a finished POST spends the link."""

    reader: Reader
    intake: Intake
    clock: Clock
    pages: Pages
    setup: Setup

    async def show(self, token: str, lang: Language = "sv") -> HTMLResponse:
        """The form, or a kind word about why there is none."""
        verdict, wave = await self._look_up(token)
        if wave is not None and verdict is Submission.accepted:
            return self._form(token, wave, lang, {})
        status = 200 if verdict is Submission.already_answered else STATUS[verdict]
        return self._notice(token, verdict, wave, lang, status)

    async def take(self, token: str, request: Request, lang: Language = "sv") -> HTMLResponse:
        """Take the answers and give a receipt; anything but a finished form leaves the link as it was."""
        async with request.form(max_files=0, max_fields=MOST_FIELDS) as posted:
            fields = {key: value for key, value in posted.items() if isinstance(value, str)}
        if fields.get("step") in STEPS:
            verdict, wave = await self._look_up(token)
            goes_on = verdict is Submission.accepted
        else:
            sent = await self.intake.take(token, fields)
            verdict, wave = sent.verdict, sent.wave
            goes_on = verdict in (Submission.empty, Submission.invalid)
        if wave is not None and goes_on:
            return self._form(token, wave, lang, fields, verdict)
        return self._notice(token, verdict, wave, lang, STATUS[verdict])

    async def _look_up(self, token: str) -> tuple[Submission, Wave | None]:
        invitation = await self.reader.get(Invitation, pseudonyms.hash_of(token))
        wave = await self.reader.get(Wave, invitation.wave_id) if invitation else None
        return audience.may_answer(invitation, wave, self.clock.now()), wave

    def _form(
        self,
        token: str,
        wave: Wave,
        lang: str,
        fields: Mapping[str, str],
        verdict: Submission = Submission.accepted,
    ) -> HTMLResponse:
        w = words(lang)
        chapters = form.chapters(wave, self.setup.instruments, fields)
        asked = [question for _, sections in chapters for _, questions in sections for question in questions]
        step = fields.get("step", "") if verdict is Submission.accepted else ""
        return self.pages.render(
            "survey.html",
            w.language,
            STATUS[verdict],
            script=SCRIPT,
            w=w,
            **told.about_form(w, wave, [question.item for question in asked], self.setup),
            chapters=chapters,
            items=[question.item.id for question in asked],
            answered=sum(question.is_answered for question in asked),
            unanswered=[question for question in asked if not question.is_answered],
            faulty=[question for question in asked if question.fault],
            wrong=None if verdict is Submission.accepted else w[verdict.value],
            step=step,
            sent=bool(fields),
            is_shared="shared" in fields,
            draft=pseudonyms.draft_of(token),
            seconds=int((wave.closes_at - self.clock.now()).total_seconds()),
            dont_know=form.DONT_KNOW,
            longest=form.LONGEST_TEXT,
        )

    def _notice(self, token: str, verdict: Submission, wave: Wave | None, lang: str, status: int) -> HTMLResponse:
        w = words(lang)
        name = "receipt" if verdict is Submission.accepted else verdict.value
        receipt = told.receipt(w, wave, self.setup) if wave is not None and name == "receipt" else None
        return self.pages.render(
            "notice.html",
            w.language,
            status,
            script=SCRIPT,
            w=w,
            heading=w[f"{name}_title"],
            text=receipt.text if receipt else w[name],
            more=receipt.more if receipt else (),
            draft=pseudonyms.draft_of(token) if wave is not None else None,
        )


def routes(survey: SurveyDoors) -> APIRouter:
    """The addresses of the pages."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/s/{token}", survey.show, methods=["GET", "HEAD"])
    router.add_api_route("/s/{token}", survey.take, methods=["POST"])
    return router
