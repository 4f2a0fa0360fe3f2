"""Few mails, at good times: when one may go, what is told together, and what waits until she has had fewer.

What happens soon is never held: calm must not cost anybody a session.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.notifications.contents import (
    CALENDAR_KINDS,
    NOTICE_KINDS,
    CalendarMail,
    ExpiredMail,
    News,
    OverviewMail,
    ReminderMail,
    WithdrawnMail,
)
from services.notifications.model import Message, State
from services.notifications.rules import reasons
from services.notifications.rules.messages import draft, ended
from shared.workdays import DAY, WorkCalendar

SOON = timedelta(hours=24)
"""A session within this time is told of at once, at any hour."""

LONGEST_SETTLING = 4
"""How many times the settling time news may keep waiting for each other, counted from the first."""


@dataclass(frozen=True, slots=True)
class Calm:
    """How a municipality wants its managers to be written to; as it is here, everything goes at once."""

    zone: ZoneInfo
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    settling: timedelta = timedelta()
    hours: tuple[time, time] | None = None
    """From when until when mails go on working days outside the weeks without mails; none if always."""
    a_week: int | None = None
    """How many mails a person reads in a week before what can wait is held back; none if there is no end."""

    def next_open(self, moment: datetime, *, even_in_quiet_weeks: bool = False) -> datetime:
        """The moment itself, or the first after it at which mails go."""
        if self.hours is None:
            return moment
        opens, closes = self.hours
        local = moment.astimezone(self.zone)
        if self._is_open(local.date(), even_in_quiet_weeks) and opens <= local.time() < closes:
            return moment
        day = local.date() if local.time() < opens else local.date() + DAY
        while not self._is_open(day, even_in_quiet_weeks):
            day += DAY
        return datetime.combine(day, opens, tzinfo=self.zone).astimezone(UTC)

    def _is_open(self, day: date, even_in_quiet_weeks: bool) -> bool:
        return self.calendar.is_working_day(day) if even_in_quiet_weeks else self.calendar.is_answering_day(day)

    def week_of(self, moment: datetime) -> datetime:
        """When the week of a moment began, on its Monday."""
        day = moment.astimezone(self.zone).date()
        return datetime.combine(day - day.weekday() * DAY, time.min, tzinfo=self.zone).astimezone(UTC)

    def next_week(self, moment: datetime) -> datetime:
        """When mails go again in the week after."""
        monday = self.week_of(moment + 7 * DAY)
        return self.next_open(monday)


def hours(text: str) -> tuple[time, time] | None:
    """From when until when mails go, written `07:00-18:00`; nothing for `always`.

    Raises:
        ValueError: it is neither.
    """
    if text == "always":
        return None
    opens, _, closes = text.partition("-")
    try:
        span = time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip())
    except ValueError:
        span = time.max, time.min
    if span[0] >= span[1]:
        raise ValueError(f"{text!r} does not say when mails go: write it like 07:00-18:00, or always")
    return span


def departure(message: Message, calm: Calm, now: datetime, settling_since: datetime) -> datetime:
    """When a message may go: once what belongs together has settled, in the hours in which mails go.

    It never waits longer than half of the time in which it makes sense. `settling_since` is when the first of the news
    arose that it belongs together with.
    """
    if is_soon(message, now):
        return now
    settled = min(now + calm.settling, max(now, settling_since + LONGEST_SETTLING * calm.settling))
    latest = halfway(message)
    hours_only = calm.next_open(settled, even_in_quiet_weeks=True)
    return next((at for at in (calm.next_open(settled), hours_only) if at <= latest), max(now, min(settled, latest)))


def is_soon(message: Message, now: datetime) -> bool:
    """Whether the message is about a session within a day, also one that has moved away from there."""
    return any(moment - now < SOON for moment in _moments(message))


def halfway(message: Message) -> datetime:
    """Half of the time from when a message arose until the first thing that it tells of, or its deadline."""
    ends = min([*_moments(message), message.deadline])
    return message.created_at + (ends - message.created_at) / 2


def _moments(message: Message) -> list[datetime]:
    told = message.contents.news if isinstance(message.contents, OverviewMail) else (message.contents,)
    moments = []
    for each in told:
        if isinstance(each, CalendarMail | ReminderMail):
            moments.append(each.appointment.starts_at)
        if isinstance(each, CalendarMail) and each.before is not None:
            moments.append(each.before.starts_at)
    return moments


@dataclass(frozen=True, slots=True)
class Departures:
    """What becomes of messages that have settled: some go, some are told by others, some are held back."""

    going: tuple[Message, ...]
    told_by_others: tuple[Message, ...] = ()
    held_back: tuple[Message, ...] = ()


def departures(settled: Sequence[Message], calm: Calm, now: datetime, read_this_week: int) -> Departures:
    """One mail to read for all the news of one person: calendar entries go silently beside it.

    What asks for an answer goes by itself, and so does a single piece of news. If she has had her share of mails this
    week, what can wait is held back until the next; entries in calendars never are.
    """
    entries = [message for message in settled if message.kind in CALENDAR_KINDS]
    notices = [message for message in settled if message.kind in NOTICE_KINDS]
    others = [message for message in settled if message not in entries and message not in notices]
    told: tuple[Message, ...] = ()
    if len(entries) + len(notices) > 1:
        letter = _overview([*entries, *notices], _news_of([*entries, *notices]), now)
        told = tuple(_told_in(letter, notice) for notice in notices)
        others += [_silent(entry) for entry in entries]
        notices = [letter]
    else:
        others += entries
    has_enough = calm.a_week is not None and read_this_week >= calm.a_week
    held = tuple(one for one in notices if has_enough and calm.next_week(now) <= halfway(one))
    return Departures(
        going=(*others, *(one for one in notices if one not in held)),
        told_by_others=told,
        held_back=tuple(one.having(held_back=True, release_at=calm.next_week(now)) for one in held),
    )


def digest(held: Sequence[Message], sequences: Mapping[str, int], now: datetime) -> Departures:
    """What was held back, in one mail. `sequences` are the newest by UID: what has changed again is left out, since a
    newer mail has told it."""
    told = _news_of(held)
    current = [one for one in told if not _is_outdated(one, sequences)]
    if not current:
        return Departures((), told_by_others=tuple(ended(one, State.superseded, reasons.SUPERSEDED) for one in held))
    if len(held) == 1 and len(current) == len(told):
        return Departures(tuple(held))
    letter = _overview(held, current, now, held_back=True)
    return Departures((letter,), tuple(_told_in(letter, one) for one in held))


def _is_outdated(one: News, sequences: Mapping[str, int]) -> bool:
    return isinstance(one, CalendarMail) and sequences.get(one.uid, one.sequence) > one.sequence


def _news_of(messages: Sequence[Message]) -> list[News]:
    news: list[News] = []
    for message in messages:
        match message.contents:
            case OverviewMail(news=several):
                news += several
            case CalendarMail() | ReminderMail() | ExpiredMail() | WithdrawnMail() as one:
                news.append(one)
    return news


def _overview(messages: Sequence[Message], news: Sequence[News], now: datetime, *, held_back: bool = False) -> Message:
    """One message that tells what several would have told."""
    changes = {message.change_id for message in messages}
    began = min((one.staff_change for one in messages if one.staff_change), key=lambda change: change.at, default=None)
    letter = draft(
        OverviewMail(news=tuple(news), held_back=held_back),
        employee_id=messages[0].employee_id,
        regarding=messages[0].regarding,
        key="overview|" + "|".join(sorted(message.id for message in messages)),
        deadline=max(message.deadline for message in messages),
        now=now,
    )
    change_id = changes.pop() if len(changes) == 1 else None
    return letter.having(state=State.pending, change_id=change_id, staff_change=began)


def _silent(entry: Message) -> Message:
    match entry.contents:
        case CalendarMail() as contents:
            return entry.having(contents=contents.model_copy(update={"silent": True}))
    return entry


def _told_in(letter: Message, one: Message) -> Message:
    return ended(one, State.superseded, reasons.TOLD_TOGETHER).having(told_in=letter.id)
