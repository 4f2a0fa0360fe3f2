"""Several groups from one queue, judged by trying every arrangement and by rules written once more."""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrolment.model import Wish
from services.enrolment.programme_file import GroupRules
from services.enrolment.rules.grouping import Candidate, Grouping, PassedOver, Room, group
from services.enrolment.rules.grouping_facts import explain, fewest, judge
from services.enrolment.rules.reasons import (
    DepartmentShareReached,
    OnLeave,
    OtherLanguage,
    OwnManagerInGroup,
    SessionClash,
)


def person(name: str, department: str = "D", manager: str | None = None, **more: object) -> Candidate:
    given = {"employee_id": name, "place_id": f"P:{name}", "department": department, "manager_id": manager}
    return Candidate.model_validate(given | more)


def room(cohort_id: str, most: int = 2, least: int = 1, share: float = 1.0, **more: object) -> Room:
    rules = GroupRules(min=least, max=most, max_share_per_department=share)
    return Room.model_validate({"cohort_id": cohort_id, "rules": rules} | more)


def seats(grouping: Grouping) -> dict[str, set[str]]:
    return {each.cohort_id: {p.employee_id for p in each.chosen} for each in grouping.groups}


def everybody(grouping: Grouping) -> set[str]:
    return set().union(*seats(grouping).values())


def test_each_department_is_spread_evenly_over_the_groups() -> None:
    line = [person(f"{d}{n}", d) for d in "XYZ" for n in range(4)]
    grouping = group(line, [room("A", 6), room("B", 6)])
    counts = [Counter(p.department for p in each.chosen) for each in grouping.groups]
    assert counts == [{"X": 2, "Y": 2, "Z": 2}] * 2
    assert (grouping.value, grouping.bound, grouping.gap) == (6, 6, 0)


def test_the_first_in_line_have_seats_when_there_are_too_few() -> None:
    line = [person(f"E{number}", f"D{number % 3}") for number in range(9)]
    assert everybody(group(line, [room("A", 3), room("B", 2)])) == {"E0", "E1", "E2", "E3", "E4"}


def test_a_manager_and_her_report_sit_in_different_groups() -> None:
    line = [person("A"), person("B", "E", "A"), person("C", "E"), person("D")]
    grouping = group(line, [room("1"), room("2")])
    assert everybody(grouping) == {"A", "B", "C", "D"}
    assert not any({"A", "B"} <= members for members in seats(grouping).values())


def test_nobody_sits_with_a_report_who_was_seated_before() -> None:
    grouping = group([person("A")], [room("1", seated=[person("B", manager="A")], composed=True), room("2")])
    assert seats(grouping) == {"1": set(), "2": {"A"}}


def test_somebody_moves_so_that_one_who_can_only_come_to_one_group_has_a_seat() -> None:
    away = {"2": OnLeave()}
    line = [person("A"), person("B"), person("C", hindrances=away), person("D", hindrances=away)]
    assert seats(group(line, [room("1"), room("2")])) == {"1": {"C", "D"}, "2": {"A", "B"}}


def test_who_can_come_to_no_group_is_passed_over_because_of_that() -> None:
    clash = SessionClash(on=date(2026, 10, 20), programme="MID")
    line = [person("A", hindrances={"1": clash, "2": OnLeave()}), person("B"), person("C")]
    grouping = group(line, [room("1", 1), room("2", 1)])
    reasons = [(passed.person.employee_id, passed.cohort_id, passed.why) for passed in grouping.passed]
    assert reasons == [("A", "1", clash), ("A", "2", OnLeave())]


def test_a_group_in_another_language_is_not_hers() -> None:
    line = [person("A", language="en"), person("B")]
    grouping = group(line, [room("1", language="sv")])
    assert grouping.passed == (PassedOver(person=line[0], cohort_id="1", why=OtherLanguage(language="sv")),)


