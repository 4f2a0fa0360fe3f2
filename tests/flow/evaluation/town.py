"""A town with one cohort, and evaluation with its doors open: what the tests say in words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import httpx
from fastapi import FastAPI

import services.evaluation
from services.evaluation import api, comment_pages, pages, results, task_pages
from services.evaluation.intake import Intake
from services.evaluation.store import EvaluationTransaction, Reader
from shared.documents import Database
from shared.events.enrolment import PlaceConfirmed, SessionHeld
from shared.events.evaluation import InvitationsRequested
from shared.web import Credential, Guard, Pages, tell_problems
from tests.harness import Harness
from tests.unit.evaluation.arrange import (
    FIRST_DAY,
    LAST_DAY,
    RX_ITEMS,
    SETUP,
    TITLE,
    UM_ITEMS,
    a_schedule,
    a_session,
    local,
)

OFFICE = {"Authorization": "Bearer office-token"}
AUDITOR = {"Authorization": "Bearer auditor-token"}
TEMPLATES = Path(services.evaluation.__file__).parent / "templates"

BEFORE_IT_OPENS = local(2026, 10, 1, 9)
T0_IS_OPEN = local(2026, 11, 10, 9)
T0_IS_CLOSED = local(2026, 11, 24, 19)
T1_IS_OPEN = local(2027, 1, 22, 9)
T1_IS_CLOSED = local(2027, 2, 5, 9)
T3_IS_OPEN = local(2027, 7, 20, 9)
T3_IS_CLOSED = local(2027, 8, 4, 9)
ANSWERS_ARE_GONE = local(2027, 9, 3, 9)


def confirmed(person: str, version: int = 3) -> PlaceConfirmed:
    """Somebody has accepted her place in the cohort."""
    return PlaceConfirmed(
        place_id=f"FLC:{person}:1",
        version=version,
        employee_id=person,
        programme="FLC",
        title=TITLE,
        cohort_id="FLC-1",
        sessions=(),
    )


def held(*attended: str, last: bool = True, version: int = 9) -> SessionHeld:
    """A session took place."""
    session = a_session("M2", LAST_DAY) if last else a_session("M1", FIRST_DAY)
    return SessionHeld(
        cohort_id="FLC-1",
        version=version,
        programme="FLC",
        title=TITLE,
        session=session,
        attended=attended,
        last=last,
    )


@dataclass
class Town:
    """Evaluation with its doors open."""

    service: Harness[EvaluationTransaction]
    web: httpx.AsyncClient
    database: Database
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What people write in the last wave, by person and item."""

    async def has_a_cohort_of(self, *people: str) -> None:
        """A cohort is scheduled, and these have accepted their places."""
        await self.service.receives(a_schedule(), *map(confirmed, people))

    async def is_at(self, moment: datetime) -> None:
        """Time passes."""
        await self.service.advance_to(moment)

    def links(self, wave: str) -> dict[str, str]:
        """The newest link of each person that was asked to be written to, as a path."""
        asked = [event for event in self.service.said(InvitationsRequested) if event.wave == wave]
        return {one.employee_id: one.url.removeprefix(SETUP.public_url) for event in asked for one in event.recipients}

    async def answers(self, person: str, wave: str, value: int = 4) -> httpx.Response:
        """Somebody answers every question with the same value."""
        items = [*UM_ITEMS, *(RX_ITEMS if wave == "T1" else ())]
        own_words = self.words.get(person, {}) if wave == "T1" else {}
        return await self.web.post(self.links(wave)[person], data={**dict.fromkeys(items, str(value)), **own_words})

    async def writes(self, person: str, wave: str, text: str, value: int = 4) -> httpx.Response:
        """Somebody answers, and does the task in own words."""
        data = {**dict.fromkeys(UM_ITEMS, str(value)), "UM6": text}
        return await self.web.post(self.links(wave)[person], data=data)

    async def stored(self) -> dict[str, list[dict[str, object]]]:
        """Everything that evaluation keeps, by collection."""
        names = await self.database.list_collection_names()
        return {name: [row async for row in self.database[name].find()] for name in names}


def doors(service: Harness[EvaluationTransaction]) -> FastAPI:
    """Evaluation's pages and lists."""
    app, reader, shown = FastAPI(), Reader(service.delivery.database), Pages(TEMPLATES)
    office = Credential(sha256=sha256(b"office-token").hexdigest(), role="office", name="Office")
    auditor = Credential(sha256=sha256(b"auditor-token").hexdigest(), role="auditor", name="Auditor")
    guard = Guard([office, auditor], ["key"])
    survey = pages.SurveyDoors(reader, Intake(service.delivery), service.clock, shown, SETUP)
    app.include_router(pages.routes(survey))
    comments = comment_pages.CommentDoors(reader, service.delivery, shown, SETUP)
    app.include_router(comment_pages.routes(comments, guard))
    app.include_router(task_pages.routes(task_pages.TaskDoors(reader, service.delivery, shown, SETUP), guard))
    app.include_router(results.routes(results.ResultDoors(reader, shown, SETUP), guard))
    app.include_router(api.routes(api.Doors(reader, service.delivery, SETUP), guard))
    tell_problems(app, shown)
    return app


def text_of(page: httpx.Response) -> str:
    """A page as it is read, without its tags."""
    return re.sub(
        r"\s+", " ", re.sub(r"<style>.*?</style>|<script>.*?</script>|<[^>]+>", " ", page.text, flags=re.DOTALL)
    )
