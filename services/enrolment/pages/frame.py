"""What all pages have in common: reading links, running work, the reader's language, days and times in words."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from babel.dates import format_date
from fastapi.responses import HTMLResponse

from services.enrolment.model import Employee, Session
from services.enrolment.store import EnrolmentTransaction
from shared.delivery import Actor, Delivery
from shared.links import Links
from shared.web import Pages

R = TypeVar("R")


class Frame:
    """The service as a page sees it."""

    def __init__(self, delivery: Delivery[EnrolmentTransaction], links: Links, pages: Pages, zone: ZoneInfo) -> None:
        self._delivery, self._links, self._pages, self._zone = delivery, links, pages, zone

    def read(self, purpose: str, token: str) -> str | None:
        """What was signed for the purpose, if the token is ours."""
        return self._links.read(purpose, token)

    def read_round(self, purpose: str, token: str) -> tuple[str, int] | None:
        """The place and the round that a link is about."""
        place_id, bar, round_ = (self.read(purpose, token) or "").rpartition("|")
        return (place_id, int(round_)) if bar and round_.isdecimal() else None

    async def run(
        self, work: Callable[[EnrolmentTransaction], Awaitable[R]], actor: Actor | None = None, action: str = ""
    ) -> R:
        """Do it in one transaction; what a person changes is written to the audit log under her id."""
        return await self._delivery.run(work, actor=actor, action=action)

    def render(self, template: str, language: str, status: int = 200, **values: Any) -> HTMLResponse:
        """One page in one language."""
        return self._pages.render(template, language, status, **values)

    def unknown_link(self) -> HTMLResponse:
        """The page behind a link that is not ours, or leads to nothing any more."""
        return self.render("unknown_offer.html", "sv", 404)

    def no_longer(self, language: str) -> HTMLResponse:
        """The page for somebody who does not work here any more."""
        return self.render("no_longer.html", language, 410)

    def day(self, moment: datetime | date, language: str) -> str:
        """`onsdag 25 november 2026`, as Swedish authorities write it (Svenska skrivregler), with the weekday always."""
        local = moment.astimezone(self._zone) if isinstance(moment, datetime) else moment
        return str(format_date(local, "EEEE d MMMM y", locale=_locale(language)))

    def short_day(self, moment: datetime | date, language: str) -> str:
        """`25 november 2026`, for what lies behind."""
        local = moment.astimezone(self._zone) if isinstance(moment, datetime) else moment
        return str(format_date(local, "d MMMM y", locale=_locale(language)))

    def moment(self, moment: datetime, language: str) -> str:
        """Day and time."""
        between = " kl. " if language == "sv" else ", "
        return f"{self.day(moment, language)}{between}{self._time(moment, language)}"

    def session(self, session: Session, language: str) -> dict[str, str]:
        """A session with its title, when and where, as pages list it."""
        hours = f"{self._time(session.starts_at, language)}–{self._time(session.ends_at, language)}"
        day = self.day(session.starts_at, language)
        return {
            "title": session.title.in_language(language),
            "day": day if language == "sv" else f"{day},",
            "time": f"kl. {hours}" if language == "sv" else hours,
            "where": session.location,
        }

    def _time(self, moment: datetime, language: str) -> str:
        """`13.00` in Swedish, `13:00` in English."""
        local = moment.astimezone(self._zone)
        return f"{local:%H.%M}" if language == "sv" else f"{local:%H:%M}"


def _locale(language: str) -> str:
    return "sv_SE" if language == "sv" else "en_GB"


def name_of(employee: Employee | None) -> str | None:
    """Her name as HR writes it."""
    return f"{employee.record.given_name} {employee.record.family_name}" if employee and employee.record else None
