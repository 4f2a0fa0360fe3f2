"""The door for people: the page on which somebody answers an offer. GET shows, POST acts."""

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse

from services.enrolment.commands import places
from services.enrolment.commands.places import Answer
from services.enrolment.model import Cohort, Place
from services.enrolment.rules.offers import Standing, standing
from services.enrolment.store import EnrolmentTransaction
from shared.delivery import Delivery
from shared.links import Links
from shared.web import Pages

GONE: frozenset[Standing] = frozenset({"expired", "gone"})


class OfferPage:
    """What a link from an offer leads to."""

    def __init__(self, delivery: Delivery[EnrolmentTransaction], links: Links, pages: Pages, zone: ZoneInfo) -> None:
        self._delivery, self._links, self._pages, self._zone = delivery, links, pages, zone
        self.router = APIRouter(include_in_schema=False)
        self.router.add_api_route("/o/{token}", self.show, methods=["GET", "HEAD"])
        self.router.add_api_route("/o/{token}", self.answer, methods=["POST"])

    async def show(self, token: str) -> HTMLResponse:
        """How the place stands; changes nothing, however often a mail scanner fetches it."""
        return await self._page(token, None)

    async def answer(self, token: str, answer: Annotated[Answer, Form()]) -> HTMLResponse:
        """She says yes or no."""
        return await self._page(token, answer)

    async def _page(self, token: str, answer: Answer | None) -> HTMLResponse:
        offer = _offer(self._links.read("offer", token))
        if offer is None:
            return self._pages.render("unknown_offer.html", "sv", 404)
        place_id, round_ = offer

        async def work(tx: EnrolmentTransaction) -> HTMLResponse:
            before = await places.answer(tx, place_id, round_, answer) if answer else None
            place = await tx.places.get(place_id)
            cohort = await tx.cohorts.get(place.cohort_id) if place and place.cohort_id else None
            if place is None or cohort is None:
                return self._pages.render("unknown_offer.html", "sv", 404)
            now = standing(place, cohort, round_, tx.now)
            employee = await tx.employees.get(place.employee_id)
            language = "en" if employee and employee.record and employee.record.language == "en" else "sv"
            return self._pages.render(
                "offer.html",
                language,
                _status(before, now, answer),
                standing=now,
                answered=answer is not None,
                **self._facts(place, cohort, language),
            )

        return await self._delivery.run(work)

    def _facts(self, place: Place, cohort: Cohort, language: str) -> dict[str, Any]:
        return {
            "programme": place.title.in_language(language),
            "purpose": getattr(cohort.content.purpose, language),
            "answer_by": self._moment(place.answer_by, language) if place.answer_by else None,
            "reason": place.reason.text.in_language(language),
            "sessions": [
                {
                    "title": session.title.in_language(language),
                    "when": self._period(session.starts_at, session.ends_at, language),
                    "where": session.location,
                }
                for session in sorted(cohort.sessions, key=lambda session: session.starts_at)
            ],
        }

    def _moment(self, moment: datetime, language: str) -> str:
        local = moment.astimezone(self._zone)
        between = " kl. " if language == "sv" else ", "
        return f"{_day(local, language)}{between}{_time(local, language)}"

    def _period(self, start: datetime, end: datetime, language: str) -> str:
        return f"{self._moment(start, language)}–{_time(end.astimezone(self._zone), language)}"


def _time(local: datetime, language: str) -> str:
    """`13.00` in Swedish, `13:00` in English."""
    return f"{local:%H.%M}" if language == "sv" else f"{local:%H:%M}"


def _day(day: datetime, language: str) -> str:
    """`onsdag 25 november 2026`, as Swedish authorities write it (Svenska skrivregler), with the weekday always."""
    return str(format_date(day, "EEEE d MMMM y", locale="sv_SE" if language == "sv" else "en_GB"))


def _offer(value: str | None) -> tuple[str, int] | None:
    place_id, bar, round_ = (value or "").rpartition("|")
    return (place_id, int(round_)) if bar and round_.isdecimal() else None


def _status(before: Standing | None, now: Standing, answer: Answer | None) -> int:
    """200 when she sees what she asked for; 410 when the offer is over; 409 when her answer could not count."""
    if now in GONE:
        return 410
    wanted = {"accept": {"confirmed", "begun", "completed"}, "decline": {"declined"}}
    return 409 if answer and before and now not in wanted[answer] else 200