def test_whoever_is_one_too_many_from_her_department_is_told_so() -> None:
    line = [*(person(f"X{n}", "X") for n in range(3)), person("Y", "Y"), person("Z", "Z")]
    grouping = group(line, [room("1", 2, 2, 0.5), room("2", 2, 2, 0.5)])
    share = DepartmentShareReached(limit=1)
    assert grouping.passed == tuple(PassedOver(person=line[2], cohort_id=each, why=share) for each in "12")


def test_a_report_is_passed_over_when_the_only_group_has_her_manager() -> None:
    line = [person("A"), person("B", manager="A"), person("C")]
    assert group(line, [room("1")]).passed == (PassedOver(person=line[1], cohort_id="1", why=OwnManagerInGroup()),)


def test_whoever_waits_beside_a_seat_that_stays_free_is_told_why_in_each_group() -> None:
    line = [person(name, department, hindrances={"2": OnLeave()}) for name, department in ("AX", "BY", "CX")]
    grouping = group(line, [room("1", 3, 2, 0.5), room("2", 3, composed=True, seated=[person("D", "Z")])])
    assert grouping.passed == tuple(
        PassedOver(person=each, cohort_id=cohort_id, why=why)
        for each, cohort_id, why in (
            (line[0], "2", OnLeave()),
            (line[1], "2", OnLeave()),
            (line[2], "1", DepartmentShareReached(limit=1)),
            (line[2], "2", OnLeave()),
        )
        if each.employee_id not in everybody(grouping)
    )


def test_as_many_groups_are_held_as_have_enough_people() -> None:
    line = [person(f"E{number}", f"D{number}") for number in range(7)]
    grouping = group(line, [room(name, 6, 3) for name in "ABC"])
    assert sorted(len(each.chosen) for each in grouping.groups) == [0, 3, 4]


def test_too_few_for_any_group_gives_nobody_a_seat() -> None:
    assert everybody(group([person("A"), person("B")], [room("1", 5, 3)])) == set()


def test_an_empty_queue_gives_nobody_a_seat() -> None:
    assert everybody(group([], [room("1")])) == set()


def test_a_seat_kept_for_a_successor_is_given_to_nobody() -> None:
    assert everybody(group([person("A"), person("B")], [room("1", reserved=1)])) == {"A"}


def test_two_whom_the_office_wants_together_sit_together() -> None:
    line = [person(f"E{number}", f"D{number % 2}") for number in range(8)]
    for one, other in itertools.combinations(range(8), 2):
        grouping = group(line, [room("A", 4), room("B", 4)], [Wish(kind="together", one=f"E{one}", other=f"E{other}")])
        assert grouping.unmet == ()
        assert any({f"E{one}", f"E{other}"} <= members for members in seats(grouping).values())


def test_a_wish_that_breaks_a_rule_is_not_met_and_told() -> None:
    wish = Wish(kind="together", one="A", other="B")
    grouping = group([person("A"), person("B", manager="A")], [room("1"), room("2")], [wish])
    assert grouping.unmet == (wish,)


def test_wishes_in_a_large_queue_cost_nothing_where_others_can_be_exchanged() -> None:
    line = [person(f"E{number:03}", f"D{number % 9}") for number in range(250)]
    wishes = [Wish(kind="together", one=f"E{n:03}", other=f"E{n + 1:03}") for n in range(0, 40, 4)]
    wishes += [Wish(kind="apart", one=f"E{n:03}", other=f"E{n + 9:03}") for n in range(60, 100, 4)]
    rooms = [room(f"C{number:02}", 14, 8, 0.4) for number in range(18)]
    grouping = group(line, rooms, wishes)
    assert (grouping.unmet, grouping.gap) == ((), 0)


def test_another_seed_gives_other_groups_that_are_as_good() -> None:
    line = [person(f"E{number}", f"D{number % 3}") for number in range(24)]
    one, other = (group(line, [room("A", 12), room("B", 12)], seed=seed) for seed in (1, 2))
    assert seats(one) != seats(other)
    assert one.value == other.value


