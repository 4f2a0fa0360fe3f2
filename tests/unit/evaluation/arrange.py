"""Cohorts, waves and answers in words, for the tests of evaluation."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from services.evaluation.instruments.files import read_instruments
from services.evaluation.model import (
    InstrumentRef,
    Invitation,
    InvitationStatus,
    Response,
    Setup,
    Wave,
    WaveState,
)
from services.evaluation.releases import Asked
from shared.events import LocalisedText
from shared.events.enrolment import CohortScheduled, EvaluationFact, SessionFact

STOCKHOLM = ZoneInfo("Europe/Stockholm")
TITLE = LocalisedText(sv="Ny som chef", en="New as a manager")
INSTRUMENTS = read_instruments()
SETUP = Setup(INSTRUMENTS, b"s" * 32, "https://ledstjarna.example", STOCKHOLM, 5)

FIRST_DAY = datetime(2026, 11, 25, 9, tzinfo=STOCKHOLM).astimezone(UTC)
LAST_DAY = datetime(2027, 1, 20, 9, tzinfo=STOCKHOLM).astimezone(UTC)

UM_ITEMS = INSTRUMENTS["UM"].index_items
RX_ITEMS = INSTRUMENTS["RX"].index_items
Answers = Mapping[str, int | None]


def local(*parts: int) -> datetime:
    """A moment on the municipality's clocks."""
    return datetime(*parts, tzinfo=STOCKHOLM).astimezone(UTC)  # type: ignore[arg-type, misc]


def a_session(name: str, starts_at: datetime, version: int = 1) -> SessionFact:
    """A session of six hours."""
    return SessionFact(
        session_id=f"FLC-1:{name}",
        version=version,
        module=name,
        title=TITLE,
        kind="seminar",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=6),
        location="Stadshuset",
    )


def a_schedule(
    *sessions: SessionFact,
    version: int = 1,
    waves: Sequence[str] = ("T0", "P", "T1", "T3"),
    instruments: Sequence[str] = ("UM", "LU", "RX"),
) -> CohortScheduled:
    """A cohort of two sessions, unless told otherwise."""
    return CohortScheduled(
        cohort_id="FLC-1",
        version=version,
        programme="FLC",
        revision=2,
        title=TITLE,
        sessions=sessions or (a_session("M1", FIRST_DAY), a_session("M2", LAST_DAY)),
        evaluation=EvaluationFact(instruments=tuple(instruments), waves=tuple(waves)),
    )


def um(*answers: int | None) -> dict[str, int | None]:
    """Answers to the items of UM, in order."""
    return dict(zip(UM_ITEMS, answers, strict=True))


def rx(*answers: int | None) -> dict[str, int | None]:
    """Answers to the items of RX, in order."""
    return dict(zip(RX_ITEMS, answers, strict=True))


def asked(wave: str, answers: Mapping[str, Answers], silent: Iterable[str] = (), codes: Sequence[str] = ()) -> Asked:
    """A wave that has closed: who answered what, and who was asked in vain."""
    codes = codes or (("UM",) if wave == "T0" else ("UM", "RX"))
    closed = Wave(
        id=f"FLC-1:{wave}",
        wave=wave,
        cohort_id="FLC-1",
        programme="FLC",
        revision=2,
        title=TITLE,
        state=WaveState.closed,
        opens_at=FIRST_DAY,
        closes_at=LAST_DAY,
        instruments=tuple(InstrumentRef(code=code, version=1) for code in codes),
    )
    invitations = [
        Invitation(id=f"{wave}-{person}", wave_id=closed.id, employee_id=person, status=status)
        for people, status in ((answers, InvitationStatus.answered), (silent, InvitationStatus.invited))
        for person in people
    ]
    responses = [
        Response(id=f"r-{wave}-{person}", wave_id=closed.id, cohort_id="FLC-1", link=person, answers=dict(given))
        for person, given in answers.items()
    ]
    return Asked(closed, invitations, responses)
