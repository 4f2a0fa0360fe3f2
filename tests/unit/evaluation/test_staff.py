"""Who leads whom on a day, by what HR has said in whatever order."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.model import StaffMember
from services.evaluation.rules import staff
from shared.events.enrolment import Missing
from shared.events.hr import EmployeeChanged, EmployeeLeft

TODAY = date(2026, 11, 4)
TOMORROW, NEXT_MONTH = date(2026, 11, 5), date(2026, 12, 1)
TAKEN = datetime(2026, 11, 3, 1, tzinfo=UTC)


def led_by(
    manager: str | None, version: int = 1, since: date = date(2026, 1, 1), until: date | None = None
) -> EmployeeChanged:
    return EmployeeChanged(
        employee_id="E1",
        version=version,
        given_name="Eva",
        family_name="Ek",
        email="eva@exempelkommun.se",
        unit_id="U1",
        manager_id=manager,
        level="none",
        employed_from=date(2020, 1, 1),
        employed_to=until,
        effective_from=since,
    )


def left(last_day: date, version: int = 2) -> EmployeeLeft:
    return EmployeeLeft(employee_id="E1", version=version, last_day=last_day)


def after(*events: EmployeeChanged | EmployeeLeft) -> StaffMember:
    member = StaffMember(id="E1")
    for event in events:
        member = staff.told(member, event, TODAY) or member
    return member


def test_a_new_manager_counts_from_the_day_on_which_she_begins() -> None:
    member = after(led_by("M1"), led_by("M2", 2, NEXT_MONTH))
    assert staff.manager_on(member, NEXT_MONTH - timedelta(days=1)) == "M1"
    assert staff.manager_on(member, NEXT_MONTH) == "M2"


def test_who_leaves_has_her_manager_on_the_last_day_and_not_after() -> None:
    member = after(led_by("M1"), left(TODAY))
    assert staff.manager_on(member, TODAY) == "M1"
    assert staff.manager_on(member, TOMORROW) is None


def test_an_employment_that_ends_by_the_record_ends() -> None:
    member = after(led_by("M1", until=TODAY))
    assert staff.manager_on(member, TODAY) == "M1"
    assert staff.manager_on(member, TOMORROW) is None


def test_who_leads_herself_is_nobodys_employee() -> None:
    assert staff.manager_on(after(led_by("E1")), TODAY) is None


def test_what_is_told_twice_is_no_news() -> None:
    assert staff.told(after(led_by("M1")), led_by("M1"), TODAY) is None


def test_what_will_never_count_is_not_kept() -> None:
    assert len(after(led_by("M1"), led_by("M2", 2, date(2026, 12, 31)), led_by("M3", 3, NEXT_MONTH)).said) == 2


def test_nothing_about_her_but_whom_she_has_as_manager_is_kept() -> None:
    kept = after(led_by("M1")).model_dump_json()
    assert not any(word in kept for word in ("Eva", "Ek", "exempelkommun", "U1"))


WORDS = st.lists(
    st.builds(
        lambda version, manager, days, leaves: (
            left(TODAY + timedelta(days=days), version)
            if leaves
            else led_by(manager, version, TODAY + timedelta(days=days))
        ),
        st.integers(1, 9),
        st.sampled_from(["M1", "M2", "M3"]),
        st.integers(-40, 40),
        st.booleans(),
    ),
    unique_by=lambda event: event.version,
    max_size=6,
)


@given(WORDS, st.randoms(use_true_random=False), st.integers(0, 60))
def test_the_order_in_which_hr_is_heard_does_not_matter(
    words: list[EmployeeChanged | EmployeeLeft], chance: st.DataObject, days: int
) -> None:
    shuffled = list(words)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    day = TODAY + timedelta(days=days)
    begun = [one for one in words if staff.standing(one).begins <= day]
    newest = max(begun, key=lambda one: one.version, default=None)
    expected = newest.manager_id if isinstance(newest, EmployeeChanged) else None
    assert staff.manager_on(after(*shuffled), day) == expected


def lacking(version: int, taken_at: datetime = TAKEN) -> tuple[Missing, datetime]:
    return Missing(employee_id="E1", version=version, last_day=TODAY), taken_at


def test_who_is_missing_from_a_snapshot_has_nobody_as_manager_whichever_came_first() -> None:
    told_first = staff.missing(after(led_by("M1", 7)), *lacking(7))
    told_after = staff.told(staff.missing(None, *lacking(7)), led_by("M1", 7), TODAY)
    for member in (told_first, told_after):
        assert member is not None
        assert staff.manager_on(member, TODAY) == "M1"
        assert staff.manager_on(member, TOMORROW) is None


def test_what_hr_tells_after_the_snapshot_counts() -> None:
    member = staff.told(staff.missing(None, *lacking(7)), led_by("M1", 8), TODAY)
    assert member is not None
    assert staff.manager_on(member, TOMORROW) == "M1"


def test_who_is_in_a_later_snapshot_is_there_again_with_the_version_she_had() -> None:
    gone = staff.missing(after(led_by("M1", 7)), *lacking(7))
    back = staff.reconciled(gone, led_by("M2", 7), TAKEN + timedelta(days=1), TODAY)
    assert back is not None
    assert staff.manager_on(back, TOMORROW) == "M2"


def test_an_older_snapshot_says_nothing_about_who_is_in_a_newer() -> None:
    seen = staff.reconciled(None, led_by("M1", 7), TAKEN, TODAY)
    assert staff.missing(seen, *lacking(7, TAKEN - timedelta(days=1))) is None


def test_a_snapshot_told_twice_is_no_news() -> None:
    seen = staff.reconciled(None, led_by("M1", 7), TAKEN, TODAY)
    assert staff.reconciled(seen, led_by("M1", 7), TAKEN, TODAY) is None
    gone = staff.missing(seen, *lacking(7, TAKEN + timedelta(days=1)))
    assert staff.missing(gone, *lacking(7, TAKEN + timedelta(days=1))) is None


def test_reports_are_those_who_have_one_of_the_managers_on_the_day() -> None:
    people = [after(led_by("M1")).having(id=f"E{n}") for n in range(3)] + [after(led_by("M9")).having(id="E9")]
    assert staff.reports(people, ["M1", "M2"], TODAY) == {"E0": "M1", "E1": "M1", "E2": "M1"}