def test_an_arrangement_is_judged_rule_by_rule() -> None:
    rooms = [room("1", 3, 2, 0.5, language="sv"), room("2", 3, 2, 0.5)]
    line = [
        person("A", "X"),
        person("B", "X", "A"),
        person("C", "Y", hindrances={"1": OnLeave()}),
        person("D", language="en"),
    ]
    judgement = judge(rooms, {"1": line, "2": line[:1]})
    told = {(broken.cohort_id, broken.rule): broken.employees for broken in judgement.broken}
    assert told == {
        ("1", "GroupTooLarge"): (),
        ("1", "OwnManager"): ("A", "B"),
        ("1", "OnLeave"): ("C",),
        ("1", "OtherLanguage"): ("D",),
        ("2", "GroupTooSmall"): (),
        ("2", "DepartmentShare"): ("A",),
        ("2", "SeatedTwice"): ("A",),
    }
    assert judgement.value == 1


def test_a_group_is_explained_by_its_numbers() -> None:
    chosen = [person("A", "X"), person("B", "X"), person("C", "Y")]
    facts = {reason.code: reason.text.en for reason in explain(room("1", 4, share=0.7), chosen, {"X": "Schools"})}
    assert facts["Mixed"] == "3 people from 2 departments: Schools 2, Y 1."
    assert facts["DepartmentShareKept"] == "At most 2 may come from one department; 2 do at most."


def test_a_mix_that_may_not_be_the_best_is_not_called_the_best() -> None:
    assert [fewest(5, 5).code, fewest(5, 4).code] == ["BestMix", "NearBestMix"]


Situation = tuple[list[Candidate], list[Room], list[Wish]]
LANGUAGES: tuple[Literal["sv", "en"], ...] = ("sv", "sv", "en")


@st.composite
def situations(draw: st.DrawFn, people: int = 6, groups: int = 3) -> Situation:
    count, ids = draw(st.integers(1, people)), [f"C{number}" for number in range(draw(st.integers(1, groups)))]
    names = [f"E{number}" for number in range(count + 2 * groups)]
    boss = st.one_of(st.none(), st.sampled_from(names))
    away = st.dictionaries(st.sampled_from(ids), st.just(OnLeave()), max_size=2)
    line = [
        person(
            name,
            draw(st.sampled_from("XYZ")),
            draw(boss),
            language=draw(st.sampled_from(LANGUAGES)),
            hindrances=draw(away),
        )
        for name in names[:count]
    ]
    spare = iter(names[count:])
    rooms = []
    for cohort_id in ids:
        least = draw(st.integers(1, 3))
        composed = draw(st.integers(0, 3)) == 0
        seated = [person(next(spare), draw(st.sampled_from("XYZ"))) for _ in range(draw(st.integers(1, 2)))]
        seated = seated if composed else []
        rooms.append(
            room(
                cohort_id,
                draw(st.integers(max(least, len(seated)), 4)),
                least,
                draw(st.sampled_from([0.34, 0.5, 1.0, 1.0])),
                seated=seated,
                composed=composed,
                language=draw(st.sampled_from([None, None, None, "sv", "en"])),
            )
        )
    pairs = [(one, other) for one in names for other in names if one < other]
    wish = st.builds(
        lambda kind, pair: Wish(kind=kind, one=pair[0], other=pair[1]),
        st.sampled_from(["together", "apart"]),
        st.sampled_from(pairs),
    )
    return line, rooms, draw(st.lists(wish, max_size=2, unique=True))


def unmet_in(groups: Sequence[set[str]], wishes: Sequence[Wish]) -> int:
    together = [any({wish.one, wish.other} <= members for members in groups) for wish in wishes]
    return sum((wish.kind == "together") != sits for wish, sits in zip(wishes, together, strict=True))


def standing(
    line: Sequence[Candidate], rooms: Sequence[Room], wishes: Sequence[Wish], where: Sequence[int]
) -> tuple[int, tuple[bool, ...], int, int]:
    """How good an arrangement is, less is better: free seats, the line, unmet wishes, pairs from one department."""
    added = [[p for p, g in zip(line, where, strict=True) if g == number] for number in range(len(rooms))]
    groups = [(*r.seated, *chosen) for r, chosen in zip(rooms, added, strict=True)]
    pairs = sum(a.department == b.department for members in groups for a, b in itertools.combinations(members, 2))
    sets = [{p.employee_id for p in members} for members in groups]
    return sum(g < 0 for g in where), tuple(g < 0 for g in where), unmet_in(sets, wishes), pairs


