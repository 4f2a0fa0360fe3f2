"""Groups as they are composed, judged by trying every possible group."""

import itertools
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrolment.programme_file import GroupRules
from services.enrolment.rules.composition import Composition, NobodyFits, Passed, compose, in_line
from services.enrolment.rules.integer_programme import best_group
from services.enrolment.rules.people import Person
from services.enrolment.rules.reasons import DepartmentShareReached, OnLeave, OwnManagerInGroup

OPEN_RULES = GroupRules(min=1, max=3)


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
    assert names(compose([person("A"), person("C")], [person("B", manager="A")], OPEN_RULES, 3)) == ["C"]


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
    assert names(compose([person("A")], [person(name) for name in "XYZ"], OPEN_RULES, 3)) == []


def test_the_limit_of_the_composition_holds_for_a_later_seat() -> None:
    seated = [person("X", "D1"), person("Y", "D2")]
    line = [person("A", "D1"), person("B", "D3")]
    assert names(compose(line, seated, GroupRules(min=1, max=3, max_share_per_department=0.4), 1)) == ["B"]


def test_without_a_rule_on_departments_a_small_group_grows_from_one_department() -> None:
    small = compose([person("A")], [], OPEN_RULES)
    assert isinstance(small, Composition)
    assert names(compose([person("B"), person("C")], [person("A")], OPEN_RULES, small.department_limit)) == ["B", "C"]


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


def allowed(group: tuple[Person, ...], rules: GroupRules, limit: int | None) -> bool:
    """The rules, written once more in the plainest way."""
    ids = {person.employee_id for person in group}
    together = any(person.manager_id in ids - {person.employee_id} for person in group)
    counts = [sum(person.department == other.department for other in group) for person in group]
    most = rules.max_share_per_department * len(group) + 1e-9 if limit is None else limit
    return (
        len(group) <= rules.max
        and (limit is not None or len(group) >= rules.min)
        and not (rules.separate_manager_and_report and together)
        and all(count <= most for count in counts)
    )


def by_trying_all(
    line: list[Person], seated: list[Person], rules: GroupRules, limit: int | None
) -> tuple[str, ...] | None:
    """The best group found by trying them all: the largest, and among those the first in order of the queue."""
    present = [person for person in line if not person.hindered]
    for size in range(min(len(present), rules.max - len(seated)), -1, -1):
        for group in itertools.combinations(present, size):  # in order of the queue, first in line first
            if allowed((*group, *seated), rules, limit):
                return tuple(person.employee_id for person in group)
    return None


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[Person], list[Person], GroupRules, int | None]:
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
    limit = draw(st.one_of(st.none(), st.integers(1, 3)))
    seated = [p.model_copy(update={"hindered": None, "manager_id": None}) for p in people[-2:]] if limit else []
    if not allowed(tuple(seated), rules, limit):
        seated = []
    return [p for p in people if p.employee_id not in {s.employee_id for s in seated}], seated, rules, limit


@settings(max_examples=300, deadline=None)
@given(situations())
def test_no_group_is_fuller_or_earlier_in_line_than_the_composed_one(
    situation: tuple[list[Person], list[Person], GroupRules, int | None],
) -> None:
    line, seated, rules, limit = situation
    composition = compose(line, seated, rules, limit)
    best = by_trying_all(line, seated, rules, limit)
    if isinstance(composition, NobodyFits):
        assert best is None
    else:
        assert tuple(names(composition)) == best


@settings(max_examples=200, deadline=None)
@given(situations())
def test_the_integer_programme_alone_finds_the_best_group(
    situation: tuple[list[Person], list[Person], GroupRules, int | None],
) -> None:
    line, seated, rules, limit = situation
    present = [person for person in line if not person.hindered]
    best = by_trying_all(line, seated, rules, limit)
    if best is not None:
        assert tuple(person.employee_id for person in best_group(present, seated, rules, limit)) == best


@settings(max_examples=150, deadline=None)
@given(situations())
def test_whoever_is_passed_over_could_not_have_sat_with_the_others(
    situation: tuple[list[Person], list[Person], GroupRules, int | None],
) -> None:
    line, seated, rules, limit = situation
    composition = compose(line, seated, rules, limit)
    if isinstance(composition, NobodyFits):
        return
    for passed in composition.passed:
        instead = (*composition.chosen[:-1], *seated, passed.person)
        assert passed.person.hindered or not allowed(instead, rules, composition.department_limit)
