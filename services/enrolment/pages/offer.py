"""The page on which somebody answers an offer, or asks for the next one when it has run out."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse

from services.enrolment.commands import places
from services.enrolment.model import Cohort, Employee, Place
from services.enrolment.pages.frame import Frame
from services.enrolment.rules.audience import has_open_place
from services.enrolment.rules.offers import Standing, standing
from services.enrolment.rules.people import language_of
from services.enrolment.rules.refusal import Refusal
from services.enrolment.store import EnrolmentTransaction
from shared.delivery import Actor

Wish = places.Answer | Literal["ask_again"]
GONE: frozenset[Standing] = frozenset({"expired", "gone"})


class OfferPage:
    """What a link from an offer leads to."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self.router = APIRouter()
        self.router.add_api_route("/o/{token}", self.show, methods=["GET", "HEAD"])
        self.router.add_api_route("/o/{token}", self.answer, methods=["POST"])

    async def show(self, token: str) -> HTMLResponse:
        """How the place stands; changes nothing, however often a mail scanner fetches it."""
        return await self._page(token, None)

    async def answer(self, token: str, answer: Annotated[Wish, Form()]) -> HTMLResponse:
        """She says yes or no, or that she wants to wait for the next offer."""
        return await self._page(token, answer)

    async def _page(self, token: str, answer: Wish | None) -> HTMLResponse:
        offer = self._frame.read_round("offer", token)
        if offer is None:
            return self._frame.unknown_link()
        place_id, round_ = offer

        async def work(tx: EnrolmentTransaction) -> HTMLResponse:
            before = await _act(tx, place_id, round_, answer)
            place = await tx.places.get(place_id)
            cohort = await tx.cohorts.get(place.cohort_id) if place and place.cohort_id else None
            employee = await tx.employees.get(place.employee_id) if place else None
            if place is None or cohort is None or employee is None:
                return self._frame.unknown_link()
            now = standing(place, cohort, round_, tx.now)
            waits = now == "expired" and _waits_again(employee, place)
            language = language_of(employee)
            return self._frame.render(
                "offer.html",
                language,
                200 if waits and answer == "ask_again" else _status(before, now, answer),
                standing="waits" if waits else now,
                asked_in_vain=answer == "ask_again" and not waits,
                person_url=None if employee.left else tx.person_url(employee.id),
                **self._facts(place, cohort, language),
            )

        holder = place_id.rpartition(":")[0].rpartition(":")[2]
        actor = Actor(holder, "participant") if answer else None
        return await self._frame.run(work, actor, f"offer: {answer}" if answer else "")

    def _facts(self, place: Place, cohort: Cohort, language: str) -> dict[str, Any]:
        sessions = [session for session in cohort.sessions if session.cancelled is None]
        return {
            "programme": place.title.in_language(language),
            "purpose": getattr(cohort.content.purpose, language),
            "answer_by": self._frame.moment(place.answer_by, language) if place.answer_by else None,
            "reason": place.reason.text.in_language(language),
            "sessions": [
                self._frame.session(session, language)
                for session in sorted(sessions, key=lambda session: session.starts_at)
            ],
        }


def _waits_again(employee: Employee, place: Place) -> bool:
    """Whether she has a newer place in the programme than the one whose offer ran out."""
    others = employee.having(open_places=tuple(one for one in employee.open_places if one != place.id))
    return has_open_place(others, place.programme)


async def _act(tx: EnrolmentTransaction, place_id: str, round_: int, answer: Wish | None) -> Standing | None:
    """Do what she wishes; how the offer stood before, if she answered it."""
    if answer == "ask_again":
        asked = await places.ask_again(tx, place_id, round_)
        return None if isinstance(asked, Refusal) else "expired"
    return await places.answer(tx, place_id, round_, answer) if answer else None


def _status(before: Standing | None, now: Standing, answer: Wish | None) -> int:
    """200 when she sees what she asked for; 410 when the offer is over; 409 when her answer could not count."""
    if now in GONE:
        return 410
    wanted = {"accept": {"confirmed", "begun", "completed"}, "decline": {"declined"}, "ask_again": set[str]()}
    return 409 if answer and (before or answer == "ask_again") and now not in wanted[answer] else 200
