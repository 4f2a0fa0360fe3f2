"""The pages of results, and the same as files: by cohort, by programme, and for the municipality over the years."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse, Response

from services.evaluation.model import Release, Setup, Wave
from services.evaluation.reports import files
from services.evaluation.reports.cohort import cohort_report
from services.evaluation.reports.layout import Report
from services.evaluation.reports.municipality import municipality_report
from services.evaluation.reports.programme import Waiting, programme_report
from services.evaluation.reports.released import Released, by_cohort, together
from services.evaluation.store import Reader
from services.evaluation.words import words
from shared.pdf import as_pdf
from shared.web import PAGE_HEADERS, Guard, Pages, Problem

Language = Annotated[str, Query(alias="lang", max_length=8)]

SAME_TIME = timedelta(days=45)
"""A cohort before its start is a waiting list for another after its end when they were asked so close to each other."""

KINDS = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
"""What a result can be fetched as: by the ending of its address."""

FILE_HEADERS = {name: PAGE_HEADERS[name] for name in ("Cache-Control", "Referrer-Policy", "X-Content-Type-Options")}


class ResultDoors:
    """The published results, for those who may read them."""

    def __init__(self, reader: Reader, pages: Pages, setup: Setup) -> None:
        self._reader, self._pages, self._setup = reader, pages, setup

    async def list(self, lang: Language = "sv", after: str | None = None) -> HTMLResponse:
        """All cohorts with results, a page at a time."""
        w, limit = words(lang), 50
        found = by_cohort(await self._reader.releases_of_programme())
        later = sorted((one for one in found if after is None or one.cohort_id > after), key=lambda one: one.cohort_id)
        return self._pages.render(
            "results.html",
            w.language,
            w=w,
            cohorts=later[:limit],
            programmes=dict.fromkeys(one.programme for one in found),
            more=later[limit - 1].cohort_id if len(later) > limit else None,
        )

    async def cohort(self, cohort_id: str, lang: Language = "sv") -> HTMLResponse:
        """One cohort's report, or when there will be one."""
        report = await self._cohort(cohort_id, lang)
        address = f"/results/{cohort_id}"
        return self._page(report, address, lang, comments=True) if report else self._none(cohort_id, lang)

    async def cohort_file(self, cohort_id: str, kind: str, lang: Language = "sv") -> Response:
        """One cohort's report as a file; or its page, when a dot belongs to its id."""
        if kind not in KINDS:
            return await self.cohort(f"{cohort_id}.{kind}", lang)
        return await self._file(await self._cohort(cohort_id, lang), kind)

    async def programme(self, programme: str, lang: Language = "sv") -> HTMLResponse:
        """One programme's report, or when there will be one."""
        report = await self._programme(programme, lang)
        address = f"/results/programmes/{programme}"
        return self._page(report, address, lang) if report else self._none(programme, lang)

    async def programme_file(self, programme: str, kind: str, lang: Language = "sv") -> Response:
        """One programme's report as a file; or its page, when a dot belongs to its code."""
        if kind not in KINDS:
            return await self.programme(f"{programme}.{kind}", lang)
        return await self._file(await self._programme(programme, lang), kind)

    async def municipality(self, lang: Language = "sv") -> HTMLResponse:
        """All programmes over the years, or when there will be something to tell."""
        report = await self._municipality(lang)
        w = words(lang)
        return self._page(report, "/results/municipality", lang) if report else self._none(w["file_municipality"], lang)

    async def municipality_file(self, kind: str, lang: Language = "sv") -> Response:
        """All programmes over the years as a file."""
        return await self._file(await self._municipality(lang), kind)

    async def _cohort(self, cohort_id: str, lang: str) -> Report | None:
        found: Sequence[Release] = await self._reader.releases_of(cohort_id)
        if not found:
            return None
        comments = await self._reader.published_comments(cohort_id)
        return cohort_report(together(found, comments), self._setup.instruments, lang)

    async def _programme(self, programme: str, lang: str) -> Report | None:
        cohorts = by_cohort(await self._reader.releases_of_programme(programme))
        if not cohorts:
            return None
        waves = await self._reader.waves_of([cohort.cohort_id for cohort in cohorts])
        pairs = waiting_lists(cohorts, waves)
        # seeing many cohorts together takes some tenths of a second, and others wait meanwhile
        return await asyncio.to_thread(programme_report, cohorts, self._setup.instruments, lang, pairs)

    async def _municipality(self, lang: str) -> Report | None:
        cohorts = by_cohort(await self._reader.releases_of_programme())
        if not cohorts:
            return None
        return await asyncio.to_thread(municipality_report, cohorts, self._setup.instruments, lang)

    def _page(self, report: Report, address: str, lang: str, *, comments: bool = False) -> HTMLResponse:
        w = words(lang)
        return self._pages.render(
            "report.html",
            w.language,
            w=w,
            report=report,
            address=address,
            kinds=tuple(KINDS),
            comments=comments,
            paper=False,
        )

    def _none(self, what: str, lang: str) -> HTMLResponse:
        w = words(lang)
        text = w["no_result"].format(what=what)
        return self._pages.render("notice.html", w.language, 404, w=w, heading=w["no_result_title"], text=text)

    async def _file(self, report: Report | None, kind: str) -> Response:
        if kind not in KINDS:
            raise Problem(404, "no-such-file", "No such file", f"Ask for one of {', '.join(sorted(KINDS))}.")
        if report is None:
            raise Problem(404, "no-result", "No result yet", "It is published when a round of questions has closed.")
        content = await asyncio.to_thread(self._written, report, kind)  # a PDF takes a while, and others wait
        name = files.file_name(report, kind)
        headers = {
            **FILE_HEADERS,
            "Content-Language": report.language,
            "Content-Disposition": f'{"inline" if kind == "pdf" else "attachment"}; filename="{name}"',
        }
        return Response(content, media_type=KINDS[kind], headers=headers)

    def _written(self, report: Report, kind: str) -> bytes:
        if kind == "pdf":
            return as_pdf(on_paper(report, self._pages))
        write = {"xlsx": files.as_xlsx, "csv": files.as_csv, "json": files.as_json}[kind]
        return write(report)


