"""Which waves a cohort has, and their lives from planned to closed."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from services.evaluation.instruments import Library, Respondents, minutes_to_answer
from services.evaluation.model import PULSE, Cohort, InstrumentRef, SessionView, Setup, Wave, WaveState
from services.evaluation.rules import times
from shared.events import Event
from shared.events.evaluation import InvitationsRequested, RemindersRequested, SurveyRecipient, WaveClosed, WaveOpened
from shared.model import Timer

STAGES: Final = ("T0", "T1", "T2", "T3", "T4")
"""Before, after, and later; in this order. After each session there may be a pulse besides."""

OPEN = "wave_open"
CLOSE = "wave_close"
REMIND = "wave_remind"

REMINDERS: Final = (4, 8)
"""After how many days on which people answer, from the opening, those who have not answered are reminded."""

LAST_DAY = timedelta(days=1)
LOOKS_FOR = timedelta(days=7)

PULSE_IS_LATE = timedelta(days=14)
"""A session whose attendance is recorded so long after it is not asked about any more."""


class Slot(NamedTuple):
    """A wave that a cohort is to have: which, of whom, and about which session."""

    wave: str
    of: Respondents
    session: SessionView | None = None

    def id_in(self, cohort_id: str) -> str:
        """The id of this wave of a cohort."""
        return wave_id(cohort_id, self.wave, self.of, self.session.session_id if self.session else None)


def wave_id(cohort_id: str, wave: str, of: Respondents = "managers", session_id: str | None = None) -> str:
    """Id of one cohort's wave."""
    about = [session_id] if session_id else []
    return ":".join([cohort_id, wave, *about, *(["employees"] if of == "employees" else [])])


def slots(cohort: Cohort, now: datetime) -> Iterator[Slot]:
    """The waves that the programme names. The last session has no pulse: T1 asks about it, and all, a day later."""
    for stage in STAGES:
        if stage in cohort.waves:
            yield Slot(stage, "managers")
            yield Slot(stage, "employees")
    if PULSE in cohort.waves and cohort.meetings:
        last = times.last_session(cohort)
        for session in cohort.meetings:
            if session.recorded_by and session != last and now - session.ends_at < PULSE_IS_LATE:
                yield Slot(PULSE, "managers", session)


def questions(cohort: Cohort, wave: str, of: Respondents, library: Library) -> tuple[InstrumentRef, ...]:
    """Which instruments are asked in a wave: those that the programme names, we have, and are meant for it."""
    chosen = [library[code] for code in cohort.instruments if code in library]
    return tuple(InstrumentRef(code=i.code, version=i.version) for i in chosen if i.items_in(wave, of))


def plan(cohort: Cohort, known: Mapping[str, Wave], setup: Setup, now: datetime) -> list[Wave | Timer | Event]:
    """The cohort's waves and when they open and close, after something about its sessions has changed."""
    things: list[Wave | Timer | Event] = []
    if not cohort.scheduled_by or cohort.cancelled_by or not cohort.meetings:
        return things
    for slot in slots(cohort, now):
        before = known.get(slot.id_in(cohort.id))
        if before is None or _not_opened(before, cohort, now):
            wave = _planned(cohort, slot, before, setup, now)
            if wave.instruments and wave != before:
                things += [wave, Timer.of(OPEN, wave.id, wave.opens_at)]
        elif before.state is WaveState.open and before.wave == "T0":
            things += _moved(before, times.t0_closes(cohort, setup.zone, before.opens_at))
    return things


def _not_opened(wave: Wave, cohort: Cohort, now: datetime) -> bool:
    """Planned, or missed and possible again because the sessions were moved."""
    possible_again = wave.state is WaveState.missed and now < times.first_session(cohort).starts_at
    return wave.state is WaveState.planned or possible_again


def _planned(cohort: Cohort, slot: Slot, before: Wave | None, setup: Setup, now: datetime) -> Wave:
    keeps_its_time = before is not None and slot.wave == PULSE
    opens = (
        before.opens_at if before and keeps_its_time else times.opens(slot.wave, cohort, slot.session, setup.zone, now)
    )
    return Wave(
        id=slot.id_in(cohort.id),
        wave=slot.wave,
        of=slot.of,
        session_id=slot.session.session_id if slot.session else None,
        cohort_id=cohort.id,
        programme=cohort.programme,
        revision=cohort.revision,
        title=cohort.title,
        state=WaveState.planned,
        opens_at=opens,
        closes_at=times.closes(slot.wave, cohort, setup.zone, opens),
        instruments=questions(cohort, slot.wave, slot.of, setup.instruments),
        version=before.version if before else 0,
        members_told=before.members_told if before else 0,
    )


def _moved(wave: Wave, closes: datetime) -> list[Wave | Timer | Event]:
    if closes == wave.closes_at:
        return []
    moved = wave.having(closes_at=closes, version=wave.version + 1)
    return [moved, Timer.of(CLOSE, wave.id, closes), opened_event(moved)]


