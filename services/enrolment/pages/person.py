"""Her own page: where she stands, what was decided about her and why, what is to come, and what lives on."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse

from services.enrolment import views
from services.enrolment.commands import networks
from services.enrolment.commands.engagements import sessions_of
from services.enrolment.model import OPEN, Employee, Network, Place, PlaceState
from services.enrolment.pages.frame import Frame, name_of
from services.enrolment.rules import approvals, career, line
from services.enrolment.rules.people import language_of
from services.enrolment.store import EnrolmentTransaction
from services.enrolment.views import View
from shared.delivery import Actor

Wish = Literal["join_alumni", "leave_alumni"]

TURNS: dict[PlaceState, int] = {"offered": 0, "confirmed": 1, "queued": 2, "paused": 3}
"""In which order open places are shown; the others follow, newest first."""


class PersonPage:
    """What the link to everything that was decided about her leads to."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self.router = APIRouter()
        self.router.add_api_route("/p/{token}", self.show, methods=["GET", "HEAD"])
        self.router.add_api_route("/p/{token}", self.wish, methods=["POST"])
        self.router.add_api_route("/p/{token}/diploma/{place_id}", self.diploma, methods=["GET", "HEAD"])

    async def show(self, token: str) -> HTMLResponse:
        """How she stands; changes nothing."""
        return await self._page(token, None)

    async def wish(self, token: str, wish: Annotated[Wish, Form()]) -> HTMLResponse:
        """She joins or leaves the list of alumni."""
        return await self._page(token, wish)

    async def _page(self, token: str, wish: Wish | None) -> HTMLResponse:
        employee_id = self._frame.read("person", token)
        if employee_id is None:
            return self._frame.unknown_link()

        async def work(tx: EnrolmentTransaction) -> HTMLResponse:
            employee = await _here(tx, employee_id)
            if not isinstance(employee, Employee):
                return self._gone(employee)
            if wish:
                step = networks.join_alumni if wish == "join_alumni" else networks.leave_alumni
                await step(tx, employee_id)
                employee = await tx.employees.get(employee_id) or employee
            return self._frame.render("person.html", language_of(employee), **await self._facts(tx, employee, token))

        return await self._frame.run(work, Actor(employee_id, "participant") if wish else None, wish or "")

    async def diploma(self, token: str, place_id: str) -> HTMLResponse:
        """What she has completed, to be printed."""
        employee_id = self._frame.read("person", token)

        async def work(tx: EnrolmentTransaction) -> HTMLResponse:
            employee = await _here(tx, employee_id or "")
            place = await tx.places.get(place_id)
            cohort = await tx.cohorts.get(place.cohort_id) if place and place.cohort_id else None
            if not isinstance(employee, Employee):
                return self._gone(employee)
            if place is None or cohort is None or place.employee_id != employee_id or place.state != "completed":
                return self._frame.unknown_link()
            language = language_of(employee)
            diploma = views.diploma(place, cohort, employee, tx.zone)
            done_on = self._frame.short_day(date.fromisoformat(diploma["completed_on"]), language)
            hours = f"{diploma['hours']:g}".replace(".", "," if language == "sv" else ".")
            told: View = {
                "who": diploma.pop("name"),
                **diploma,
                "done_on": done_on,
                "hours_told": hours,
                "back": tx.person_url(employee.id),
            }
            return self._frame.render("diploma.html", language, 200, **told)

        return await self._frame.run(work)

    def _gone(self, language: str | None) -> HTMLResponse:
        return self._frame.no_longer(language) if language else self._frame.unknown_link()

    async def _facts(self, tx: EnrolmentTransaction, employee: Employee, token: str) -> dict[str, Any]:
        language = language_of(employee)
        places = await tx.places.of_person(employee.id)
        shown = sorted(places, key=lambda place: (TURNS.get(place.state, 9), -place.queued_at.timestamp()))
        confirmed = {place.cohort_id: place for place in places if place.state == "confirmed"}
        coming = [each for each in await sessions_of(tx, employee) if each.cohort_id in confirmed]
        return {
            "who": name_of(employee) or employee.id,
            "sessions": [
                self._frame.session(each.session, language)
                | {"programme": confirmed[each.cohort_id].title.in_language(language)}
                for each in coming
            ],
            "open": [await self._card(tx, place, language, token) for place in shown if place.state in OPEN],
            "closed": [await self._card(tx, place, language, token) for place in shown if place.state not in OPEN],
            "networks": [
                await _network(tx, network, employee, language)
                for network in await tx.networks.find({"members": employee.id}, sort=[("_id", 1)])
            ],
            "alumni": None if not employee.completed else employee.alumni_since is not None,
        }

    async def _card(self, tx: EnrolmentTransaction, place: Place, language: str, token: str) -> dict[str, Any]:
        asked = place.approval if approvals.is_awaited(place) else None
        approver = await tx.employees.get(asked.approver_id) if asked and asked.approver_id else None
        answers_here = place.state in {"offered", "confirmed", "expired"} and place.offers
        queue = await tx.places.queue_of(place.programme) if place.state == "queued" else []
        return {
            "title": place.title.in_language(language),
            "state": place.state,
            "reason": place.reason.text.in_language(language),
            "since": self._frame.short_day(place.queued_at, language),
            "position": line.position(place, queue).model_dump() if queue else None,
            "asked": (name_of(approver) or "") if asked else None,
            "answer_by": self._frame.moment(place.answer_by, language) if place.answer_by else None,
            "answer_url": tx.answer_url(place.id, place.offers) if answers_here else None,
            "diploma": f"/p/{token}/diploma/{place.id}" if place.state == "completed" and place.cohort_id else None,
            "credits": len(place.credits),
            "skips": [{"day": day, "reason": reason} for day, reason in self._skips(place, language)],
            "history": [
                {
                    "day": self._frame.short_day(decision.at, language),
                    "state": decision.state,
                    "reason": decision.reason.text.in_language(language) if decision.reason else "",
                }
                for decision in reversed(place.history)
            ],
        }

    def _skips(self, place: Place, language: str) -> Iterable[tuple[str, str]]:
        """The latest first; what holds for several groups at once is said once."""
        told = ((self._frame.short_day(s.at, language), s.reason.text.in_language(language)) for s in place.skips[::-1])
        return dict.fromkeys(told)


async def _here(tx: EnrolmentTransaction, employee_id: str) -> Employee | str | None:
    """She; if she has left, the language to say so in; nothing if nobody is known by that id."""
    known = await tx.employees.get(employee_id)
    if known is None:
        return None
    employee = career.as_of(known, tx.today)
    return language_of(employee) if employee.left or employee.record is None else employee


async def _network(tx: EnrolmentTransaction, network: Network, employee: Employee, language: str) -> dict[str, Any]:
    members = await tx.employees.get_many(network.members)
    names = {who: name_of(member) or who for who, member in members.items()}
    return {
        "title": network.title.in_language(language),
        "contact": names.get(network.contact or ""),
        "is_contact": network.contact == employee.id,
        "others": sorted(name for who, name in names.items() if who != employee.id),
    }
