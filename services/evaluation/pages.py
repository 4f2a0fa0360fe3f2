"""The pages of evaluation: the form behind a one-time link, and the results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from services.evaluation import commands, pseudonyms
from services.evaluation.instruments import IN_WORDS, NUMBERS, Item, Kind, Library, minutes_to_answer
from services.evaluation.model import Answers, Invitation, Release, Setup, Submission, Wave
from services.evaluation.reports import report
from services.evaluation.rules import audience
from services.evaluation.store import EvaluationTransaction, Reader
from services.evaluation.words import words
from shared.clock import Clock
from shared.delivery import Delivery
from shared.web import Guard, Pages

STATUS = {
    Submission.accepted: 200,
    Submission.empty: 422,
    Submission.invalid: 422,
    Submission.already_answered: 409,
    Submission.closed: 410,
    Submission.withdrawn: 410,
    Submission.unknown: 404,
}

LONGEST_TEXT = 2000
"""Characters of an answer in own words."""

Language = Annotated[str, Query(alias="lang", max_length=8)]


class InvalidAnswerError(Exception):
    """A field of the form holds something that the form does not offer."""


@dataclass(frozen=True)
class SurveyDoors:
    """The form that managers answer: GET shows it any number of times, only a finished POST spends the link."""

    reader: Reader
    delivery: Delivery[EvaluationTransaction]
    clock: Clock
    pages: Pages
    setup: Setup

    async def show(self, token: str, lang: Language = "sv") -> HTMLResponse:
        """The form, or a kind word about why there is none."""
        verdict, wave = await self._look_up(token)
        if wave is not None and verdict is Submission.accepted:
            return self._form(wave, lang, {})
        return self._notice(verdict, lang, 200 if verdict is Submission.already_answered else STATUS[verdict])

    async def take(self, token: str, request: Request, lang: Language = "sv") -> HTMLResponse:
        """Take the answers and give a receipt; anything but a finished form leaves the link as it was."""
        verdict, wave = await self._look_up(token)
        if wave is None or verdict is not Submission.accepted:
            return self._notice(verdict, lang, STATUS[verdict])
        async with request.form(max_files=0, max_fields=100) as form:
            sent = {key: value for key, value in form.items() if isinstance(value, str)}
        try:
            answers = read_answers(sent, wave, self.setup.instruments)
        except InvalidAnswerError:
            return self._form(wave, lang, sent, Submission.invalid)
        verdict = await self.delivery.run(lambda tx: commands.submit(token, answers, tx))
        if verdict is Submission.empty:
            return self._form(wave, lang, sent, verdict)
        return self._notice("receipt" if verdict is Submission.accepted else verdict, lang, STATUS[verdict])

    async def _look_up(self, token: str) -> tuple[Submission, Wave | None]:
        invitation = await self.reader.get(Invitation, pseudonyms.hash_of(token))
        wave = await self.reader.get(Wave, invitation.wave_id) if invitation else None
        return audience.may_answer(invitation, wave, self.clock.now()), wave

    def _form(
        self, wave: Wave, lang: str, sent: Mapping[str, str], wrong: Submission = Submission.accepted
    ) -> HTMLResponse:
        w, items = words(lang), wave.items(self.setup.instruments)
        editions = [self.setup.instruments.edition(ref.code, ref.version) for ref in wave.instruments]
        return self.pages.render(
            "survey.html",
            w.language,
            STATUS[wrong],
            w=w,
            wave=wave,
            instruments=[(one, one.asked_in(wave.wave, wave.of)) for one in editions],
            choices={item.id: choices(item, wave) for item in items},
            count=len(items),
            minutes=minutes_to_answer(items),
            closes=w.moment(wave.closes_at, self.setup.zone),
            k=self.setup.k,
            sent=sent,
            wrong=None if wrong is Submission.accepted else w[wrong.value],
        )

    def _notice(self, name: str, lang: str, status: int) -> HTMLResponse:
        w = words(lang)
        return self.pages.render("notice.html", w.language, status, w=w, heading=w[f"{name}_title"], text=w[name])


def choices(item: Item, wave: Wave) -> Sequence[int]:
    """The numbers that can be chosen as an answer; none where it is written in own words."""
    return range(max(wave.size, 1)) if item.kind is Kind.people else NUMBERS.get(item.kind, ())


def read_answers(sent: Mapping[str, str], wave: Wave, library: Library) -> Answers:
    """The answer to each item of the form; no number stands for "don't know" and for what was skipped.

    Raises:
        InvalidAnswerError: a field holds something that the form does not offer.
    """
    numbers: dict[str, int | None] = {}
    written: dict[Kind, dict[str, str]] = {Kind.text: {}, Kind.task: {}}
    for item in wave.items(library):
        value = sent.get(item.id, "").strip()
        if item.kind in IN_WORDS:
            if len(value) > LONGEST_TEXT:
                raise InvalidAnswerError(item.id)
            if value:
                written[item.kind][item.id] = value
        elif value and value not in {str(number) for number in choices(item, wave)}:
            raise InvalidAnswerError(item.id)
        else:
            numbers[item.id] = int(value) if value else None
    return Answers(numbers=numbers, comments=written[Kind.text], tasks=written[Kind.task])


@dataclass(frozen=True)
class ResultDoors:
    """The published results, for those who may read them."""

    reader: Reader
    pages: Pages
    setup: Setup

    async def list(self, lang: Language = "sv", after: str | None = None) -> HTMLResponse:
        """All published results, a page at a time."""
        w, limit = words(lang), 50
        found = await self.reader.page(Release, limit=limit, after=after)
        more = found[limit - 1].id if len(found) > limit else None
        return self.pages.render("results.html", w.language, w=w, releases=found[:limit], more=more)

    async def show(self, cohort_id: str, lang: Language = "sv") -> HTMLResponse:
        """A cohort's newest result, or that there is none yet."""
        w = words(lang)
        found = await self.reader.releases_of(cohort_id)
        if not found:
            text = w["no_result"].format(cohort=cohort_id)
            return self.pages.render("notice.html", w.language, 404, w=w, heading=w["no_result_title"], text=text)
        release = found[-1]
        shown = report(release, self.setup.instruments, w.language)
        return self.pages.render("result.html", w.language, w=w, release=release, report=shown)


def routes(survey: SurveyDoors, results: ResultDoors, guard: Guard) -> APIRouter:
    """The addresses of the pages."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/s/{token}", survey.show, methods=["GET", "HEAD"])
    router.add_api_route("/s/{token}", survey.take, methods=["POST"])
    readers = [Depends(guard.needs("office", "auditor"))]
    router.add_api_route("/results", results.list, methods=["GET"], dependencies=readers)
    router.add_api_route("/results/{cohort_id}", results.show, methods=["GET"], dependencies=readers)
    return router
