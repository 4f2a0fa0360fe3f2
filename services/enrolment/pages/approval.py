"""The page on which a manager says whether somebody may go."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse

from services.enrolment.commands import approvals
from services.enrolment.model import Employee, Place
from services.enrolment.pages.frame import Frame, name_of
from services.enrolment.rules import approvals as rules
from services.enrolment.rules import career
from services.enrolment.rules.people import language_of
from services.enrolment.store import EnrolmentTransaction
from shared.delivery import Actor

Answer = Literal["approve", "refuse"]
Note = Annotated[str, Form(max_length=1000)]


class ApprovalPage:
    """What a link from a question to a manager leads to."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self.router = APIRouter()
        self.router.add_api_route("/a/{token}", self.show, methods=["GET", "HEAD"])
        self.router.add_api_route("/a/{token}", self.answer, methods=["POST"])

    async def show(self, token: str) -> HTMLResponse:
        """How the question stands; changes nothing."""
        return await self._page(token, None, "")

    async def answer(self, token: str, answer: Annotated[Answer, Form()], note: Note = "") -> HTMLResponse:
        """She may go, or not now."""
        return await self._page(token, answer, note.strip())

    async def _page(self, token: str, answer: Answer | None, note: str) -> HTMLResponse:
        request = self._frame.read_round("approval", token)
        if request is None:
            return self._frame.unknown_link()
        place_id, round_ = request

        async def work(tx: EnrolmentTransaction) -> HTMLResponse:
            if answer:
                await approvals.answer(tx, place_id, round_, approved=answer == "approve", note=note)
            place = await tx.places.get(place_id)
            about = await tx.employees.get(place.employee_id) if place else None
            if place is None or about is None:
                return self._frame.unknown_link()
            return await self._shown(tx, place, about, round_, answer)

        if answer is None:
            return await self._frame.run(work)
        return await self._frame.run(work, Actor(await self._asked(place_id), "line_manager"), f"approval: {answer}")

    async def _asked(self, place_id: str) -> str:
        """Who is asked, for the audit log."""
        place = await self._frame.run(lambda tx: tx.places.get(place_id))
        return (place.approval.approver_id if place and place.approval else None) or "a manager asked before"

    async def _shown(
        self, tx: EnrolmentTransaction, place: Place, about: Employee, round_: int, answer: Answer | None
    ) -> HTMLResponse:
        stands = rules.standing(place, round_)
        is_hers = place.approval is not None and stands != "elsewhere"
        approver = await tx.employees.get(place.approval.approver_id or "") if is_hers and place.approval else None
        if approver and career.as_of(approver, tx.today).left:
            return self._frame.no_longer(language_of(approver))
        language = language_of(approver)
        wanted = {"approve": "approved", "refuse": "refused"}
        status = 410 if stands in {"elsewhere", "over"} else 409 if answer and stands != wanted[answer] else 200
        return self._frame.render(
            "approval.html",
            language,
            status,
            standing=stands,
            who=(name_of(about) or about.id) if is_hers else None,
            programme=place.title.in_language(language),
            team_url=tx.team_url(approver.id) if approver else None,
            **(await self._facts(tx, place, language) if stands == "open" else {}),
        )

    async def _facts(self, tx: EnrolmentTransaction, place: Place, language: str) -> dict[str, Any]:
        programme = await tx.programmes.get(place.programme)
        approval = place.approval
        modules = programme.content.modules if programme else ()
        return {
            "purpose": getattr(programme.content.purpose, language) if programme else "",
            "reason": rules.why_asked(place).text.in_language(language),
            "answer_by": self._frame.moment(approval.answer_by, language) if approval and approval.answer_by else None,
            "meetings": len(modules),
            "hours": f"{sum(module.hours for module in modules):g}",
            "groups": [self._frame.day(first, language) for first in await _first_days(tx, place.programme)],
        }


async def _first_days(tx: EnrolmentTransaction, programme: str) -> list[datetime]:
    """When the programme's groups that are still to begin have their first session."""
    open_ = {"programme": programme, "state": {"$in": ["scheduled", "composed"]}}
    cohorts = await tx.cohorts.find(open_, sort=[("_id", 1)])
    return sorted(cohort.first_session.starts_at for cohort in cohorts if cohort.first_session.starts_at > tx.now)
