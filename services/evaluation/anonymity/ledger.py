"""What has been published about whom, so that each new figure is judged against all earlier ones.

An entry holds pseudonyms, which are only as secret as a cohort's link key; it belongs to the cohort and is destroyed
with the key. From then on nothing new is made of the cohort's answers, of which there are none any more, and what goes
beyond one cohort is reckoned from what was released about each.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import ClassVar, Literal, Self

from services.evaluation.anonymity.figures import Candidate
from services.evaluation.anonymity.sets import Question
from shared.events.evaluation import Figure
from shared.model import Document


class DomainDestroyedError(ValueError):
    """A figure is to be made from answers whose link key, and with it the ledger of what was published, is gone."""


class LedgerEntry(Document):
    """A published figure and the pseudonyms on whom it rests. It is never shown, and kept while the link key is."""

    collection: ClassVar[str] = "ledger"

    cohort_id: str
    """The domain: whose link key made the pseudonyms, and with whose key this is destroyed."""
    asks: tuple[Question, ...]
    people: tuple[str, ...]
    """Sorted, so that their order tells nothing."""
    over: Literal["all", "pairs"]
    is_level: bool
    """Whether the figure is a mean on the 0–100 scale, and not a change or a share."""
    weights: tuple[tuple[str, Question, float], ...] | None
    figure: Figure

    @classmethod
    def of(cls, release_id: str, place: int, candidate: Candidate, figure: Figure) -> Self:
        """The entry of the figure at this place of a release; `domain` of the candidate must be the cohort's id."""
        rows = candidate.weights
        return cls(
            id=f"{release_id}:{place}",
            cohort_id=candidate.domain,
            asks=tuple(sorted(candidate.asks)),
            people=tuple(sorted(candidate.people)),
            over=candidate.over,
            is_level=candidate.level is not None,
            weights=None if rows is None else tuple(sorted((whose, asked, w) for (whose, asked), w in rows.items())),
            figure=figure,
        )

    def candidate(self) -> Candidate:
        """The figure as it counts against new ones."""
        return Candidate(
            self.figure.indicator,
            frozenset(self.asks),
            frozenset(self.people),
            lambda: self.figure,
            domain=self.cohort_id,
            over=self.over,
            told_as_band=self.figure.band is not None,
            mean=self.figure.value if self.is_level and self.figure.band is None else None,
            weights=None if self.weights is None else {(whose, asked): w for whose, asked, w in self.weights},
        )


def entries(release_id: str, shown: Sequence[Candidate], figures: Sequence[Figure]) -> list[LedgerEntry]:
    """What a release adds to the ledger, in the same transaction as the release."""
    told = zip(shown, figures, strict=True)
    return [LedgerEntry.of(release_id, place, candidate, figure) for place, (candidate, figure) in enumerate(told)]


def published_before(ledger: Iterable[LedgerEntry]) -> list[Candidate]:
    """Earlier figures as `publishable` takes them."""
    return [entry.candidate() for entry in ledger]


def refuse_destroyed(candidates: Iterable[Candidate], destroyed: Collection[str]) -> None:
    """Stop a figure that would be made from a cohort's answers after its key and ledger were destroyed.

    Raises:
        DomainDestroyedError: one of the candidates rests on such answers.
    """
    for candidate in candidates:
        if candidate.domain in destroyed:
            raise DomainDestroyedError(
                f"{candidate.indicator}: the link key of {candidate.domain} is destroyed; use what was released of it"
            )


def pooled(figures: Sequence[Figure], indicator: str, wave: str) -> list[Figure]:
    """The released figures of which one about several cohorts may be reckoned: a parent without its hidden children.

    Whatever is reckoned from published figures only tells nothing that they do not tell. So a programme, a year or the
    municipality is never summed up from answers, and may be summed up still when the answers are gone. Figures that
    were told as a band have no value to reckon with.
    """
    return [one for one in figures if one.indicator == indicator and one.wave == wave and one.band is None]
