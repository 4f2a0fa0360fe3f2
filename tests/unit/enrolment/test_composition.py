"""Groups as they are composed, judged by trying every possible group."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrolment.programme_file import GroupRules
from services.enrolment.rules.composition import Composition, NobodyFits, Passed, compose, in_line
from services.enrolment.rules.integer_programme import best_group
from services.enrolment.rules.people import Person
from services.enrolment.rules.reasons import DepartmentShareReached, OnLeave, OwnManagerInGroup, TooLateForGroup

OPEN_RULES = GroupRules(min=1, max=3)
Situation = tuple[list[Person], list[Person], GroupRules, bool]


def person(name: str, department: str = "D", manager: str | None = None, *, away: bool = False) -> Person:
    return Person(
        employee_id=name,
        place_id=f"P:{name}:1",
        department=department,
        manager_id=manager,
        hindered=OnLeave() if away else None,
    )


def names(composition: Composition | NobodyFits) -> list[str]:
    assert isinstance(composition, Composition)
    return [person.employee_id for person in composition.chosen]


def test_the_first_in_line_are_chosen_when_everybody_fits() -> None:
    assert names(compose([person(name) for name in "ABCDE"], [], OPEN_RULES)) == ["A", "B", "C"]


def test_a_department_takes_no_more_than_its_share() -> None:
    line = [*(person(name, "D1") for name in "ABC"), *(person(name, "D2") for name in "XYZ")]
    composition = compose(line, [], GroupRules(min=2, max=4, max_share_per_department=0.5))
    assert names(composition) == ["A", "B", "X", "Y"]


def test_whoever_is_passed_over_because_of_her_department_is_told_so() -> None:
    line = [*(person(name, "D1") for name in "ABC"), *(person(name, "D2") for name in "XYZ")]
    composition = compose(line, [], GroupRules(min=2, max=4, max_share_per_department=0.5))
    assert isinstance(composition, Composition)
    assert composition.passed == (Passed(person=line[2], why=DepartmentShareReached(limit=2)),)


def test_a_manager_and_her_report_do_not_sit_together() -> None:
    line = [person("A"), person("B", manager="A"), person("C")]
    composition = compose(line, [], GroupRules(min=1, max=2))
    assert isinstance(composition, Composition)
    assert (names(composition), composition.passed) == (["A", "C"], (Passed(person=line[1], why=OwnManagerInGroup()),))


def test_a_manager_waits_while_her_report_has_a_seat() -> None:
    assert names(compose([person("A"), person("C")], [person("B", manager="A")], OPEN_RULES, composed=True)) == ["C"]


def test_whoever_is_on_leave_at_the_first_session_is_passed_over_with_that_reason() -> None:
    composition = compose([person("A", away=True), person("B")], [], OPEN_RULES)
    assert isinstance(composition, Composition)
    assert composition.passed == (Passed(person=person("A", away=True), why=OnLeave()),)


def test_nobody_is_said_to_be_passed_over_behind_the_last_one_chosen() -> None:
    composition = compose([person(name) for name in "ABCDE"], [], OPEN_RULES)
    assert isinstance(composition, Composition)
    assert composition.passed == ()


def test_too_few_for_a_group_gives_nobody_a_seat() -> None:
    assert compose([person("A"), person("B")], [], GroupRules(min=3, max=5)) == NobodyFits(possible=2)


def test_an_empty_queue_gives_nobody_a_seat() -> None:
    assert compose([], [], OPEN_RULES) == NobodyFits(possible=0)


def test_a_full_group_takes_nobody_more() -> None:
    assert names(compose([person("A")], [person(name) for name in "XYZ"], OPEN_RULES, composed=True)) == []


def seated_from(**departments: int) -> list[Person]:
    """So many who sit from each department."""
    return [person(f"{department}{n}", department) for department, count in departments.items() for n in range(count)]


TWO_IN_FIVE = GroupRules(min=8, max=14, max_share_per_department=0.4)


def test_the_share_holds_for_a_later_seat() -> None:
    seated = seated_from(D1=1, D2=1)
    line = [person("A", "D1"), person("B", "D3")]
    assert names(compose(line, seated, GroupRules(min=1, max=3, max_share_per_department=0.4), composed=True)) == ["B"]


def test_a_group_composed_small_takes_more_from_a_department_as_it_grows() -> None:
    seated = seated_from(A=3, B=5, C=5)
    assert names(compose([person("a", "A")], seated, TWO_IN_FIVE, composed=True)) == ["a"]


def test_a_group_that_has_become_small_takes_no_more_from_a_department_than_is_its_share_now() -> None:
    seated = seated_from(A=3, B=3, C=3)
    composition = compose([person("a", "A"), person("d", "D")], seated, TWO_IN_FIVE, composed=True)
    assert isinstance(composition, Composition)
    assert names(composition) == ["a", "d"]  # together they make it eleven, of whom four may be from one
    alone = compose([person("a", "A")], seated_from(A=4, B=3, C=2), TWO_IN_FIVE, composed=True)
    assert isinstance(alone, Composition)
    assert (alone.chosen, alone.passed[0].why) == ((), DepartmentShareReached(limit=4))


def test_a_department_that_has_too_many_since_others_dropped_out_keeps_nobody_else_out() -> None:
    assert names(compose([person("b", "B")], seated_from(A=5, B=1), TWO_IN_FIVE, composed=True)) == ["b"]


def test_an_emptied_group_can_begin_with_one_from_each_department() -> None:
    line = [person("a", "A"), person("aa", "A"), person("b", "B")]
    assert names(compose(line, [], TWO_IN_FIVE, composed=True)) == ["a", "b"]


def test_without_a_rule_on_departments_a_small_group_grows_from_one_department() -> None:
    assert names(compose([person("B"), person("C")], [person("A")], OPEN_RULES, composed=True)) == ["B", "C"]


def test_whoever_waits_beside_a_seat_that_stays_free_is_told_why() -> None:
    line = [person("A"), person("B", manager="A"), person("C", away=True)]
    composition = compose(line, [], OPEN_RULES)
    assert isinstance(composition, Composition)
    assert composition.passed == (
        Passed(person=line[1], why=OwnManagerInGroup()),
        Passed(person=line[2], why=OnLeave()),
    )


def test_a_group_that_has_gone_too_far_for_somebody_passes_her_over_only_for_somebody_behind_her() -> None:
    late = person("A").model_copy(update={"hindered": TooLateForGroup()})
    beside, before = (compose(line, [], OPEN_RULES) for line in ([person("B"), late], [late, person("B")]))
    assert isinstance(beside, Composition)
    assert isinstance(before, Composition)
    assert (beside.passed, before.passed) == ((), (Passed(person=late, why=TooLateForGroup()),))


def test_the_lot_decides_between_those_queued_at_the_same_moment_and_can_be_drawn_again() -> None:
    now = datetime(2026, 9, 1, tzinfo=UTC)
    waiting = [(0, now, person(f"E{number}")) for number in range(20)]
    assert in_line(waiting, 1) == in_line(reversed(waiting), 1)
    assert in_line(waiting, 1) != in_line(waiting, 2)


def test_whoever_was_queued_first_comes_first_whatever_the_lot() -> None:
    early, late = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 9, 2, tzinfo=UTC)
    for seed in range(10):
        assert in_line([(0, late, person("B")), (0, early, person("A"))], seed)[0].employee_id == "A"


def test_somebody_is_passed_over_when_that_fills_the_group() -> None:
    line = [person("A"), person("B", manager="A"), person("C", manager="A")]
    composition = compose(line, [], GroupRules(min=1, max=2))
    assert isinstance(composition, Composition)
    assert (names(composition), composition.passed) == (["B", "C"], (Passed(person=line[0], why=OwnManagerInGroup()),))


def test_priority_comes_before_time() -> None:
    early, late = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 9, 2, tzinfo=UTC)
    assert in_line([(1, early, person("A")), (0, late, person("B"))], 1)[0].employee_id == "B"


def test_a_long_queue_is_decided_strictly_in_order() -> None:
    line = [person(f"E{number:03}", f"D{number % 3}") for number in range(120)]
    composition = compose(line, [], GroupRules(min=8, max=45, max_share_per_department=0.4))
    assert names(composition) == [person.employee_id for person in line[:45]]


def allowed(added: Sequence[Person], seated: Sequence[Person], rules: GroupRules, *, composed: bool) -> bool:
    """The rules, written once more in the plainest way."""
    group = (*added, *seated)
    ids = {person.employee_id for person in group}
    together = any(person.manager_id in ids - {person.employee_id} for person in group)
    counts = [sum(person.department == other.department for other in group) for person in added]
    most = rules.max_share_per_department * len(group) + 1e-9
    return (
        len(group) <= rules.max
        and (composed or len(group) >= rules.min)
        and not (rules.separate_manager_and_report and together)
        and all(count <= most or (composed and count == 1) for count in counts)
    )


def by_trying_all(line: list[Person], seated: list[Person], rules: GroupRules, *, composed: bool) -> list[str] | None:
    """The best group found by trying them all: the largest, and among those the first in order of the queue."""
    present = [person for person in line if not person.hindered]
    for size in range(min(len(present), rules.max - len(seated)), -1, -1):
        for group in itertools.combinations(present, size):  # in order of the queue, first in line first
            if allowed(group, seated, rules, composed=composed):
                return [person.employee_id for person in group]
    return None


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """People who wait, and in every other case a group that was composed before, in which too many may have stayed
    from one department when others dropped out."""
    count = draw(st.integers(0, 13))
    manager = st.one_of(st.none(), st.sampled_from([f"E{number}" for number in range(14)]))
    people = [
        person(f"E{number}", draw(st.sampled_from("XYZ")), draw(manager), away=draw(st.integers(0, 9)) == 0)
        for number in range(count)
    ]
    smallest = draw(st.integers(1, 4))
    rules = GroupRules(
        min=smallest,
        max=draw(st.integers(smallest, 7)),
        max_share_per_department=draw(st.sampled_from([0.3, 0.4, 0.5, 1.0])),
        separate_manager_and_report=draw(st.booleans()),
    )
    composed = draw(st.booleans())
    seated = people[-draw(st.integers(1, 4)) :] if composed else []
    seated = [p.model_copy(update={"hindered": None, "manager_id": None}) for p in seated][: rules.max]
    return [p for p in people if p.employee_id not in {s.employee_id for s in seated}], seated, rules, composed


@settings(max_examples=300, deadline=None)
@given(situations())
def test_no_group_is_fuller_or_earlier_in_line_than_the_composed_one(situation: Situation) -> None:
    line, seated, rules, composed = situation
    composition = compose(line, seated, rules, composed=composed)
    best = by_trying_all(line, seated, rules, composed=composed)
    if isinstance(composition, NobodyFits):
        assert best is None
    else:
        assert names(composition) == (best or [])


@settings(max_examples=200, deadline=None)
@given(situations())
def test_the_integer_programme_alone_finds_the_best_group(situation: Situation) -> None:
    line, seated, rules, composed = situation
    present = [person for person in line if not person.hindered]
    best = by_trying_all(line, seated, rules, composed=composed)
    if best is not None:
        assert [person.employee_id for person in best_group(present, seated, rules, composed=composed)] == best


@settings(max_examples=150, deadline=None)
@given(situations())
def test_whoever_is_passed_over_could_not_have_sat_with_the_others(situation: Situation) -> None:
    line, seated, rules, composed = situation
    composition = compose(line, seated, rules, composed=composed)
    if isinstance(composition, NobodyFits):
        return
    last = max((line.index(one) for one in composition.chosen), default=-1)
    for passed in composition.passed:
        others = composition.chosen[:-1] if line.index(passed.person) < last else composition.chosen
        assert passed.person.hindered or not allowed((*others, passed.person), seated, rules, composed=composed)


@settings(max_examples=150, deadline=None)
@given(situations())
def test_beside_a_free_seat_everybody_who_waits_has_a_reason(situation: Situation) -> None:
    line, seated, rules, composed = situation
    composition = compose(line, seated, rules, composed=composed)
    if isinstance(composition, Composition) and len(seated) + len(composition.chosen) < rules.max:
        told = {passed.person for passed in composition.passed}
        assert told == set(line) - set(composition.chosen)
