"""Programmes as they have read, and what it means for a running group to go on by another revision of its programme."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.enrolment.model import Cohort, Programme, Revision, Session
from services.enrolment.programme_file import Module, ProgrammeFile
from services.enrolment.rules import meetings
from services.enrolment.rules.reasons import ModuleRemoved, said
from services.enrolment.rules.refusal import Refusal, conflict
from services.enrolment.rules.sessions import scheduled
from shared.events import Event
from shared.events.enrolment import EvaluationFact, ModuleFact, ProgrammePublished, ProgrammeRevised
from shared.workdays import DAY, WorkCalendar

NOTICE = timedelta(days=14)
"""A session that should have been earlier by the new plan is held this much later at the earliest."""


def kept(
    programme: Programme, *, at: datetime, by: str | None, change_id: str | None, addresses: tuple[str, ...] = ()
) -> Revision:
    """How the programme reads in its revision, with who wrote it, when and in answer to what."""
    return Revision(
        id=f"{programme.id}~{programme.revision}",
        programme=programme.id,
        number=programme.revision,
        content=programme.content,
        at=at,
        by=by,
        change_id=change_id,
        addresses=addresses,
        retired=programme.retired,
    )


def announcement(programme: Programme, addresses: tuple[str, ...]) -> ProgrammePublished | ProgrammeRevised:
    """The programme as others hear of it."""
    content = programme.content
    facts = {
        "version": programme.revision,
        "programme": programme.id,
        "title": content.title.localised(),
        "purpose": content.purpose.localised(),
        "goals": content.goals,
        "modules": tuple(ModuleFact.model_validate(module.model_dump()) for module in content.modules),
        "evaluation": EvaluationFact.model_validate(content.evaluation.model_dump()),
    }
    if programme.revision == 1:
        return ProgrammePublished.model_validate(facts)
    return ProgrammeRevised.model_validate(facts | {"addresses": addresses})


def parts_that_differ(one: ProgrammeFile, other: ProgrammeFile) -> tuple[str, ...]:
    """Names of the parts of the file that do not say the same."""
    return tuple(name for name in ProgrammeFile.model_fields if getattr(one, name) != getattr(other, name))


class Frame(NamedTuple):
    """What a plan of sessions depends on besides the programme."""

    now: datetime
    zone: ZoneInfo
    calendar: WorkCalendar


def adopt(
    cohort: Cohort, revision: int, content: ProgrammeFile, frame: Frame
) -> tuple[Cohort, tuple[Event, ...]] | Refusal:
    """The cohort as it goes on by another revision of its programme, and what is announced of it.

    What has been held or has begun stays. Of the rest: sessions of parts that are no more are cancelled, new parts get
    sessions, and titles, lengths and days follow the parts whose days have changed.
    """
    refused = _why_not(cohort, revision, content)
    if refused:
        return refused
    begun = cohort.having(
        version=cohort.version + 1,
        revision=revision,
        content=content,
    )
    after = _planned(begun, cohort.content, frame)
    return after, (scheduled(after), *_what_became_of_sessions(cohort, after))


def _why_not(cohort: Cohort, revision: int, content: ProgrammeFile) -> Refusal | None:
    if cohort.state in {"completed", "cancelled"}:
        return conflict("cohort-over", f"{cohort.id} is {cohort.state}: it stays as it was")
    if (cohort.revision, cohort.content) == (revision, content):
        return conflict("nothing-to-adopt", f"{cohort.id} goes by revision {revision} already")
    return None


def _planned(cohort: Cohort, old: ProgrammeFile, frame: Frame) -> Cohort:
    """The cohort with its sessions by the new plan: first those that keep their days, then those that follow their
    parts to others, at last new parts; each finds what has been placed before it."""
    was = {module.code: module for module in old.modules}
    modules = {module.code: module for module in cohort.content.modules}
    placed = [
        _as_it_was(each, was, modules, frame) for each in cohort.sessions if not _follows(each, was, modules, frame)
    ]
    following = [each for each in cohort.sessions if _follows(each, was, modules, frame)]
    stays = [each for each in following if was[each.module].after_days == modules[each.module].after_days]
    for session in sorted(stays, key=lambda each: (each.starts_at, each.session_id)):
        placed.append(_following(session, (was[session.module], modules[session.module]), cohort, placed, frame))
    for module in cohort.content.modules:
        for session in following:
            if session.module == module.code and session not in stays:
                placed.append(_following(session, (was[module.code], module), cohort, placed, frame))
        if module.code not in was and module.code not in {each.module for each in placed if each.cancelled is None}:
            placed.append(_new(module, cohort, placed, frame))
    return cohort.having(sessions=tuple(sorted(placed, key=lambda session: (session.starts_at, session.session_id))))


def _follows(session: Session, was: Mapping[str, Module], modules: Mapping[str, Module], frame: Frame) -> bool:
    """Whether it is still to come and of a part that both plans have."""
    return session.to_come and session.starts_at > frame.now and session.module in was and session.module in modules


def _as_it_was(session: Session, was: Mapping[str, Module], modules: Mapping[str, Module], frame: Frame) -> Session:
    """A session that no part of the new plan moves: called off if its part is no more; one that has begun, that has
    been called off or that the office has added besides the programme stays."""
    if session.to_come and session.starts_at > frame.now and session.module in was and session.module not in modules:
        return meetings.called_off(session, said(ModuleRemoved()))
    return session


def _following(
    session: Session, reads: tuple[Module, Module], cohort: Cohort, placed: Sequence[Session], frame: Frame
) -> Session:
    """A session to come of a part that may read differently. Its day is left alone unless the part has another day:
    the office may have moved it. `reads`: how the part read, and how it reads now."""
    was, module = reads
    same_length = was.hours == module.hours
    length = session.ends_at - session.starts_at if same_length else timedelta(hours=module.hours)
    if was.after_days == module.after_days:
        starts_at = _after_others(session.starts_at, length, placed)
    else:
        starts_at = _planned_start(module, cohort, placed, frame)
    after = session.model_copy(
        update={
            "title": module.title.localised() if was.title != module.title else session.title,
            "kind": module.kind,
            "starts_at": starts_at,
            "ends_at": starts_at + length,
        }
    )
    return session if after == session else after.model_copy(update={"version": session.version + 1})


def _after_others(starts_at: datetime, length: timedelta, placed: Iterable[Session]) -> datetime:
    """The first moment from `starts_at` on at which a session of that length is at the same time as no other: the one
    before it on its day may have become longer."""
    for other in sorted(placed, key=lambda each: each.starts_at):
        if other.cancelled is None and other.starts_at < starts_at + length and starts_at < other.ends_at:
            starts_at = other.ends_at
    return starts_at


def _new(module: Module, cohort: Cohort, others: Iterable[Session], frame: Frame) -> Session:
    others = list(others)
    starts_at = _planned_start(module, cohort, others, frame)
    nearest = min(others, key=lambda each: abs(each.starts_at - starts_at), default=cohort.first_session)
    return Session(
        session_id=meetings.free_id(cohort.id, module.code, (each.session_id for each in others)),
        version=1,
        module=module.code,
        title=module.title.localised(),
        kind=module.kind,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=module.hours),
        location=nearest.location,
    )


def _planned_start(module: Module, cohort: Cohort, others: Iterable[Session], frame: Frame) -> datetime:
    """The first meeting day on or after the one that the programme says, ahead, and with nothing else of the group."""
    first = min(cohort.sessions, key=lambda session: session.starts_at).starts_at.astimezone(frame.zone)
    due = first.date() + timedelta(days=module.after_days)
    earliest = (frame.now + NOTICE).astimezone(frame.zone).date()
    taken = {each.starts_at.astimezone(frame.zone).date() for each in others if each.cancelled is None}
    day = _free_day(due if due > frame.now.astimezone(frame.zone).date() else earliest, taken, frame.calendar)
    return meetings.local_moment(day, first.time(), frame.zone)


def _free_day(day: date, taken: set[date], calendar: WorkCalendar) -> date:
    day = calendar.next_meeting_day(day)
    while day in taken:
        day = calendar.next_meeting_day(day + DAY)
    return day


def _what_became_of_sessions(before: Cohort, after: Cohort) -> tuple[Event, ...]:
    """Of those that there were: which are cancelled, which are held at another time."""
    events: list[Event] = []
    for session in after.sessions:
        old = before.session(session.session_id)
        if old and old.cancelled is None and session.cancelled is not None:
            events.append(meetings.cancelled(after, session))
        elif old and (old.starts_at, old.ends_at) != (session.starts_at, session.ends_at):
            events.append(meetings.rescheduled(after, session, old))
    return tuple(events)
