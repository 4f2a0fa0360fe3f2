"""A time zone written out for calendars: the yearly rules by which its clocks change."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

YEARS = range(2024, 2041)
"""Years for which the rules must hold. A law that changes them must be noticed: then there is no such rule."""

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class _Change:
    """A moment at which clocks are moved, by the wall clock before it."""

    wall: datetime
    before: timedelta
    after: timedelta
    name: str
    is_summer: bool


@dataclass(frozen=True, slots=True)
class _Rule:
    """The same change in every year: the `nth` weekday of a month, -1 for the last."""

    month: int
    weekday: int
    nth: int
    change: _Change


@cache
def vtimezone(zone: ZoneInfo) -> bytes:
    """VTIMEZONE of a zone with one rule for summer and one for winter (RFC 5545, 3.6.5), or one for the whole year.

    Rules, not lists of dates: several calendar engines are an hour off when the dates run out or are written out,
    and some accept only yearly rules with a single weekday.

    Raises:
        ValueError: the zone's clocks do not change by such rules in `YEARS`.
    """
    lines = ["BEGIN:VTIMEZONE", f"TZID:{zone.key}"]
    rules = _rules(zone)
    for rule in rules:
        lines += _written(rule)
    if not rules:
        lines += _unchanging(zone)
    lines += ["END:VTIMEZONE", ""]
    return "\r\n".join(lines).encode("ascii")


def _rules(zone: ZoneInfo) -> list[_Rule]:
    years = [_changes(zone, year) for year in YEARS]
    if {len(changes) for changes in years} == {0}:
        return []
    if {len(changes) for changes in years} != {2}:
        raise ValueError(f"the clocks of {zone.key} do not change twice every year: name a zone whose clocks do")
    return [_common_rule(zone, [changes[i] for changes in years]) for i in (0, 1)]


def _changes(zone: tzinfo, year: int) -> list[_Change]:
    """The changes in one year, found by looking at every hour at which the offset differs from the hour before."""
    found = []
    moment = datetime(year, 1, 1, tzinfo=UTC)
    before = moment.astimezone(zone).utcoffset()
    while moment.year == year:
        moment += timedelta(hours=1)
        local = moment.astimezone(zone)
        after = local.utcoffset()
        if after != before and before is not None and after is not None:
            wall = (moment + before).replace(tzinfo=None)
            found.append(_Change(wall, before, after, local.tzname() or "", bool(local.dst())))
        before = after
    return found


def _common_rule(zone: ZoneInfo, changes: list[_Change]) -> _Rule:
    first = changes[0]
    for nth in (-1, (first.wall.day - 1) // 7 + 1):
        rule = _Rule(first.wall.month, first.wall.weekday(), nth, first)
        if all(change.wall == _moment(rule, change.wall.year) for change in changes):
            return rule
    raise ValueError(f"the clocks of {zone.key} do not change by one rule every year: look at a law that has changed")


def _moment(rule: _Rule, year: int) -> datetime:
    """When the rule strikes in a year, by the wall clock before the change."""
    if rule.nth > 0:
        first = date(year, rule.month, 1)
        day = first + timedelta(days=(rule.weekday - first.weekday()) % 7 + 7 * (rule.nth - 1))
    else:
        last = date(year + rule.month // 12, rule.month % 12 + 1, 1) - timedelta(days=1)
        day = last - timedelta(days=(last.weekday() - rule.weekday) % 7)
    return datetime.combine(day, rule.change.wall.time())


def _written(rule: _Rule) -> list[str]:
    kind = "DAYLIGHT" if rule.change.is_summer else "STANDARD"
    return [
        f"BEGIN:{kind}",
        f"TZOFFSETFROM:{_offset(rule.change.before)}",
        f"TZOFFSETTO:{_offset(rule.change.after)}",
        f"TZNAME:{rule.change.name}",
        f"DTSTART:{_moment(rule, 1970):%Y%m%dT%H%M%S}",
        f"RRULE:FREQ=YEARLY;BYDAY={rule.nth}{WEEKDAYS[rule.weekday]};BYMONTH={rule.month}",
        f"END:{kind}",
    ]


def _unchanging(zone: ZoneInfo) -> list[str]:
    moment = datetime(YEARS[0], 1, 1, tzinfo=zone)
    offset = _offset(moment.utcoffset() or timedelta())
    return [
        "BEGIN:STANDARD",
        f"TZOFFSETFROM:{offset}",
        f"TZOFFSETTO:{offset}",
        f"TZNAME:{moment.tzname()}",
        "DTSTART:19700101T000000",
        "END:STANDARD",
    ]


def _offset(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