def on_paper(report: Report, pages: Pages) -> str:
    """The report's page as it is set on paper: the same template, without links and without doors."""
    w = words(report.language)
    page = pages.render("report.html", w.language, w=w, report=report, address="", kinds=(), comments=False, paper=True)
    return bytes(page.body).decode()


def waiting_lists(cohorts: Sequence[Released], waves: Sequence[Wave]) -> list[Waiting]:
    """Pairs of cohorts of which one was asked before its start at about the time when the other was after its end."""
    asked = {(wave.cohort_id, wave.wave): wave.opens_at for wave in waves if wave.of == "managers"}
    pairs = []
    for after in cohorts:
        ended = asked.get((after.cohort_id, "T1"))
        for waiting in cohorts:
            began = asked.get((waiting.cohort_id, "T0"))
            if ended and began and waiting is not after and abs(ended - began) <= SAME_TIME:
                pairs.append(Waiting(after, waiting))
    return pairs


def routes(doors: ResultDoors, guard: Guard) -> APIRouter:
    """The addresses of the results; a file has the address of its page and an ending."""
    readers = [Depends(guard.needs("office", "auditor"))]
    router = APIRouter(include_in_schema=False, dependencies=readers)
    router.add_api_route("/results", doors.list)
    router.add_api_route("/results/municipality", doors.municipality)
    router.add_api_route("/results/municipality.{kind}", doors.municipality_file)
    router.add_api_route("/results/programmes/{programme}.{kind}", doors.programme_file)
    router.add_api_route("/results/programmes/{programme}", doors.programme)
    router.add_api_route("/results/{cohort_id}.{kind}", doors.cohort_file)
    router.add_api_route("/results/{cohort_id}", doors.cohort)
    return router
