"""A line manager's page: her own reports as of today and their places, what she is asked, whom she can name."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse

from services.enrolment.commands import approvals, nominations
from services.enrolment.model import Employee, Place
from services.enrolment.pages.frame import Frame, name_of
from services.enrolment.programme_file import ProgrammeFile
from services.enrolment.rules import approvals as rules
from services.enrolment.rules import audience, career
from services.enrolment.rules.organisation import Tree
from services.enrolment.rules.people import language_of
from services.enrolment.rules.refusal import Refusal
from services.enrolment.store import EnrolmentTransaction
from shared.delivery import Actor
from shared.events.base import Fact

Said = Literal["approved", "refused", "nominated", "not_possible"]


class TeamForm(Fact):
    """What she does on the page: answer about a place, or name somebody for a programme."""

    act: Literal["approve", "refuse", "nominate"]
    place_id: str = ""
    employee_id: str = ""
    programme: str = ""


class TeamPage:
    """What the link to a manager's team leads to."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self.router = APIRouter()
        self.router.add_api_route("/t/{token}", self.show, methods=["GET", "HEAD"])
        self.router.add_api_route("/t/{token}", self.act, methods=["POST"])

    async def show(self, token: str) -> HTMLResponse:
        """How her reports stand; changes nothing."""
        return await self._page(token, None)

    async def act(self, token: str, form: Annotated[TeamForm, Form()]) -> HTMLResponse:
        """She answers whether somebody may go, or names somebody."""
        return await self._page(token, form)

    async def _page(self, token: str, form: TeamForm | None) -> HTMLResponse:
        manager_id = self._frame.read("team", token)
        if manager_id is None:
            return self._frame.unknown_link()

        async def work(tx: EnrolmentTransaction) -> HTMLResponse:
            known = await tx.employees.get(manager_id)
            if known is None:
                return self._frame.unknown_link()
            manager = career.as_of(known, tx.today)
            language = language_of(manager)
            if manager.left or manager.record is None:
                return self._frame.no_longer(language)
            said = await _act(tx, manager_id, form) if form else None
            facts = await self._facts(tx, manager_id, language)
            status = 409 if said == "not_possible" else 200
            return self._frame.render("team.html", language, status, said=said, **facts)

        actor = Actor(manager_id, "line_manager") if form else None
        return await self._frame.run(work, actor, f"team: {form.act}" if form else "")

    async def _facts(self, tx: EnrolmentTransaction, manager_id: str, language: str) -> dict[str, Any]:
        reports = await _reports(tx, manager_id)
        open_places = await tx.places.get_many(
            place_id for report in reports.values() for place_id in report.open_places
        )
        programmes = {programme.id: programme for programme in await tx.programmes.all()}
        units = await tx.units.tree()
        return {
            "questions": [
                await self._question(tx, place, language) for place in (await _questions(tx, manager_id)).values()
            ],
            "team": [
                {
                    "name": name_of(report) or report.id,
                    "places": [
                        {"title": place.title.in_language(language), "state": _stage(place)}
                        for place in open_places.values()
                        if place.employee_id == report.id
                    ],
                    "completed": [
                        programmes[code].content.title.localised().in_language(language)
                        for code in report.completed
                        if code in programmes
                    ],
                }
                for report in reports.values()
            ],
            "nominations": [
                {"code": programme.id, "title": programme.content.title.localised().in_language(language), "who": who}
                for programme in programmes.values()
                if not programme.retired and (who := _nominees(reports, programme.content, units))
            ],
        }

    async def _question(self, tx: EnrolmentTransaction, place: Place, language: str) -> dict[str, Any]:
        about = await tx.employees.get(place.employee_id)
        approval = place.approval
        return {
            "place_id": place.id,
            "name": name_of(about) or place.employee_id,
            "programme": place.title.in_language(language),
            "reason": rules.why_asked(place).text.in_language(language),
            "since": self._frame.short_day(place.queued_at, language),
            "answer_by": self._frame.day(approval.answer_by, language) if approval and approval.answer_by else None,
        }


async def _reports(tx: EnrolmentTransaction, manager_id: str) -> dict[str, Employee]:
    """Whose line manager she is today, by name."""
    today = [career.as_of(employee, tx.today) for employee in await tx.employees.reporting_to(manager_id)]
    hers = [each for each in today if not each.left and each.record and each.record.manager_id == manager_id]
    return {each.id: each for each in sorted(hers, key=lambda each: (name_of(each) or "", each.id))}


async def _questions(tx: EnrolmentTransaction, manager_id: str) -> dict[str, Place]:
    """What she can answer: about her own reports, whoever else is asked by now, and what she is asked for another."""
    reports = await _reports(tx, manager_id)
    own = await tx.places.get_many(place_id for report in reports.values() for place_id in report.open_places)
    asked = {place.id: place for place in await tx.places.awaiting(manager_id)}
    return {place_id: place for place_id, place in {**own, **asked}.items() if rules.is_awaited(place)}


async def _act(tx: EnrolmentTransaction, manager_id: str, form: TeamForm) -> Said:
    if form.act == "nominate":
        if form.employee_id not in await _reports(tx, manager_id):
            return "not_possible"
        named = await nominations.nominate(tx, form.programme, form.employee_id, manager_id)
        return "not_possible" if isinstance(named, Refusal) else "nominated"
    if form.place_id not in await _questions(tx, manager_id):
        return "not_possible"
    approved = form.act == "approve"
    await approvals.decide(tx, form.place_id, by=manager_id, approved=approved)
    return "approved" if approved else "refused"


def _nominees(reports: dict[str, Employee], programme: ProgrammeFile, units: Tree) -> list[dict[str, str]]:
    """Those of her reports whom she could name."""
    return [
        {"employee_id": report.id, "name": name_of(report) or report.id}
        for report in reports.values()
        if not isinstance(audience.reason_to_nominate(report, programme, units, by="line_manager"), str)
    ]


def _stage(place: Place) -> str:
    """How far a place has come, without why."""
    return "asked" if rules.is_awaited(place) else place.state
