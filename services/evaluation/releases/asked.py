"""What a release is made from: the waves that were asked, and who said what in them, by opaque names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.evaluation import statistics
from services.evaluation.anonymity import Candidate, Question
from services.evaluation.instruments import Instrument, Library, Respondents
from services.evaluation.model import Invitation, Response, Task, Wave
from services.evaluation.rules import audience
from shared.events.evaluation import Figure

BEFORE = "T0"
"""The wave that every change is told against."""

Scores = Mapping[str, float]
"""A score by the opaque name of the person (or, of what employees say, of the manager) whose it is."""


@dataclass(frozen=True)
class Asked:
    """A wave that was asked, and what came of it."""

    wave: Wave
    invitations: Sequence[Invitation]
    responses: Sequence[Response]
    tasks: Sequence[Task] = ()

    @property
    def reached(self) -> set[str]:
        """Whom the invitations reached."""
        return audience.reached(self.invitations)

    def edition(self, code: str, library: Library) -> Instrument | None:
        """The wording of an instrument that was asked; nothing when it was not asked."""
        return next((library.edition(ref.code, ref.version) for ref in self.wave.instruments if ref.code == code), None)

    def answers(self, item: str) -> dict[str, int]:
        """Each person's answer to one item. An anonymous answer has no name but that of the response itself."""
        given = {response.link or response.id: response.answers.get(item) for response in self.responses}
        return {person: answer for person, answer in given.items() if answer is not None}

    def scores(self, items: Sequence[str]) -> dict[str, float]:
        """Each person's score on items; those who answered too few of them have none."""
        scored = {response.link or response.id: _score(response, items) for response in self.responses}
        return {person: score for person, score in scored.items() if score is not None}

    def ratings(self, items: Sequence[str]) -> dict[str, list[float]]:
        """What is said of each manager by those who were asked about her, in scores that are joined to nobody."""
        by_manager: dict[str, list[float]] = {}
        for response in self.responses:
            score = _score(response, items)
            if response.group and score is not None:
                by_manager.setdefault(response.group, []).append(score)
        return by_manager

    def asks(self, items: Sequence[str]) -> frozenset[Question]:
        """The questions that a figure over these items is about. A pulse asks its own, session by session."""
        wave = self.wave.session_id or self.wave.wave
        return frozenset((item, wave) for item in items)


def part_of(instrument: Instrument, code: str) -> tuple[str, ...]:
    """The items of a sub-index; none where this wording has no such part."""
    return next((part.items for part in instrument.parts if part.code == code), ())


def _score(response: Response, items: Sequence[str]) -> float | None:
    return statistics.person_score([response.answers.get(item) for item in items]) if items else None


@dataclass(frozen=True)
class Stage:
    """The waves of a cohort that have been asked, up to the one whose results are to be released; oldest first.

    Raises:
        ValueError: no wave was asked.
    """

    asked: Sequence[Asked]
    library: Library
    already: Sequence[Candidate] = ()
    """What has been published of the cohort before."""
    earlier: Sequence[Figure] = ()
    """What those figures told."""

    def __post_init__(self) -> None:
        if not self.asked:
            raise ValueError("a release needs a wave that was asked")

    @property
    def wave(self) -> Wave:
        """The newest wave, which gives the stage its name."""
        return self.asked[-1].wave

    def now(self, of: Respondents = "managers") -> Asked | None:
        """What the newest wave brought of these respondents."""
        return self.at(self.wave.wave, of)

    def before(self, of: Respondents = "managers") -> Asked | None:
        """What was answered before the programme; nothing when that is what is released."""
        return None if self.wave.wave == BEFORE else self.at(BEFORE, of)

    def at(self, wave: str, of: Respondents = "managers") -> Asked | None:
        """What a wave brought of these respondents."""
        return next((one for one in self.asked if (one.wave.wave, one.wave.of) == (wave, of)), None)
