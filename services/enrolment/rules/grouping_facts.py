"""What can be said about groups, in facts: which rules an arrangement breaks, and why a group is mixed as it is."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Literal

from services.enrolment.model import Wish
from services.enrolment.rules.grouping_board import Candidate, Room
from services.enrolment.rules.people import related
from services.enrolment.rules.reasons import OtherLanguage, said
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
            broken += [*_sizes(room, len(everybody)), *_shares(room, chosen), *_own_manager(room, everybody)]
            broken += _hindered(room, chosen)
    return Judgement(broken=tuple(broken), value=value)


def unmet_wishes(wishes: Iterable[Wish], rooms: Iterable[Room], seats: Mapping[str, Iterable[str]]) -> tuple[Wish, ...]:
    """The wishes that an arrangement does not meet; who has no seat sits with nobody. `seats`: employees by cohort."""
    groups = [{*seats.get(room.cohort_id, ()), *(p.employee_id for p in room.seated)} for room in rooms]
    together = {wish: any({wish.one, wish.other} <= members for members in groups) for wish in wishes}
    return tuple(wish for wish, sits in together.items() if (wish.kind == "together") != sits)


def explain(room: Room, chosen: Sequence[Candidate], names: Mapping[str, str] | None = None) -> tuple[Reason, ...]:
    """Why the group is as it is, in facts, broken rules included. `names`: what departments are called, by ids."""
    everybody = (*room.seated, *chosen)
    if not chosen:
        return (_reason("NobodyAdded", "Ingen ny får plats i gruppen.", "Nobody new has a seat in the group."),)
    facts = [*_mixed(room, everybody, names or {})]
    if room.rules.separate_manager_and_report:
        facts.append(_apart(sum(1 for _ in _own_manager(room, everybody))))
    hindered = [why for person in chosen if (why := room.hinders(person))]
    facts.append(_can_come(sum(not isinstance(why, OtherLanguage) for why in hindered)))
    if room.language:
        facts.append(_language(room.language, sum(isinstance(why, OtherLanguage) for why in hindered)))
    return tuple(facts)


def _mixed(room: Room, everybody: Sequence[Candidate], names: Mapping[str, str]) -> Iterable[Reason]:
    counts = sorted(Counter(p.department for p in everybody).items(), key=lambda each: (-each[1], each[0]))
    listed = ", ".join(f"{names.get(department, department) or '–'} {n}" for department, n in counts)
    size, limit, most = len(everybody), room.limit(len(everybody)), counts[0][1]
    yield _reason(
        "Mixed",
        f"{size} personer från {len(counts)} förvaltningar: {listed}.",
        f"{size} people from {len(counts)} departments: {listed}.",
    )
    if most <= limit:
        yield _reason(
            "DepartmentShareKept",
            f"Högst {limit} får komma från samma förvaltning; som mest gör {most} det.",
            f"At most {limit} may come from one department; {most} do at most.",
        )
    else:
        yield _reason(
            "DepartmentShareExceeded",
            f"Högst {limit} får komma från samma förvaltning, men {most} gör det.",
            f"At most {limit} may come from one department, but {most} do.",
        )


def _apart(pairs: int) -> Reason:
    if not pairs:
        return _reason("ManagersApart", "Ingen sitter med sin egen chef.", "Nobody sits with her own manager.")
    return _reason(
        "ManagersTogether",
        f"Antal som sitter med sin egen chef: {pairs}.",
        f"How many sit with their own manager: {pairs}.",
    )


def _can_come(cannot: int) -> Reason:
    if not cannot:
        return _reason("EverybodyCanCome", "Alla nya kan komma till träffarna.", "All who are new can come.")
    return _reason(
        "SomeCannotCome",
        f"Antal nya som inte kan vara med i gruppen som det är nu: {cannot}.",
        f"How many of those who are new cannot be in the group as things are: {cannot}.",
    )


def _language(language: Literal["sv", "en"], others: int) -> Reason:
    sv, en = ("svenska", "Swedish") if language == "sv" else ("engelska", "English")
    if not others:
        return _reason("LanguageKept", f"Alla nya använder {sv}.", f"All who are new use {en}.")
    return _reason(
        "LanguageNotKept",
        f"Gruppen hålls på {sv}. Antal nya som använder ett annat språk: {others}.",
        f"The group is held in {en}. How many of those who are new use another language: {others}.",
    )


def fewest(value: int, bound: int) -> Reason:
    """How good the mix is for certain, over all groups. Below the bound it can be only if a rule is broken."""
    sv = f"{value} par från samma förvaltning sitter tillsammans"
    en = f"{value} {'pair' if value == 1 else 'pairs'} from one department sit{'s' if value == 1 else ''} together"
    if value == bound:
        return _reason(
            "BestMix",
            f"{sv}; färre är inte möjligt med dessa personer.",
            f"{en}; fewer are not possible with these people.",
        )
    if value < bound:
        return _reason(
            "MixBeyondRules",
            f"{sv}; om alla regler följs är {bound} det minsta möjliga.",
            f"{en}; when every rule is kept, {bound} is the least possible.",
        )
    return _reason(
        "NearBestMix",
        f"{sv}; färre än {bound} är inte möjligt.",
        f"{en}; fewer than {bound} are not possible.",
    )


def how_sure(seats_exact: bool) -> Reason:
    """Whether it is certain that the right people have seats."""
    if seats_exact:
        return _reason(
            "SeatsProven",
            "Fler kan inte få plats om alla regler följs, och platserna går i köns ordning.",
            "No more people can have a seat when every rule is kept, and the seats go in the order of the queue.",
        )
    return _reason(
        "SeatsNotProven",
        "Det är inte bevisat att inte fler kan få plats: så många grupper är möjliga att alla inte kan prövas.",
        "It is not proven that no more people can have a seat: so many groups are possible that not all can be tried.",
    )


def why_unmet(wish: Wish, waiting: Container[str], rooms: Iterable[Room], seats: Iterable[str]) -> Reason:
    """Why a wish is not met. `waiting`: those in the queue; `seats`: those with a seat in the arrangement."""
    before = {person.employee_id for room in rooms for person in room.seated}
    has_seat = {*seats, *before}
    for who in (wish.one, wish.other):
        if who not in waiting and who not in before:
            return _told("NotWaiting", who)
        if who not in has_seat:
            return _told("WithoutSeat", who)
    return _told("SeatedBefore" if {wish.one, wish.other} <= before else "NoExchangeFound")


def _sizes(room: Room, size: int) -> Iterable[Broken]:
    if size > room.rules.max - room.reserved:
        yield _broken(room, "GroupTooLarge", (), size, room.rules.max - room.reserved)
    if not room.composed and size < room.rules.min:
        yield _broken(room, "GroupTooSmall", (), size, room.rules.min)


def _shares(room: Room, chosen: Sequence[Candidate]) -> Iterable[Broken]:
    """Departments with too many. In a group composed before, those that nobody is added from stay as they are."""
    everybody = (*room.seated, *chosen)
    limit, growing = room.limit(len(everybody)), {person.department for person in chosen}
    for department, n in sorted(Counter(person.department for person in everybody).items()):
        if n > limit and (department in growing or not room.composed):
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
    "NotWaiting": (
        "{0} står inte i kön till programmet och har ingen plats i de här grupperna.",
        "{0} does not wait for the programme, and has no seat in these groups.",
    ),
    "WithoutSeat": ("{0} får ingen plats i förslaget.", "{0} has no seat in this proposal."),
    "SeatedBefore": ("Båda hade sina platser redan före förslaget.", "Both had their seats before this proposal."),
    "NoExchangeFound": (
        "Inget byte som följer reglerna, och inte bryter ett annat önskemål, har hittats.",
        "No exchange was found that keeps the rules and breaks no other wish.",
    ),
    "ExchangedByOffice": (
        "Programkontoret har bytt plats på personer i förslaget.",
        "The office has exchanged people in this proposal.",
    ),
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
    return Broken(cohort_id=room.cohort_id, employees=employees, reason=_told(rule, *numbers))


def exchanged() -> Reason:
    """Why a wish is not met that was, before the office exchanged people."""
    return _told("ExchangedByOffice")


def _told(code: str, *values: object) -> Reason:
    sv, en = TEXTS[code]
    return _reason(code, sv.format(*values), en.format(*values))


def _reason(code: str, sv: str, en: str) -> Reason:
    return Reason(code=code, text=LocalisedText(sv=sv, en=en))
