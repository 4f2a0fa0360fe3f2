"""A cohort that is released stage by stage, for the tests of releases."""

from collections.abc import Sequence
from datetime import date

from services.evaluation import anonymity
from services.evaluation.model import Release
from services.evaluation.releases import Asked, Composed, Stage, compose
from shared.events.evaluation import Figure
from tests.unit.evaluation.arrange import INSTRUMENTS, Answers, um

TODAY = date(2027, 2, 3)


class Cohort:
    """A cohort that is released stage by stage, with what is kept of it in between."""

    def __init__(self) -> None:
        self.waves: list[Asked] = []
        self.ledger: list[anonymity.LedgerEntry] = []
        self.releases: list[Release] = []

    def closes(self, *waves: Asked, alone: bool = False) -> Composed:
        """Waves close, and what may be told is released."""
        self.waves += waves
        before = anonymity.published_before(self.ledger)
        earlier = [figure for one in self.releases for figure in one.figures]
        stage = Stage(waves if alone else self.waves, INSTRUMENTS, before, earlier)
        done = compose(stage, k=5, today=TODAY)
        self.ledger += anonymity.entries(done.release.id, done.shown, done.release.figures[: len(done.shown)])
        self.releases.append(done.release)
        return done


def figure(release: Release, indicator: str, wave: str) -> Figure:
    """A published figure."""
    return next(f for f in release.figures if (f.indicator, f.wave) == (indicator, wave))


def told(release: Release, instrument: str = "UM") -> dict[tuple[str, str], int]:
    """On how many people each published figure of an instrument rests."""
    return {(f.indicator, f.wave): f.n for f in release.figures if f.indicator.split(".")[0] == instrument}


def see_goals(people: Sequence[int], add: int = 0) -> dict[str, Answers]:
    """People who answer differently, each in the same way, a step or so higher later."""
    return {f"p{n}": um(*[1 + n % 3 + add] * 5) for n in people}
