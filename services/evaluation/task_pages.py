"""The doors of the blind reader: one text at a time, as JSON and as a page."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.evaluation.anonymity import publishable_count
from services.evaluation.commands import scoring
from services.evaluation.commands.scoring import Scored
from services.evaluation.model import Setup, Task
from services.evaluation.shapes import Criterion, NextTask, Score, ScoredTask, TaskToRead
from services.evaluation.store import EvaluationTransaction, Reader
from services.evaluation.words import words
from shared.delivery import Delivery
from shared.events import LocalisedText
from shared.web import PAGE_HEADERS, Guard, Pages, Problem

Language = Annotated[str, Query(alias="lang", max_length=8)]

CRITERIA = (
    Criterion(score=0, text=LocalisedText(sv="Inget av det nedanstående.", en="None of the below.")),
    Criterion(score=1, text=LocalisedText(sv="Nämner ett av kommunens mål.", en="Names one of the goals.")),
    Criterion(
        score=2, text=LocalisedText(sv="Nämner ett mål och det egna uppdraget.", en="Names a goal and the own mission.")
    ),
    Criterion(
        score=3,
        text=LocalisedText(
            sv="Nämner ett mål, det egna uppdraget och en konkret effekt för invånarna.",
            en="Names a goal, the own mission and a concrete effect for residents.",
        ),
    ),
)


@dataclass(frozen=True)
class TaskDoors:
    """Whoever reads sees one text and what it is scored by, and nothing about its writer, its wave or its group."""

    reader: Reader
    delivery: Delivery[EvaluationTransaction]
    pages: Pages
    setup: Setup

    async def next(self) -> NextTask:
        """The text to be scored next. It stays the next until it has been."""
        task, left = await self.reader.next_task()
        return NextTask(task=self._shown(task) if task else None, left=publishable_count(left, k=self.setup.k))

    async def score(self, task_id: str, body: Score) -> ScoredTask:
        """Score a text, once: another score later is refused."""
        await self._keep(task_id, body.score)
        return ScoredTask(task_id=task_id, score=body.score)

    async def page(self, lang: Language = "sv") -> HTMLResponse:
        """The page on which a text is read and scored."""
        w = words(lang)
        return self.pages.render("task.html", w.language, w=w, waiting=await self.next())

    async def take(self, task_id: str, score: Annotated[int, Form()], lang: Language = "sv") -> Response:
        """Keep a score from the page, and show the next text."""
        await self._keep(task_id, score)
        return RedirectResponse(f"/tasks?lang={words(lang).language}", 303, headers=PAGE_HEADERS)

    async def _keep(self, task_id: str, points: int) -> None:
        if points not in scoring.SCORES:
            raise Problem(422, "score", "No such score", "Give 0, 1, 2 or 3, by the criteria beside the text.")
        done = await self.delivery.run(lambda tx: scoring.score(task_id, points, tx))
        if done is Scored.unknown:
            raise Problem(404, "no-task", "No such text", "It is gone, or can still be answered. Ask for the next one.")
        if done is Scored.other_score:
            raise Problem(409, "scored", "Scored already", "The first score counts. Ask for the next text.")

    def _shown(self, task: Task) -> TaskToRead:
        items = (item for one in self.setup.instruments.editions for item in one.items if item.id == task.item)
        return TaskToRead(task_id=task.id, question=next(items).text, text=task.text, criteria=list(CRITERIA))


def routes(doors: TaskDoors, guard: Guard) -> APIRouter:
    """The addresses of the doors."""
    router = APIRouter(dependencies=[Depends(guard.needs("office"))])
    told: dict[str, Any] = {"tags": ["evaluation"]}
    router.add_api_route("/api/tasks/next", doors.next, **told)
    router.add_api_route("/api/tasks/{task_id}/score", doors.score, methods=["POST"], **told)
    router.add_api_route("/tasks", doors.page, include_in_schema=False)
    router.add_api_route("/tasks/{task_id}", doors.take, methods=["POST"], include_in_schema=False)
    return router