def all_arrangements(line: Sequence[Candidate], rooms: Sequence[Room]) -> Iterator[tuple[int, ...]]:
    """Every arrangement that follows the rules, which are written here once more in the plainest way."""
    for where in itertools.product(range(-1, len(rooms)), repeat=len(line)):
        if all(allowed(r, [p for p, at in zip(line, where, strict=True) if at == g]) for g, r in enumerate(rooms)):
            yield where


def allowed(place: Room, chosen: Sequence[Candidate]) -> bool:
    if not chosen:
        return True
    members = [*place.seated, *chosen]
    most = place.rules.max_share_per_department * len(members) + 1e-9
    counts = [sum(q.department == p.department for q in members) for p in (chosen if place.composed else members)]
    return (
        len(members) <= place.rules.max
        and (place.composed or len(members) >= place.rules.min)
        and all(count <= most or (place.composed and count == 1) for count in counts)
        and not any(p.manager_id == q.employee_id for p in members for q in members if p is not q)
        and all(place.language in {None, p.language} and place.cohort_id not in p.hindrances for p in chosen)
    )


@settings(max_examples=250, deadline=None)
@given(situations(), st.integers(0, 3))
def test_no_arrangement_is_better_than_the_one_found(situation: Situation, seed: int) -> None:
    line, rooms, wishes = situation
    grouping = group(line, rooms, wishes, seed)
    found = {p.employee_id: g for g, each in enumerate(grouping.groups) for p in each.chosen}
    where = tuple(found.get(p.employee_id, -1) for p in line)
    best = min(standing(line, rooms, wishes, each) for each in all_arrangements(line, rooms))
    assert standing(line, rooms, wishes, where) == best
    assert (grouping.value, grouping.exact) == (best[3], True)
    assert grouping.bound <= grouping.value


@st.composite
def crowds(draw: st.DrawFn) -> Situation:
    """More people than are solved exactly, with every kind of trouble."""
    return draw(situations(people=60, groups=8))


@settings(max_examples=150, deadline=None)
@given(crowds(), st.integers(0, 2))
def test_every_rule_holds_in_every_group(situation: Situation, seed: int) -> None:
    line, rooms, wishes = situation
    grouping = group(line, rooms, wishes, seed)
    for each, place in zip(grouping.groups, sorted(rooms, key=lambda r: r.cohort_id), strict=True):
        assert allowed(place, each.chosen)
    chosen = [p.employee_id for each in grouping.groups for p in each.chosen]
    assert len(set(chosen)) == len(chosen)
    assert grouping.bound <= grouping.value
    judgement = judge(rooms, {each.cohort_id: each.chosen for each in grouping.groups})
    before = judge(rooms, {})
    assert (judgement.broken, judgement.value) == (before.broken, grouping.value)


@settings(max_examples=100, deadline=None)
@given(crowds(), st.integers(0, 2))
def test_whoever_is_passed_over_could_not_have_had_the_seat_of_anybody_behind_her(
    situation: Situation, seed: int
) -> None:
    line, rooms, wishes = situation
    grouping = group(line, rooms, wishes, seed)
    places = {place.cohort_id: place for place in rooms}
    for passed in grouping.passed:
        position = line.index(passed.person)
        for each in grouping.groups:
            for behind in (p for p in each.chosen if line.index(p) > position):
                others = [p for p in each.chosen if p is not behind]
                assert not allowed(places[each.cohort_id], [*others, passed.person])


@settings(max_examples=60, deadline=None)
@given(crowds(), st.integers(0, 2))
def test_the_order_of_cohorts_and_wishes_says_nothing(situation: Situation, seed: int) -> None:
    line, rooms, wishes = situation
    assert group(line, rooms, wishes, seed) == group(line, rooms[::-1], wishes[::-1], seed)