def opened(wave: Wave, cohort: Cohort, size: int, setup: Setup, now: datetime) -> tuple[Wave, list[Timer | Event]]:
    """The wave as it opens now in a cohort of this size; or as missed, when what it should come before has begun."""
    closes = times.closes(wave.wave, cohort, setup.zone, now) if cohort.meetings else now
    if now >= closes:
        return wave.having(state=WaveState.missed), []
    opening = wave.having(
        state=WaveState.open,
        opens_at=now,
        closes_at=closes,
        instruments=questions(cohort, wave.wave, wave.of, setup.instruments),
        size=size,
        version=wave.version + 1,
    )
    first = reminder(opening, 1, setup)
    return opening, [Timer.of(CLOSE, wave.id, closes), *([first] if first else []), opened_event(opening)]


def opened_event(wave: Wave) -> WaveOpened:
    """The announcement that a wave can be answered until it closes."""
    return WaveOpened(
        wave_id=wave.id,
        wave=wave.wave,
        of=wave.of,
        cohort_id=wave.cohort_id,
        programme=wave.programme,
        version=wave.version,
        closes_at=wave.closes_at,
    )


def closed(wave: Wave) -> tuple[Wave, WaveClosed]:
    """The wave as nobody can answer it any more, and the announcement of it."""
    done = wave.having(state=WaveState.closed, version=wave.version + 1, counted=None)
    event = WaveClosed(
        wave_id=wave.id,
        wave=wave.wave,
        of=wave.of,
        cohort_id=wave.cohort_id,
        programme=wave.programme,
        version=done.version,
    )
    return done, event


def requested(wave: Wave, recipients: tuple[SurveyRecipient, ...], setup: Setup) -> tuple[Wave, InvitationsRequested]:
    """The wave after it has asked that people be written to, and what it asks."""
    after = wave.having(version=wave.version + 1)
    event = InvitationsRequested(
        wave_id=wave.id,
        wave=wave.wave,
        of=wave.of,
        cohort_id=wave.cohort_id,
        programme=wave.programme,
        version=after.version,
        title=wave.title,
        closes_at=wave.closes_at,
        minutes=minutes_to_answer(wave.items(setup.instruments)),
        recipients=recipients,
    )
    return after, event


def reminded(wave: Wave, recipients: tuple[SurveyRecipient, ...], setup: Setup) -> tuple[Wave, RemindersRequested]:
    """The wave after it has asked that people be reminded, and what it asks."""
    after, asked = requested(wave, recipients, setup)
    return after, RemindersRequested.model_validate(asked.model_dump())


def reminder(wave: Wave, number: int, setup: Setup) -> Timer | None:
    """When the wave's reminder of this number is due; there is none for a pulse, nor after the last."""
    if wave.wave == PULSE or number > len(REMINDERS):
        return None
    due = setup.calendar.add_answering_days(wave.opens_at, REMINDERS[number - 1], setup.zone)
    return Timer.of(REMIND, wave.id, due, number=number)


def may_remind(wave: Wave, now: datetime) -> bool:
    """Whether somebody who is reminded now still has a day in which to answer."""
    return wave.state is WaveState.open and wave.closes_at - now >= LAST_DAY


def look_again(wave: Wave, cohort: Cohort, setup: Setup, now: datetime) -> tuple[Wave, list[Timer | Event]]:
    """The wave after nobody to ask was found: HR may tell late of the staff, so it tries again the next morning.

    For a week, if it can still be answered then; after that it is missed.
    """
    again = times.next_morning(now, setup.zone)
    closes = times.closes(wave.wave, cohort, setup.zone, again) if cohort.meetings else again
    if again - wave.opens_at > LOOKS_FOR or again >= closes:
        return wave.having(state=WaveState.missed), []
    return wave, [Timer.of(OPEN, wave.id, again)]


def is_over(waves: Iterable[Wave]) -> bool:
    """Nothing more will be asked in these waves, and something has been: there is a result to release."""
    states = [wave.state for wave in waves]
    ended = (WaveState.closed, WaveState.missed)
    return all(state in ended for state in states) and WaveState.closed in states


def stage_to_release(wave: Wave, known: Iterable[Wave]) -> list[Wave] | None:
    """The waves whose results can be released now that this one is closed; nothing if others must close first.

    What was answered before the programme is told with what was answered after it, over the same people: alone only if
    nothing is asked after it. A pulse stands for itself.
    """
    if wave.wave == PULSE:
        return [wave]
    stages = [one for one in known if one.wave in STAGES]
    until = [one for one in stages if one.wave <= wave.wave]
    later = [one for one in stages if one.wave > wave.wave and one.state in (WaveState.planned, WaveState.open)]
    if wave.wave == "T0" and later:
        return None
    return until if is_over(until) else None
