"""All that is known when the sample year is over, and what a promise is."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from deploy.ctl.standing import Ledger
from deploy.sample.diary import Entry
from deploy.sample.invitations import Revision
from deploy.sample.mailbox import Mail
from deploy.sample.moments import local_day
from deploy.sample.municipality import Municipality
from deploy.sample.people import Submission
from deploy.sample.plan import Plan
from deploy.sample.watch import Watch

TOGETHER: Final = frozenset({"confirmed", "completed"})
"""States of a place in which its holder belongs to a group."""


@dataclass(frozen=True)
class Facts:
    """All that is known when the year is over."""

    town: Municipality
    mails: Sequence[Mail]
    entries: Mapping[str, Sequence[Revision]]
    places: Sequence[Mapping[str, Any]]
    cohorts: Mapping[str, Mapping[str, Any]]
    invitations: Sequence[Mapping[str, Any]]
    releases: Sequence[Mapping[str, Any]]
    reports: Mapping[str, Mapping[str, Any]]
    """What is published of each programme's groups together, by its code."""
    recommendations: Sequence[Mapping[str, Any]]
    ledgers: Mapping[str, Ledger]
    dead: Mapping[str, int]
    published: Mapping[str, int]
    malformed: Mapping[str, int]
    submissions: Sequence[Submission]
    surprises: Sequence[str]
    did: Mapping[str, int]
    watch: Watch
    plan: Plan
    changes: Sequence[Mapping[str, Any]]
    imports: Sequence[Mapping[str, Any]]
    networks: Sequence[Mapping[str, Any]]
    register: Mapping[str, Mapping[str, Any]]
    """Everybody in enrolment's staff register, by id."""
    diary: Sequence[Entry]
    careers: Mapping[str, Mapping[str, int]]
    """How often the timelines of some people tell each kind of change in their work."""
    departments: Mapping[str, str]
    """The department of those whose unit is not what it was."""
    proposals: Mapping[str, Mapping[str, Any]]
    alumni: Sequence[str]
    programmes: Mapping[str, Mapping[str, Any]]
    goals: Mapping[str, Mapping[str, Any]]

    def place(self, place_id: str) -> Mapping[str, Any]:
        """One place."""
        return next(place for place in self.places if place["place_id"] == place_id)

    def done(self, *what: str) -> list[Entry]:
        """What of these kinds was done."""
        return [entry for entry in self.diary if entry.what in what]


@dataclass(frozen=True)
class Promise:
    """One promise, what it leads one to expect, and what was found. `held` is None where chance has a say."""

    text: str
    expected: str
    found: str
    held: bool | None


def reasons(place: Mapping[str, Any], since: date = date.min) -> list[str]:
    """Why something was decided about a place, from a day on, by the codes of the reasons."""
    decided = [one for one in place["history"] if one["reason"] and _day_of(one) >= since]
    return [one["reason"]["code"] for one in decided]


def _day_of(decision: Mapping[str, Any]) -> date:
    return local_day(datetime.fromisoformat(decision["at"]))


def as_wanted(text: str, wanted: Iterable[str], found: Iterable[str]) -> Promise:
    """A promise that just what was wanted has come about, kind by kind."""
    expected, came = Counter(wanted), Counter(found)
    return Promise(text, _told(expected), _told(came), expected == came)


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {what}" for what, n in sorted(counts.items())).replace("_", " ") or "none"


def none_of(text: str, found: Sequence[str]) -> Promise:
    """A promise that something never happens."""
    return Promise(text, "none", f"{len(found)}, e.g. {found[0]}" if found else "none", not found)


def equal(text: str, expected: int, found: int) -> Promise:
    return Promise(text, f"{expected:,}", f"{found:,}", expected == found)
