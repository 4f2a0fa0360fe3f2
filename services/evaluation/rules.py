"""When waves open and close, who is asked, and who may answer."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.evaluation.instruments import Instrument, minutes_to_answer
from services.evaluation.model import (
    Cohort,
    InstrumentRef,
    Invitation,
    InvitationStatus,
    Membership,
    SessionView,
    Setup,
    Submission,
    Wave,
    WaveState,
)
from shared.events import Event
from shared.events.evaluation import InvitationsRequested, SurveyRecipient, WaveClosed, WaveOpened
from shared.model import Timer

WAVES: Final = ("T0", "T1")
"""Before and after, in this order. A programme may name more; they are not asked yet."""

T0_DAYS_BEFORE = 21
T1_DAYS_OPEN = 14
T1_DAYS_WITHOUT_RECORD = 7
"""If nobody records who attended the last session, T1 opens so many days after it, with what is known."""

MORNING = time(8)
EVENING = time(18)

OPEN = "wave_open"
CLOSE = "wave_close"


def wave_id(cohort_id: str, wave: str) -> str:
    """Id of one cohort's wave."""
    return f"{cohort_id}:{wave}"


def questions(cohort: Cohort, wave: str, instruments: Mapping[str, Instrument]) -> tuple[InstrumentRef, ...]:
    """Which instruments are asked in a wave: those that the programme names, we have, and are meant for the wave."""
    chosen = [instruments[code] for code in cohort.instruments if code in instruments]
    return tuple(InstrumentRef(code=i.code, version=i.version) for i in chosen if wave in i.waves)


def first_session(cohort: Cohort) -> SessionView:
    """The session that starts first, of those that take place."""
    return min(cohort.meetings, key=lambda session: session.starts_at)


def last_session(cohort: Cohort) -> SessionView:
    """The session that ends last, of those that take place."""
    return max(cohort.meetings, key=lambda session: session.ends_at)


def t0_opens(cohort: Cohort, zone: ZoneInfo) -> datetime:
    """In the morning three weeks before the first session."""
    return _local(_day(first_session(cohort).starts_at, zone) - timedelta(days=T0_DAYS_BEFORE), MORNING, zone)


def t0_closes(cohort: Cohort, zone: ZoneInfo, opens: datetime) -> datetime:
    """The evening before the first session; when it opens too late for that, as the session starts."""
    starts = first_session(cohort).starts_at
    evening_before = _local(_day(starts, zone) - timedelta(days=1), EVENING, zone)
    return evening_before if opens < evening_before else starts


def t1_opens(cohort: Cohort, zone: ZoneInfo, now: datetime) -> datetime:
    """The first morning after the last session has been recorded.

    Not at once: by then it is decided who did not attend enough and is out, and she shall not be asked in vain.
    """
    ended = last_session(cohort).ends_at
    if not cohort.last_recorded:
        return _local(_day(ended, zone) + timedelta(days=T1_DAYS_WITHOUT_RECORD), MORNING, zone)
    since = max(ended, now)
    today = _local(_day(since, zone), MORNING, zone)
    return today if since <= today else _local(_day(since, zone) + timedelta(days=1), MORNING, zone)


def t1_closes(zone: ZoneInfo, opens: datetime) -> datetime:
    """In the evening two weeks after it opened."""
    return _local(_day(opens, zone) + timedelta(days=T1_DAYS_OPEN), EVENING, zone)


def plan(cohort: Cohort, known: Mapping[str, Wave], setup: Setup, now: datetime) -> list[Wave | Timer | Event]:
    """The cohort's waves and when they open and close, after something about its sessions has changed."""
    things: list[Wave | Timer | Event] = []
    if not cohort.scheduled_by or cohort.cancelled_by or not cohort.meetings:
        return things
    for name in WAVES:
        asked = questions(cohort, name, setup.instruments)
        if name not in cohort.waves or not asked:
            continue
        before = known.get(wave_id(cohort.id, name))
        if before is None or _not_opened(before, cohort, now):
            kept = {"version": before.version, "members_told": before.members_told} if before else {}
            wave = _planned(cohort, name, setup, now).having(**kept)
            if wave != before:
                things += [wave, Timer.of(OPEN, wave.id, wave.opens_at)]
        elif before.state is WaveState.open and name == "T0":
            things += _moved(before, t0_closes(cohort, setup.zone, before.opens_at))
    return things


def _not_opened(wave: Wave, cohort: Cohort, now: datetime) -> bool:
    """Planned, or missed and possible again because the sessions were moved."""
    possible_again = wave.state is WaveState.missed and now < first_session(cohort).starts_at
    return wave.state is WaveState.planned or possible_again


def _planned(cohort: Cohort, name: str, setup: Setup, now: datetime) -> Wave:
    zone = setup.zone
    opens = t0_opens(cohort, zone) if name == "T0" else t1_opens(cohort, zone, now)
    return Wave(
        id=wave_id(cohort.id, name),
        wave=name,
        cohort_id=cohort.id,
        programme=cohort.programme,
        revision=cohort.revision,
        title=cohort.title,
        state=WaveState.planned,
        opens_at=opens,
        closes_at=t0_closes(cohort, zone, opens) if name == "T0" else t1_closes(zone, opens),
        instruments=questions(cohort, name, setup.instruments),
    )


