"""What programs are answered: the shapes of results and of tasks to be read."""

from datetime import date

from pydantic import BaseModel, ConfigDict

from services.evaluation.model import Hidden, InstrumentRef, Participation
from shared.events import LocalisedText
from shared.events.evaluation import Figure


class Result(BaseModel):
    """A published result. It never changes."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "release_id": "FLC-2027-1:T1:release",
                    "cohort_id": "FLC-2027-1",
                    "stage": "T1",
                    "programme": "FLC",
                    "revision": 2,
                    "title": {"sv": "Ny som chef", "en": "New as a manager"},
                    "k": 5,
                    "released_on": "2027-06-18",
                    "figures": [
                        {
                            "indicator": "UM.change",
                            "wave": "T1",
                            "n": 11,
                            "value": 7.8,
                            "low": 3.3,
                            "high": 12.3,
                            "band": None,
                            "sd": 6.7,
                            "unit": "change",
                        }
                    ],
                    "hidden": [{"indicator": "UM.movement", "reason": "too_few"}],
                    "participation": [
                        {"wave": "T1", "of": "managers", "asked": 12, "answered": 11, "pairs": 11, "late": None}
                    ],
                    "instruments": [{"code": "UM", "version": 2}],
                    "url": "https://ledarskap.kommun.example/results/FLC-2027-1",
                }
            ]
        }
    )

    release_id: str
    cohort_id: str
    stage: str
    programme: str
    revision: int
    title: LocalisedText
    k: int
    released_on: date
    figures: tuple[Figure, ...]
    hidden: tuple[Hidden, ...]
    participation: tuple[Participation, ...]
    instruments: tuple[InstrumentRef, ...]
    url: str


class Results(BaseModel):
    """A part of the list of results; `next` is where the next part begins."""

    items: list[Result]
    next: str | None


class Criterion(BaseModel):
    """What a text must have for a score."""

    score: int
    text: LocalisedText


class TaskToRead(BaseModel):
    """A text to be scored. Nothing here says who wrote it, when or in which group."""

    task_id: str
    question: LocalisedText
    text: str
    criteria: list[Criterion]


class NextTask(BaseModel):
    """The next text, if one waits; `left` says how many do, where the number points at nobody."""

    task: TaskToRead | None
    left: int | None


class Score(BaseModel):
    """What a reader gives a text."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"score": 2}]}, extra="forbid")

    score: int


class ScoredTask(BaseModel):
    """The score that counts."""

    task_id: str
    score: int
