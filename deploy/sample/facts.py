"""All that is known when the sample year is over, and what a promise is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from deploy.ctl.standing import Ledger
from deploy.sample.invitations import Revision
from deploy.sample.mailbox import Mail
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


@dataclass(frozen=True)
class Promise:
    """One promise, what it leads one to expect, and what was found. `held` is None where chance has a say."""

    text: str
    expected: str
    found: str
    held: bool | None


def none_of(text: str, found: Sequence[str]) -> Promise:
    """A promise that something never happens."""
    return Promise(text, "none", f"{len(found)}, e.g. {found[0]}" if found else "none", not found)


def equal(text: str, expected: int, found: int) -> Promise:
    return Promise(text, f"{expected:,}", f"{found:,}", expected == found)
