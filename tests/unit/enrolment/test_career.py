"""How HR's facts are understood: order, days, and what they mean for somebody's career."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrolment.model import Employee, StaffFact
from services.enrolment.rules import career, snapshots
from services.enrolment.rules.career_changes import (
    FOLLOWS,
    MEANING,
    Change,
    Joined,
    Leaving,
    Left,
    Moved,
    NewAddress,
    NewLineManager,
    Promoted,
    Rehired,
    Renamed,
    Returned,
    StaysAfterAll,
    StaysLonger,
    SteppedDown,
    WentOnLeave,
)
from shared.events.hr import EmployeeLeft
from tests.unit.enrolment.arrange import TODAY, an_employee, hr_says

TOMORROW = TODAY + timedelta(days=1)


def after(*facts: StaffFact, today: date = TODAY) -> Employee:
    known: Employee | None = None
    for fact in facts:
        known = career.told(known, fact, today)[0]
    assert known
    return known


def left(version: int, last_day: date) -> EmployeeLeft:
    return EmployeeLeft(employee_id="E1", version=version, last_day=last_day)


def test_the_same_version_again_is_stale() -> None:
    assert career.told(an_employee(version=3), hr_says(version=3, level="middle"), TODAY)[1] == "stale"


def test_an_older_version_is_stale() -> None:
    assert career.told(an_employee(version=3), hr_says(version=2), TODAY)[1] == "stale"


def test_a_change_with_a_coming_day_is_held_and_changes_nothing_today() -> None:
    employee, told = career.told(an_employee(), hr_says(version=2, level="middle", effective_from=TOMORROW), TODAY)
    assert told == "held"
    assert employee.record
    assert employee.record.level == "first_line"
    assert career.next_day(employee, TODAY) == TOMORROW


def test_a_held_change_holds_from_its_day() -> None:
    employee = after(hr_says(version=1), hr_says(version=2, level="middle", effective_from=TOMORROW))
    tomorrow = career.as_of(employee, TOMORROW)
    assert tomorrow.record
    assert (tomorrow.record.level, tomorrow.level_since, tomorrow.upcoming) == ("middle", TOMORROW, ())


def test_the_same_held_change_told_again_is_stale() -> None:
    coming = hr_says(version=2, effective_from=TOMORROW)
    assert career.told(after(hr_says(), coming), coming, TODAY)[1] == "stale"


def test_a_newer_change_that_holds_today_replaces_a_coming_older_one() -> None:
    employee = after(hr_says(version=2, level="middle", effective_from=TOMORROW), hr_says(version=3))
    assert employee.upcoming == ()


def test_an_older_change_that_holds_today_leaves_the_coming_newer_one() -> None:
    coming = hr_says(version=3, level="middle", effective_from=TOMORROW)
    employee = after(coming, hr_says(version=2))
    assert employee.record
    assert (employee.record.version, employee.upcoming) == (2, (coming,))


def test_she_has_left_the_day_after_her_last_day_and_not_before() -> None:
    employee = after(hr_says(), left(2, TODAY))
    assert not employee.left
    assert career.next_day(employee, TODAY) == TOMORROW
    assert career.as_of(employee, TOMORROW).left


def test_the_end_that_a_record_names_is_a_departure_too() -> None:
    employee = after(hr_says(employed_to=TODAY))
    assert career.next_day(employee, TODAY) == TOMORROW
    assert career.as_of(employee, TOMORROW).left


def test_a_newer_record_after_the_departure_is_a_return_to_work() -> None:
    gone = after(hr_says(), left(2, date(2026, 8, 1)))
    back = career.told(gone, hr_says(version=3, effective_from="2026-09-01"), TODAY)[0]
    assert career.career_change(gone, back) == (Rehired(),)
    assert back.level_since == TODAY


def test_a_departure_told_before_the_person_is_not_undone_by_the_older_record() -> None:
    assert career.told(after(left(2, date(2026, 8, 1))), hr_says(version=1), TODAY)[1] == "stale"


FACTS: list[StaffFact] = [
    hr_says(version=1),
    hr_says(version=2, level="middle", effective_from=TOMORROW),
    hr_says(version=3, unit_id="U2"),
    left(4, TODAY + timedelta(days=9)),
    hr_says(version=5, level="senior", effective_from=TODAY + timedelta(days=20)),
]


@given(order=st.permutations([*FACTS, *FACTS]), days=st.integers(0, 30))
def test_the_order_in_which_facts_arrive_changes_nothing(order: list[StaffFact], days: int) -> None:
    day = TODAY + timedelta(days=days)
    assert career.as_of(after(*FACTS), day) == career.as_of(after(*order), day)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"level": "middle"}, Promoted),
        ({"level": "none"}, SteppedDown),
        ({"unit_id": "U9"}, Moved),
        ({"manager_id": "E9"}, NewLineManager),
        ({"family_name": "Ek"}, Renamed),
        ({"email": "asa.ek@kommun.example"}, NewAddress),
        ({"absent": {"from": "2026-08-01", "to": None}}, WentOnLeave),
    ],
)
def test_each_kind_of_change_is_told_apart(changes: dict[str, Any], kind: type) -> None:
    before = an_employee()
    found = career.career_change(before, career.told(before, hr_says(version=2, **changes), TODAY)[0])
    assert [type(change) for change in found] == [kind]


def test_several_changes_in_one_message_are_all_seen() -> None:
    before = an_employee()
    message = hr_says(version=2, level="middle", unit_id="U9", manager_id="E9", family_name="Ek")
    found = career.career_change(before, career.told(before, message, TODAY)[0])
    assert {type(change) for change in found} == {Promoted, Moved, NewLineManager, Renamed}


def test_a_first_record_means_that_she_joined() -> None:
    assert career.career_change(None, an_employee()) == (Joined(),)


def test_leaving_is_the_only_news_about_somebody_who_left() -> None:
    gone = after(hr_says(version=2, level="middle"), left(3, date(2026, 8, 1)))
    assert career.career_change(an_employee(), gone) == (Left(),)


def test_she_returns_when_her_leave_has_ended() -> None:
    away = an_employee(absent={"from": "2026-08-01", "to": TODAY.isoformat()})
    assert career.career_change(away, career.as_of(away, TOMORROW)) == (Returned(),)


def test_the_level_counts_from_the_record_in_which_it_was_reached() -> None:
    employee = after(hr_says(effective_from="2025-01-01"), hr_says(version=2, unit_id="U2", effective_from=TODAY))
    assert employee.level_since == date(2025, 1, 1)


LEVELS_OVER_TIME: list[StaffFact] = [
    hr_says(version=1, effective_from="2019-01-01"),
    hr_says(version=2, level="none", effective_from="2020-01-01"),
    hr_says(version=3, effective_from="2021-01-01", employed_to="2021-12-31"),
    hr_says(version=4, effective_from="2023-01-01"),
    hr_says(version=5, unit_id="U2", effective_from="2024-01-01"),
    hr_says(version=6, unit_id="U3", effective_from=TODAY),
]


@given(order=st.permutations(LEVELS_OVER_TIME))
def test_the_level_counts_from_the_same_day_in_whatever_order_it_is_told(order: list[StaffFact]) -> None:
    assert after(*order).level_since == date(2023, 1, 1)


@settings(deadline=None)
@given(order=st.permutations(range(2, 30)))
def test_of_a_long_career_the_day_when_the_level_was_reached_is_not_forgotten(order: list[int]) -> None:
    in_order = [hr_says(version=n, unit_id=f"U{n}", effective_from=date(2025, 1, n)) for n in range(2, 30)]
    assert after(hr_says(effective_from="2024-06-01"), *in_order).level_since == date(2024, 6, 1)
    shuffled = [in_order[n - 2] for n in order]
    assert after(hr_says(effective_from="2024-06-01"), *shuffled).level_since == date(2024, 6, 1)


def test_a_last_day_that_lies_ahead_is_news_in_itself() -> None:
    staying, leaving = an_employee(), after(hr_says(), left(2, TODAY + timedelta(days=30)))
    assert career.career_change(staying, leaving) == (Leaving(last_day=TODAY + timedelta(days=30)),)


def test_a_last_day_in_the_record_is_the_same_news() -> None:
    before = an_employee()
    later = career.told(before, hr_says(version=2, employed_to=TOMORROW), TODAY)[0]
    assert career.career_change(before, later) == (Leaving(last_day=TOMORROW),)


def test_a_departure_that_is_taken_back_is_news_too() -> None:
    leaving = after(hr_says(), left(2, TODAY + timedelta(days=30)))
    staying = career.told(leaving, hr_says(version=3), TODAY)[0]
    assert career.career_change(leaving, staying) == (StaysAfterAll(),)


def test_a_departure_that_is_put_off_is_told_apart_from_one_that_is_brought_forward() -> None:
    leaving = after(hr_says(), left(2, TODAY + timedelta(days=30)))
    later = career.told(leaving, left(3, TODAY + timedelta(days=60)), TODAY)[0]
    sooner = career.told(leaving, left(3, TODAY + timedelta(days=9)), TODAY)[0]
    assert career.career_change(leaving, later) == (StaysLonger(last_day=TODAY + timedelta(days=60)),)
    assert career.career_change(leaving, sooner) == (Leaving(last_day=TODAY + timedelta(days=9)),)


def test_a_departure_that_was_put_off_does_not_happen_on_the_first_day_named() -> None:
    leaving = after(hr_says(), left(2, TODAY), left(3, TODAY + timedelta(days=60)))
    assert not career.as_of(leaving, TOMORROW).left
    assert career.as_of(leaving, TODAY + timedelta(days=61)).left
    assert career.told(leaving, left(2, TODAY), TODAY)[1] == "stale"


def test_whoever_had_left_by_mistake_is_back_when_hr_names_a_later_last_day() -> None:
    gone = after(hr_says(), left(2, date(2026, 8, 1)))
    back = career.told(gone, left(3, TODAY + timedelta(days=60)), TODAY)[0]
    assert career.career_change(gone, back) == (Rehired(), Leaving(last_day=TODAY + timedelta(days=60)))


def test_whoever_was_once_missing_from_a_snapshot_is_back_like_others_when_hr_names_a_later_last_day() -> None:
    missed = snapshots.missing(after(hr_says(version=7)), datetime(2026, 9, 1, tzinfo=UTC), TODAY)
    assert missed
    assert missed.left
    for fact in (hr_says(version=8), left(9, TODAY - timedelta(days=1)), left(10, TODAY + timedelta(days=60))):
        missed = career.told(missed, fact, TODAY)[0]
    assert not missed.left


def test_a_new_employment_that_is_called_off_does_not_bring_back_whoever_has_left() -> None:
    again = hr_says(version=3, effective_from=TODAY + timedelta(days=9))
    gone = after(hr_says(), left(2, date(2026, 8, 1)), again)
    assert career.told(gone, left(4, TODAY + timedelta(days=8)), TODAY)[0].left


@settings(max_examples=30)
@given(st.permutations([2, 3, 4]))
def test_an_employment_that_ends_twice_ends_on_the_first_day_in_whatever_order_it_is_told(order: list[int]) -> None:
    facts: dict[int, StaffFact] = {
        2: left(2, TODAY + timedelta(days=20)),
        3: hr_says(version=3, effective_from=TODAY + timedelta(days=40)),
        4: left(4, TODAY + timedelta(days=30)),
    }
    told = after(hr_says(), *(facts[version] for version in order))
    assert career.last_day(told) == TODAY + timedelta(days=20)


def test_two_employments_one_after_the_other_end_both() -> None:
    again = hr_says(version=3, effective_from=TODAY + timedelta(days=30))
    twice = after(hr_says(), left(2, TODAY), again, left(4, TODAY + timedelta(days=60)))
    assert career.as_of(twice, TOMORROW).left
    assert not career.as_of(twice, TODAY + timedelta(days=30)).left
    assert career.as_of(twice, TODAY + timedelta(days=61)).left


def test_whoever_is_employed_again_on_a_later_day_leaves_all_the_same() -> None:
    ahead = hr_says(version=3, effective_from=TODAY + timedelta(days=90))
    assert career.last_day(after(hr_says(), left(2, TODAY + timedelta(days=30)), ahead)) == TODAY + timedelta(days=30)


def test_a_coming_record_without_an_end_takes_the_end_away() -> None:
    ahead = hr_says(version=2, effective_from=TOMORROW)
    assert career.last_day(after(hr_says(employed_to=TODAY + timedelta(days=30)), ahead)) is None


def starting(version: int, first_day: date, **changes: Any) -> StaffFact:
    """What HR says today of somebody who begins on a coming day."""
    return hr_says(version=version, **({"employed_from": first_day, "effective_from": first_day} | changes))


IN_A_WEEK, IN_A_MONTH = TODAY + timedelta(days=7), TODAY + timedelta(days=30)


def test_whoever_begins_on_a_coming_day_joins_on_that_day_though_hr_tells_of_her_today() -> None:
    coming = after(starting(1, IN_A_WEEK, effective_from=TODAY))
    assert career.career_change(None, coming) == ()
    there = career.as_of(coming, IN_A_WEEK)
    assert (career.next_day(coming, TODAY), career.career_change(coming, there)) == (IN_A_WEEK, (Joined(),))
    assert there.level_since == IN_A_WEEK


@pytest.mark.parametrize("told_from", [TODAY, IN_A_MONTH])
@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_whose_first_day_is_put_off_does_not_join_on_the_day_first_named(
    order: tuple[int, int], told_from: date
) -> None:
    said = {1: starting(1, IN_A_WEEK), 2: starting(2, IN_A_MONTH, effective_from=told_from)}
    coming = after(*(said[version] for version in order))
    assert career.as_of(coming, IN_A_WEEK).record is None
    assert career.as_of(coming, IN_A_MONTH).record == said[2]


@pytest.mark.parametrize("end", ["in her record", "told apart"])
def test_two_coming_employments_with_a_break_are_both_kept(end: str) -> None:
    last = IN_A_WEEK + timedelta(days=1)
    facts = {
        "in her record": [starting(1, IN_A_WEEK, employed_to=last)],
        "told apart": [starting(1, IN_A_WEEK), left(2, last)],
    }[end]
    coming = after(*facts, starting(3, IN_A_MONTH))
    assert career.as_of(coming, IN_A_WEEK).record == facts[0]


@pytest.mark.parametrize("kind", get_args(Change), ids=lambda kind: kind.__name__)
def test_every_kind_of_change_says_what_follows_from_it(kind: type[Change]) -> None:
    assert FOLLOWS[kind] <= set(MEANING)


def test_a_career_says_what_changed_and_from_which_day_and_names_no_address() -> None:
    before = an_employee()
    told = career.told(before, hr_says(version=2, level="middle", email="new@kommun.example"), TODAY)[0]
    noon = datetime(2026, 9, 1, 12, tzinfo=UTC)
    noted = career.noted(told, career.career_change(before, told), noon, TODAY)
    assert [(note.at, note.on, note.what.code) for note in noted.career] == [
        (noon, date(2026, 4, 1), "Promoted"),
        (noon, date(2026, 4, 1), "NewAddress"),
    ]
    assert "@" not in str(noted.career)
    assert noted.career[0].what.text.sv == "Från första linjens chef till mellanchef."


def test_a_long_career_keeps_its_newest_notes() -> None:
    employee = an_employee()
    for number in range(career.MOST_NOTES + 5):
        moved = Moved(unit_id=f"U{number}")
        employee = career.noted(employee, (moved,), datetime(2026, 9, 1, tzinfo=UTC), TODAY)
    assert len(employee.career) == career.MOST_NOTES
    assert employee.career[-1].what.text.en == f"New unit (U{career.MOST_NOTES + 4})."
