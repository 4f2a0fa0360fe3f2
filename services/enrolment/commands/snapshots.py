"""Full snapshots of the staff: kept page by page, judged as a whole, applied in portions."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from services.enrolment.commands import staff, units
from services.enrolment.model import Employee, StaffImport, StaffImportPage, Unit
from services.enrolment.rules import snapshots
from services.enrolment.rules.refusal import Refusal, conflict, unknown
from services.enrolment.rules.snapshots import Counts
from services.enrolment.store import EnrolmentTransaction
from shared.cloudevents import Reject
from shared.delivery import Outcome
from shared.events.enrolment import Missing, StaffImportApplied, StaffImportHeld, StaffReconciled
from shared.events.hr import EmployeeChanged, SnapshotPage, UnitChanged
from shared.model import Timer

JUDGE, APPLY = "staff_import_judge", "staff_import_apply"

PORTION = 1000
"""How many of those who are known are looked for in the snapshot in one transaction; a page has no more, either."""


@dataclass
class Portion:
    """What one step of applying a snapshot did: how people stood before and after, and what is told to others."""

    people: list[tuple[Employee | None, Employee]] = field(default_factory=list)
    changed: list[EmployeeChanged] = field(default_factory=list)
    units: list[tuple[Unit | None, UnitChanged]] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)


async def keep(tx: EnrolmentTransaction, page: SnapshotPage) -> Outcome:
    """Keep a page; with the last one the snapshot is judged.

    Raises:
        Reject: it cannot belong to the snapshot.
    """
    if page.taken_at.tzinfo is None:
        page = page.model_copy(update={"taken_at": page.taken_at.replace(tzinfo=tx.zone)})
    known = await tx.staff_imports.get(page.snapshot_id)
    if why := snapshots.fault(known, page, tx.now):
        raise Reject(f"page {page.page} of {page.snapshot_id} is refused: {why}")
    kept = await tx.staff_import_pages.get(_page_id(page.snapshot_id, page.page))
    if kept and (kept.employees, kept.units) != (page.employees, page.units):
        raise Reject(f"page {page.page} of {page.snapshot_id} came before and said something else: use another id")
    if known and (kept or known.state != "arriving"):
        return Outcome.stale
    await _refuse_repetition(tx, page)
    arriving = known or StaffImport(
        id=page.snapshot_id, version=0, taken_at=snapshots.moment(page.taken_at), pages=page.pages
    )
    arriving = arriving.having(version=arriving.version + 1, received=tuple(sorted({*arriving.received, page.page})))
    if newer := await tx.staff_imports.newer_than(arriving.taken_at):
        _supersede(tx, arriving, newer)
        return Outcome.stale
    _add(tx, arriving, page)
    return Outcome.applied if arriving.complete else Outcome.held


async def judge(tx: EnrolmentTransaction, snapshot_id: str) -> None:
    """All pages are in: apply the snapshot, or hold it if it would change too much at once.

    While another one is being applied nothing is done: that one calls for those which wait when it is done.
    """
    found = await tx.staff_imports.get(snapshot_id)
    if found is None or found.state != "arriving" or not found.complete or await tx.staff_imports.in_state("applying"):
        return
    if newer := await tx.staff_imports.newer_than(found.taken_at):
        _supersede(tx, found, newer)
        return
    for older in await tx.staff_imports.in_state("arriving", "held"):
        if older.taken_at < found.taken_at:
            _supersede(tx, older, found)
    counts = await count(tx, found)
    if not counts.too_many:
        _begin(tx, found)
        return
    held = _counted(found.having(state="held", version=found.version + 1, held_at=tx.now), counts)
    tx.save(held, _told(StaffImportHeld, held))


async def count(tx: EnrolmentTransaction, found: StaffImport) -> Counts:
    """How many people stand differently by the snapshot. Reads all of them and changes nobody."""
    known = {employee.id: employee for employee in await tx.employees.find({})}
    after: dict[str, Employee] = {}
    for page in await tx.staff_import_pages.of(found.id):
        for fact in page.employees:
            before = known.get(fact.employee_id)
            told = snapshots.told(before, fact, tx.today) or before
            if told:
                after[fact.employee_id] = told
    for who, before in known.items():
        if who not in after:
            after[who] = snapshots.missing(before, found.taken_at, tx.today) or before
    return snapshots.counted((known.get(who), told) for who, told in after.items())


async def release(tx: EnrolmentTransaction, snapshot_id: str, by: str) -> tuple[StaffImport, Counts] | Refusal:
    """Let a held snapshot be applied, compared anew with the register as it is now; what it changes by that."""
    held = await _held(tx, snapshot_id)
    if isinstance(held, Refusal):
        return held
    if await tx.staff_imports.in_state("applying"):
        return conflict("another-is-applied", "another snapshot is just being applied: try again when it is done")
    return _begin(tx, held.having(decided_by=by)), await count(tx, held)


async def reject(tx: EnrolmentTransaction, snapshot_id: str, by: str, reason: str) -> StaffImport | Refusal:
    """Let a held snapshot change nothing, and say why."""
    held = await _held(tx, snapshot_id)
    if isinstance(held, Refusal):
        return held
    rejected = held.having(state="rejected", version=held.version + 1, decided_by=by, reason=reason)
    tx.save(rejected)
    _forget_pages(tx, rejected)
    return rejected


async def apply_portion(tx: EnrolmentTransaction, snapshot_id: str) -> Portion | None:
    """The next step of applying a snapshot: a page of it, or a part of those who are known and may be missing.

    Nothing is left to be done when it gives nothing.
    """
    found = await tx.staff_imports.get(snapshot_id)
    if found is None or found.state != "applying":
        return None
    portion = Portion()
    if found.applied_pages < found.pages:
        after = await _apply_page(tx, found, portion)
    else:
        after = await _look_for_missing(tx, found, portion)
    counts = snapshots.counted(portion.people)
    after = after.having(
        version=found.version + 1,
        portions=found.portions + 1,
        staff_changed=found.staff_changed + counts.staff_changed,
        managers_changed=found.managers_changed + counts.managers_changed,
    )
    tx.save(after)
    _tell(tx, after, portion)
    if after.state == "applying":
        tx.save(Timer.of(APPLY, after.id, tx.now))
    else:
        await _finish(tx, after)
    return portion


async def rehearse(tx: EnrolmentTransaction, found: StaffImport) -> AsyncIterator[Portion]:
    """Apply a snapshot that waits, step by step, in a transaction that will be taken back."""
    _begin(tx, found)
    while portion := await apply_portion(tx, found.id):
        yield portion


async def _apply_page(tx: EnrolmentTransaction, found: StaffImport, portion: Portion) -> StaffImport:
    number = found.applied_pages + 1
    page = await tx.staff_import_pages.get(_page_id(found.id, number))
    if page is None:
        raise LookupError(
            f"page {number} of {found.id} is not there any more: send the snapshot again under another id"
        )
    known = await tx.units.get_many(unit.unit_id for unit in page.units)
    for unit in page.units:
        before = known.get(unit.unit_id)
        if await units.told(tx, unit) is Outcome.applied and units.differs(before, unit):
            portion.units.append((before, unit))
    await tx.employees.get_many(fact.employee_id for fact in page.employees)
    for fact in page.employees:
        await _apply(tx, fact, found, portion)
    return found.having(applied_pages=number)


async def _apply(tx: EnrolmentTransaction, fact: EmployeeChanged, found: StaffImport, portion: Portion) -> None:
    before = await tx.employees.get(fact.employee_id)
    by_it = snapshots.told(before, fact, tx.today)
    if by_it is None:
        return
    if before and by_it.version == before.version == fact.version:
        await staff.stand(tx, before, by_it)
    else:
        await staff.told(tx, fact)
    after = (await tx.employees.get(fact.employee_id) or by_it).having(told_at=found.taken_at)
    tx.save(after)
    if snapshots.differs(before, after):
        portion.people.append((before, after))
        portion.changed.append(fact)


async def _look_for_missing(tx: EnrolmentTransaction, found: StaffImport, portion: Portion) -> StaffImport:
    known = await tx.employees.next_after(found.checked_until, PORTION)
    there = await tx.staff_import_pages.naming(found.id, [employee.id for employee in known])
    day = found.taken_at.astimezone(tx.zone).date()
    for each in known:
        before = await tx.employees.get(each.id) or each
        after = None if each.id in there else snapshots.missing(before, found.taken_at, tx.today)
        if after:
            await staff.stand(tx, before, after)
            portion.people.append((before, after))
            portion.missing.append(snapshots.fact_of(before, day))
    if len(known) < PORTION:
        return found.having(state="applied")
    return found.having(checked_until=known[-1].id)


def _tell(tx: EnrolmentTransaction, found: StaffImport, portion: Portion) -> None:
    if portion.changed or portion.units or portion.missing:
        tx.save(
            StaffReconciled(
                snapshot_id=found.id,
                version=found.version,
                taken_at=found.taken_at,
                page=found.portions,
                changed=tuple(portion.changed),
                units=tuple(unit for _, unit in portion.units),
                missing=tuple(portion.missing),
            )
        )


async def _finish(tx: EnrolmentTransaction, found: StaffImport) -> None:
    tx.save(_told(StaffImportApplied, found))
    _forget_pages(tx, found)
    for waiting in await tx.staff_imports.in_state("arriving"):
        if waiting.complete:
            tx.save(Timer.of(JUDGE, waiting.id, tx.now))


def _begin(tx: EnrolmentTransaction, found: StaffImport) -> StaffImport:
    """From here on the counts say what has changed, no longer what would."""
    begun = found.having(state="applying", version=found.version + 1, staff_changed=0, managers_changed=0)
    tx.save(begun, Timer.of(APPLY, begun.id, tx.now))
    return begun


def _supersede(tx: EnrolmentTransaction, found: StaffImport, newer: StaffImport) -> None:
    reason = f"{newer.id} was taken later, on {newer.taken_at.astimezone(tx.zone):%Y-%m-%d %H:%M}"
    tx.save(found.having(state="superseded", version=found.version + 1, reason=reason))
    _forget_pages(tx, found)


def _add(tx: EnrolmentTransaction, arriving: StaffImport, page: SnapshotPage) -> None:
    name = _page_id(page.snapshot_id, page.page)
    kept = StaffImportPage(
        id=name, snapshot_id=page.snapshot_id, page=page.page, employees=page.employees, units=page.units
    )
    tx.save(arriving, kept)
    if arriving.complete:
        tx.save(Timer.of(JUDGE, arriving.id, tx.now))


async def _refuse_repetition(tx: EnrolmentTransaction, page: SnapshotPage) -> None:
    twice = await tx.staff_import_pages.naming(page.snapshot_id, [each.employee_id for each in page.employees])
    if twice:
        raise Reject(
            f"page {page.page} of {page.snapshot_id} is refused: {len(twice)} of its employees are on another page too,"
            f" the first is {min(twice)}; say how each stands in one record"
        )


async def _held(tx: EnrolmentTransaction, snapshot_id: str) -> StaffImport | Refusal:
    found = await tx.staff_imports.get(snapshot_id)
    if found is None:
        return unknown("snapshot", snapshot_id)
    if found.state != "held":
        why = f": {found.reason}" if found.reason else ""
        return conflict("not-held", f"{snapshot_id} is {found.state}{why}; only one that is held can be decided about")
    return found


def _counted(found: StaffImport, counts: Counts) -> StaffImport:
    return found.having(staff_changed=counts.staff_changed, managers_changed=counts.managers_changed)


def _told(
    kind: type[StaffImportHeld] | type[StaffImportApplied], found: StaffImport
) -> StaffImportHeld | StaffImportApplied:
    return kind(
        snapshot_id=found.id,
        version=found.version,
        staff_changed=found.staff_changed,
        managers_changed=found.managers_changed,
    )


def _forget_pages(tx: EnrolmentTransaction, found: StaffImport) -> None:
    """Pages hold names and addresses: they are kept for as long as they are needed."""
    for number in found.received:
        tx.staff_import_pages.put(None, _page_id(found.id, number))


def _page_id(snapshot_id: str, page: int) -> str:
    return f"{snapshot_id}~{page}"
