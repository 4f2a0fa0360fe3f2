"""What can be said about groups, in facts: which rules an arrangement breaks, and why a group is mixed as it is."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Literal

from services.enrolment.model import Wish
from services.enrolment.rules.grouping_board import Candidate, Room
from services.enrolment.rules.people import related
from services.enrolment.rules.reasons import said
from shared.events.base import Fact, LocalisedText, Reason

Rule = Literal["GroupTooLarge", "GroupTooSmall", "DepartmentShare", "OwnManager", "SeatedTwice"]


class Broken(Fact):
    """A rule that an arrangement breaks, and for whom. `reason.code` names it: a `Rule`, or what keeps somebody from
    coming (`OnLeave`, `SessionClash`, `OtherLanguage`)."""

    cohort_id: str
    employees: tuple[str, ...]
    reason: Reason

    @property
    def rule(self) -> str:
        """The rule's name."""
        return self.reason.code


class Judgement(Fact):
    """What an arrangement does to the rules and to the mix."""

    broken: tuple[Broken, ...]
    value: int
    """Pairs of people from one department who sit together."""


def judge(rooms: Iterable[Room], added: Mapping[str, Sequence[Candidate]]) -> Judgement:
    """Judge an arrangement: `added` are those who are to sit in each cohort, by its id, besides those who do."""
    broken: list[Broken] = []
    value = 0
    seen: set[str] = set()
    for room in sorted(rooms, key=lambda room: room.cohort_id):
        chosen = added.get(room.cohort_id, ())
        everybody = (*room.seated, *chosen)
        value += sum(n * (n - 1) // 2 for n in Counter(person.department for person in everybody).values())
        twice = sorted({p.employee_id for p in chosen if p.employee_id in seen} | _repeated(everybody))
        seen |= {person.employee_id for person in everybody}
        broken += [_broken(room, "SeatedTwice", (who,)) for who in twice]
        if chosen:
            broken += [*_sizes(room, len(everybody)), *_shares(room, everybody), *_own_manager(room, everybody)]
            broken += _hindered(room, chosen)
    return Judgement(broken=tuple(broken), value=value)


def unmet_wishes(wishes: Iterable[Wish], rooms: Iterable[Room], seats: Mapping[str, Iterable[str]]) -> tuple[Wish, ...]:
    """The wishes that an arrangement does not meet; who has no seat sits with nobody. `seats`: employees by cohort."""
    groups = [{*seats.get(room.cohort_id, ()), *(p.employee_id for p in room.seated)} for room in rooms]
    together = {wish: any({wish.one, wish.other} <= members for members in groups) for wish in wishes}
    return tuple(wish for wish, sits in together.items() if (wish.kind == "together") != sits)


def explain(room: Room, chosen: Sequence[Candidate], names: Mapping[str, str] | None = None) -> tuple[Reason, ...]:
    """Why the group is as it is, in facts. `names`: what departments are called, by their ids."""
    everybody = (*room.seated, *chosen)
    if not chosen:
        return (_reason("NobodyAdded", "Ingen ny får plats i gruppen.", "Nobody new has a seat in the group."),)
    counts = sorted(Counter(p.department for p in everybody).items(), key=lambda each: (-each[1], each[0]))
    listed = ", ".join(f"{(names or {}).get(department, department) or '–'} {n}" for department, n in counts)
    size, limit, most = len(everybody), room.limit(len(everybody)), counts[0][1]
    facts = [
        _reason(
            "Mixed",
            f"{size} personer från {len(counts)} förvaltningar: {listed}.",
            f"{size} people from {len(counts)} departments: {listed}.",
        ),
        _reason(
            "DepartmentShareKept",
            f"Högst {limit} får komma från samma förvaltning; som mest gör {most} det.",
            f"At most {limit} may come from one department; {most} do at most.",
        ),
    ]
    if room.rules.separate_manager_and_report:
        facts.append(_reason("ManagersApart", "Ingen sitter med sin egen chef.", "Nobody sits with her own manager."))
    facts.append(_reason("EverybodyCanCome", "Alla nya kan komma till träffarna.", "All who are new can come."))
    if room.language:
        sv, en = ("svenska", "Swedish") if room.language == "sv" else ("engelska", "English")
        facts.append(_reason("LanguageKept", f"Alla nya använder {sv}.", f"All who are new use {en}."))
    return tuple(facts)


def fewest(value: int, bound: int) -> Reason:
    """How good the mix is for certain, over all groups."""
    if value == bound:
        return _reason(
            "BestMix",
            f"{value} par från samma förvaltning sitter tillsammans; färre är inte möjligt med dessa personer.",
            f"{value} pairs from one department sit together; fewer are not possible with these people.",
        )
    return _reason(
        "NearBestMix",
        f"{value} par från samma förvaltning sitter tillsammans; färre än {bound} är inte möjligt.",
        f"{value} pairs from one department sit together; fewer than {bound} are not possible.",
    )


def _sizes(room: Room, size: int) -> Iterable[Broken]:
    if size > room.rules.max - room.reserved:
        yield _broken(room, "GroupTooLarge", (), size, room.rules.max - room.reserved)
    if room.department_limit is None and size < room.rules.min:
        yield _broken(room, "GroupTooSmall", (), size, room.rules.min)


def _shares(room: Room, everybody: Sequence[Candidate]) -> Iterable[Broken]:
    limit = room.limit(len(everybody))
    for department, n in sorted(Counter(person.department for person in everybody).items()):
        if n > limit:
            members = tuple(sorted(p.employee_id for p in everybody if p.department == department))
            yield _broken(room, "DepartmentShare", members, n, limit)


def _own_manager(room: Room, everybody: Sequence[Candidate]) -> Iterable[Broken]:
    if room.rules.separate_manager_and_report:
        for one, other in combinations(sorted(everybody, key=lambda person: person.employee_id), 2):
            if related(one, other) and one.employee_id != other.employee_id:
                yield _broken(room, "OwnManager", (one.employee_id, other.employee_id))


def _hindered(room: Room, chosen: Sequence[Candidate]) -> Iterable[Broken]:
    for person in sorted(chosen, key=lambda person: person.employee_id):
        if why := room.hinders(person):
            yield Broken(cohort_id=room.cohort_id, employees=(person.employee_id,), reason=said(why))


def _repeated(everybody: Sequence[Candidate]) -> set[str]:
    return {who for who, n in Counter(person.employee_id for person in everybody).items() if n > 1}


TEXTS: Mapping[str, tuple[str, str]] = {
    "GroupTooLarge": (
        "Gruppen blir {0} personer och får vara högst {1}.",
        "The group becomes {0} people and may be {1} at most.",
    ),
    "GroupTooSmall": (
        "Gruppen blir {0} personer och behöver minst {1}.",
        "The group becomes {0} people and needs {1} at least.",
    ),
    "DepartmentShare": (
        "{0} kommer från samma förvaltning, och högst {1} får göra det.",
        "{0} come from one department, and {1} may at most.",
    ),
    "OwnManager": (
        "Den ena är den andras chef, och de ska inte gå tillsammans.",
        "One is the other's manager, and they should not attend together.",
    ),
    "SeatedTwice": ("Samma person sitter två gånger.", "The same person sits twice."),
}


def _broken(room: Room, rule: Rule, employees: tuple[str, ...], *numbers: int) -> Broken:
    sv, en = TEXTS[rule]
    reason = _reason(rule, sv.format(*numbers), en.format(*numbers))
    return Broken(cohort_id=room.cohort_id, employees=employees, reason=reason)


def _reason(code: str, sv: str, en: str) -> Reason:
    return Reason(code=code, text=LocalisedText(sv=sv, en=en))