def _moved(wave: Wave, closes: datetime) -> list[Wave | Timer | Event]:
    if closes == wave.closes_at:
        return []
    moved = wave.having(closes_at=closes, version=wave.version + 1)
    return [moved, Timer.of(CLOSE, wave.id, closes), opened_event(moved)]


def opened(wave: Wave, cohort: Cohort, setup: Setup, now: datetime) -> tuple[Wave, list[Timer | Event]]:
    """The wave as it opens now; or as missed, when what it should come before has begun already."""
    if not cohort.meetings:
        return wave.having(state=WaveState.missed), []
    closes = t0_closes(cohort, setup.zone, now) if wave.wave == "T0" else t1_closes(setup.zone, now)
    if now >= closes:
        return wave.having(state=WaveState.missed), []
    asked = questions(cohort, wave.wave, setup.instruments)
    opening = wave.having(
        state=WaveState.open, opens_at=now, closes_at=closes, instruments=asked, version=wave.version + 1
    )
    return opening, [Timer.of(CLOSE, wave.id, closes), opened_event(opening)]


def opened_event(wave: Wave) -> WaveOpened:
    """The announcement that a wave can be answered until it closes."""
    return WaveOpened(
        wave_id=wave.id,
        wave=wave.wave,
        cohort_id=wave.cohort_id,
        programme=wave.programme,
        version=wave.version,
        closes_at=wave.closes_at,
    )


def closed(wave: Wave) -> tuple[Wave, WaveClosed]:
    """The wave as nobody can answer it any more, and the announcement of it."""
    done = wave.having(state=WaveState.closed, version=wave.version + 1, counted=None)
    event = WaveClosed(
        wave_id=wave.id, wave=wave.wave, cohort_id=wave.cohort_id, programme=wave.programme, version=done.version
    )
    return done, event


def audience(wave: Wave, cohort: Cohort, members: Iterable[Membership]) -> list[str]:
    """Who is asked: those who belong to the cohort now, and after it only those who were at a session at all."""
    belong = {member.employee_id for member in members if member.belongs and member.cohort_id == cohort.id}
    if wave.wave != "T0":
        belong &= {employee for session in cohort.sessions for employee in session.attended}
    return sorted(belong)


def to_invite(people: Iterable[str], already: Iterable[Invitation]) -> list[str]:
    """Those who have no invitation that counts; one that was withdrawn does not, when she belongs again."""
    has_one = {i.employee_id for i in already if i.status is not InvitationStatus.withdrawn}
    return [employee for employee in people if employee not in has_one]


def requested(wave: Wave, recipients: tuple[SurveyRecipient, ...], setup: Setup) -> tuple[Wave, InvitationsRequested]:
    """The wave after it has asked that people be written to, and what it asks."""
    items = sum(len(setup.instruments[ref.code].items) for ref in wave.instruments)
    after = wave.having(version=wave.version + 1)
    event = InvitationsRequested(
        wave_id=wave.id,
        wave=wave.wave,
        cohort_id=wave.cohort_id,
        programme=wave.programme,
        version=after.version,
        title=wave.title,
        closes_at=wave.closes_at,
        minutes=minutes_to_answer(items),
        recipients=recipients,
    )
    return after, event


def silent(invitations: Iterable[Invitation]) -> list[Invitation]:
    """The invitations to which no answer has come when their wave closes.

    They are marked, so that an answer sent in at the same moment meets the close: it is counted, or told to be late.
    """
    return [i.having(status=InvitationStatus.silent) for i in invitations if i.status is InvitationStatus.invited]


def withdrawn(invitations: Iterable[Invitation]) -> list[Invitation]:
    """The invitations of somebody who is out; what she has answered stays answered."""
    return [i.having(status=InvitationStatus.withdrawn) for i in invitations if i.status is InvitationStatus.invited]


def unreached(invitations: Iterable[Invitation]) -> list[Invitation]:
    """Those of somebody who is out that never reached her: as withdrawn ones they would count as if they had."""
    return [i for i in invitations if i.status is InvitationStatus.undeliverable]


def reached(invitations: Iterable[Invitation]) -> set[str]:
    """The people whom a wave's invitations reached: who came back to the cohort and was invited again is one person."""
    return {i.employee_id for i in invitations if i.status is not InvitationStatus.undeliverable}


def may_answer(invitation: Invitation | None, wave: Wave | None, now: datetime) -> Submission:
    """Whether a form may be shown and sent in with this invitation now; `accepted` means yes."""
    if invitation is None or wave is None:
        return Submission.unknown
    if invitation.status is InvitationStatus.answered:
        return Submission.already_answered
    if wave.state is not WaveState.open or now >= wave.closes_at:
        return Submission.closed
    if invitation.status is InvitationStatus.withdrawn:
        return Submission.withdrawn
    return Submission.accepted


def is_over(waves: Iterable[Wave]) -> bool:
    """Nothing more will be asked of the cohort, and something has been: its result can be released."""
    states = [wave.state for wave in waves]
    ended = (WaveState.closed, WaveState.missed)
    return all(state in ended for state in states) and WaveState.closed in states


def gone_from(last_day: date, zone: ZoneInfo) -> datetime:
    """The moment from which somebody whose last day it is has left."""
    return _local(last_day + timedelta(days=1), time(0), zone)


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _local(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(ZoneInfo("UTC"))
