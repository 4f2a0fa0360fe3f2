"""A cohort's releases, read together: each stage published once, none ever over other people than before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

from scipy.special import stdtrit

from services.evaluation.instruments import Library
from services.evaluation.model import PULSE, Hidden, InstrumentRef, Participation, PublishedComments, Release
from services.evaluation.statistics import CohortMean
from shared.events import LocalisedText
from shared.events.evaluation import Figure

Figures = Mapping[tuple[str, str], Figure]
"""What has been published, by indicator and wave."""


@dataclass(frozen=True)
class Told:
    """Something that is known of one stage: which, and of a pulse about which session."""

    stage: str
    session: str


@dataclass(frozen=True)
class Released:
    """All that has been published about one cohort so far."""

    cohort_id: str
    programme: str
    revision: int
    title: LocalisedText
    k: int
    first_on: date
    last_on: date
    figures: Figures
    bands: Figures
    """What is told as a band only. Its value is the middle of the band: nothing is drawn or reckoned from it."""
    pulses: tuple[tuple[str, Figure], ...]
    """The reaction after each session that has been told, with the session, in the order of their release."""
    hidden: tuple[tuple[Told, Hidden], ...]
    participation: tuple[tuple[Told, Participation], ...]
    instruments: tuple[InstrumentRef, ...]
    comments: tuple[PublishedComments, ...] = ()

    @property
    def told(self) -> tuple[Figure, ...]:
        """Every figure of its waves, those told as bands and those of pulses included."""
        return (*self.figures.values(), *self.bands.values(), *(figure for _, figure in self.pulses))

    def edition(self, code: str) -> int | None:
        """Which wording of an instrument was asked: the newest, where a later wave asked another."""
        versions = [ref.version for ref in self.instruments if ref.code == code]
        return max(versions, default=None)


def together(releases: Sequence[Release], comments: Sequence[PublishedComments] = ()) -> Released:
    """What a cohort's releases tell together. Of the same figure told twice, the first counts.

    Raises:
        ValueError: nothing has been released.
    """
    if not releases:
        raise ValueError("a report needs a release: it comes when the first waves have closed")
    ordered = sorted(releases, key=lambda one: (one.released_on, one.id))
    newest, figures = ordered[-1], _figures(ordered)
    return Released(
        cohort_id=newest.cohort_id,
        programme=newest.programme,
        revision=newest.revision,
        title=newest.title,
        k=max(one.k for one in ordered),
        first_on=ordered[0].released_on,
        last_on=newest.released_on,
        figures={key: figure for key, figure in figures.items() if figure.band is None},
        bands={key: figure for key, figure in figures.items() if figure.band is not None},
        pulses=_pulses(ordered),
        hidden=tuple(dict.fromkeys((stage_of(one), hidden) for one in ordered for hidden in one.hidden)),
        participation=_participation(ordered),
        instruments=tuple(dict.fromkeys(ref for one in ordered for ref in one.instruments)),
        comments=tuple(sorted(comments, key=lambda one: (one.wave, one.item, one.id))),
    )


def by_cohort(releases: Iterable[Release]) -> tuple[Released, ...]:
    """Each cohort's releases together, in the order in which the cohorts were first told of."""
    found: dict[str, list[Release]] = {}
    for release in releases:
        found.setdefault(release.cohort_id, []).append(release)
    cohorts = [together(each) for each in found.values()]
    return tuple(sorted(cohorts, key=lambda one: (one.first_on, one.cohort_id)))


def stage_of(release: Release) -> Told:
    """Which stage a release is of; its id ends with the last wave of it."""
    stage, _, session = release.id.removeprefix(f"{release.cohort_id}:").removesuffix(":release").partition(":")
    return Told(stage, session.rpartition(":")[2] if stage == PULSE else "")


def comparable(cohorts: Sequence[Released], code: str, library: Library) -> tuple[Released, ...]:
    """The cohorts that were asked in a wording that may be compared with the newest of them."""
    asked = [(one, version) for one in cohorts if (version := one.edition(code)) is not None]
    if not asked:
        return ()
    newest = library.edition(code, max(version for _, version in asked))
    return tuple(one for one, version in asked if library.edition(code, version).compares(newest))


def spread_of(figure: Figure) -> CohortMean | None:
    """A published mean with how people differ: its SD, or SD = half width of the 95 % t interval · √n / t(.975, n − 1).

    None for a mean that tells neither, and where nobody differed: then nothing is known of how sure it is.
    """
    if figure.sd is not None:
        return CohortMean(figure.n, figure.value, figure.sd) if figure.sd > 0 else None
    if figure.low is None or figure.high is None or figure.n < 2:
        return None
    half = (figure.high - figure.low) / 2
    return CohortMean(figure.n, figure.value, half * sqrt(figure.n) / float(stdtrit(figure.n - 1, 0.975)))


def _figures(ordered: Sequence[Release]) -> Figures:
    found: dict[tuple[str, str], Figure] = {}
    for release in ordered:
        for figure in release.figures:
            if figure.wave != PULSE:
                found.setdefault((figure.indicator, figure.wave), figure)
    return found


def _pulses(ordered: Sequence[Release]) -> tuple[tuple[str, Figure], ...]:
    return tuple(
        (stage_of(release).session, figure)
        for release in ordered
        for figure in release.figures
        if (figure.indicator, figure.wave) == ("RX.pulse", PULSE) and figure.band is None
    )


def _participation(ordered: Sequence[Release]) -> tuple[tuple[Told, Participation], ...]:
    found: dict[tuple[str, str, str], tuple[Told, Participation]] = {}
    for release in ordered:
        for one in release.participation:
            told = Told(one.wave, stage_of(release).session if one.wave == PULSE else "")
            found.setdefault((one.wave, told.session, one.of), (told, one))
    return tuple(found.values())
