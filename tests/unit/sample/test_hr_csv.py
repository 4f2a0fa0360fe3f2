"""A CSV file of employees: what each row says, and in one sentence what is wrong with a row or with the file."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.ctl import hr_changes, hr_csv
from deploy.ctl.hr_changes import Changes
from deploy.ctl.hr_csv import NotAnHrFileError
from deploy.ctl.hr_known import Known, differing
from services.enrolment.api.staff_imports import _registered
from services.enrolment.model import Employee
from services.enrolment.rules import career
from shared.events.hr import EmployeeChanged, EmployeeLeft

TODAY = date(2026, 9, 1)
HEAD = "employee_id,given_name,family_name,email,unit_id,level,employed_from"
ASA = "E1,Åsa,Öberg,asa@kommun.example,U1,first_line,2021-03-01"
EVA = "E2,Eva,Ek,eva@kommun.example,U1,none,2020-01-01"


def a_record(**changes: Any) -> EmployeeChanged:
    record = {
        "employee_id": "E1",
        "version": 7,
        "given_name": "Åsa",
        "family_name": "Öberg",
        "email": "asa@kommun.example",
        "language": "en",
        "unit_id": "U1",
        "manager_id": "E9",
        "level": "first_line",
        "employed_from": "2021-03-01",
        "effective_from": "2024-01-01",
    }
    return EmployeeChanged.model_validate(record | changes)


def said(*lines: str, known: Known | None = None, encoding: str = "utf-8", end: str = "\n") -> Changes:
    """What a file of these lines says to a register that knows at most one person."""
    sheet = hr_csv.read((end.join(lines) + end).encode(encoding))
    return hr_changes.compare(sheet, {known.employee_id: known} if known else {}, TODAY)


def asa(**changes: Any) -> Known:
    return Known.model_validate(
        {"employee_id": "E1", "version": 7, "highest": 7, "record": a_record().model_dump(by_alias=True)} | changes
    )


def faults(changes: Changes) -> list[tuple[int, str]]:
    return [(fault.line, fault.column) for fault in changes.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_is_read_in_whatever_way_a_spreadsheet_writes_it(encoding: str, delimiter: str, end: str) -> None:
    lines = [line.replace(",", delimiter) for line in (HEAD, ASA)]
    [event] = said(*lines, encoding=encoding, end=end).events
    assert (event.given_name, event.family_name, event.version) == ("Åsa", "Öberg", 1)


def test_swedish_headings_and_levels_are_understood() -> None:
    head = "Anställningsnummer;Förnamn;Efternamn;E-post;Enhet;Nivå;Anställd från;Frånvarande från;Chef"
    row = "E1;Åsa;Öberg;asa@kommun.example;U1;Första linjens chef;2021-03-01;2026-10-01;E9"
    [event] = said(head, row).events
    assert (event.level, event.manager_id) == ("first_line", "E9")
    assert event.absent
    assert (event.absent.first_day, event.absent.last_day) == (date(2026, 10, 1), None)


def test_wrong_rows_are_told_with_line_and_column_and_the_others_go_on() -> None:
    changes = said(
        HEAD,
        ASA.replace("asa@kommun.example", "asa"),
        EVA.replace("none", "boss").replace("2020-01-01", "1/1 2020"),
        ASA.replace("E1", "E3"),
        "E4,too,short",
        EVA.replace("Ek", "").replace("E2", "E5"),
        EVA.replace("E2", "E 2"),
    )
    expected = [(2, "email"), (3, "level"), (3, "employed_from"), (5, "row"), (6, "family_name"), (7, "employee_id")]
    assert faults(changes) == expected
    assert [event.employee_id for event in changes.events] == ["E3"]


def test_the_line_is_the_one_in_the_file_also_after_a_cell_with_line_breaks() -> None:
    changes = said(HEAD, "", '"E9","Ann\nMari",Ek,a@b.se,U1,none,2020-01-01', EVA.replace("U1", "U 1"))
    assert faults(changes) == [(3, "given_name"), (5, "unit_id")]


def test_a_quotation_mark_that_is_never_closed_spoils_its_own_row_only() -> None:
    changes = said(HEAD, ASA.replace("Öberg", '"Öberg'), EVA)
    assert faults(changes) == [(2, "row")]
    assert [event.employee_id for event in changes.events] == ["E2"]


def test_the_same_employee_twice_is_an_error_on_the_second_row() -> None:
    changes = said(HEAD, ASA, EVA, ASA.replace("U1", "U2"))
    assert [(fault.line, fault.reason) for fault in changes.faults] == [
        (4, "is on line 2 already: say how she stands in one row")
    ]
    assert changes.events[0].unit_id == "U1"


def test_what_looks_like_a_formula_is_plain_text() -> None:
    [event] = said(HEAD, ASA.replace("Öberg", '"=HYPERLINK(""http://x"")"')).events
    assert event.family_name == '=HYPERLINK("http://x")'


def test_a_byte_that_is_not_utf_8_spoils_its_own_row_only() -> None:
    """As when one name was pasted in from elsewhere: every cell that holds such a byte is told."""
    spoilt = EVA.replace("Eva", "Ev?").replace("U1", "U?").encode().replace(b"?", b"\xe5")
    sheet = hr_csv.read(
        "\n".join((HEAD, ASA, "", ASA.replace("E1", "E3"))).encode().replace(b"\n\n", b"\n%b\n" % spoilt)
    )
    assert [(fault.line, fault.column) for fault in sheet.faults] == [(3, "given_name"), (3, "unit_id")]
    assert sheet.faults[0].reason.startswith("is damaged (a byte of it is not UTF-8)")
    assert [(row.line, row.cells["given_name"]) for row in sheet.rows] == [(2, "Åsa"), (4, "Åsa")]


def test_a_byte_that_is_not_utf_8_in_a_column_that_is_not_ours_spoils_nothing() -> None:
    sheet = hr_csv.read(f"{HEAD},note\n{ASA},?\n".encode().replace(b"?", b"\xff"))
    assert (sheet.faults, len(sheet.rows)) == ([], 1)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"PK\x03\x04\x00\x00", "no text but a spreadsheet"),
        ("employee_id;level".encode("utf-16"), "is in UTF-16"),
        (b"Hello, I am a letter.\nYours", "is no CSV of employees"),
        (b"employee_id;level\nE1;none", "add the column given_name \\(förnamn\\)"),
        (f"{HEAD},nivå\n".encode(), "has the column level twice"),
        (f"{HEAD},förälder".encode() + b"\xff", "has a heading that is damaged"),
    ],
)
def test_a_file_that_cannot_be_used_says_so_in_one_sentence(data: bytes, says: str) -> None:
    with pytest.raises(NotAnHrFileError, match=says):
        hr_csv.read(data)


def test_a_row_that_says_what_is_known_is_left_out() -> None:
    changes = said(HEAD, ASA, known=asa())
    assert (changes.events, changes.unchanged) == ([], 1)


COMING = {"version": 8, "level": "middle", "effective_from": "2026-12-01"}
MIDDLE = ASA.replace("first_line", "middle")


def before_a_promotion(**changes: Any) -> Known:
    """Åsa, who becomes a middle manager in December."""
    return asa(highest=8, upcoming=[a_record(**COMING | changes).model_dump(by_alias=True)])


def before_she_leaves(**changes: Any) -> Known:
    """Åsa, of whom HR has told that 31 October is her last day."""
    return asa(highest=8, departures=[{"employee_id": "E1", "version": 8, "last_day": "2026-10-31"}], **changes)


def test_a_row_that_says_what_is_known_to_come_on_its_day_is_left_out() -> None:
    changes = said(f"{HEAD},effective_from", f"{MIDDLE},2026-12-01", known=before_a_promotion())
    assert (changes.events, changes.unchanged) == ([], 1)


@pytest.mark.parametrize(("day", "begins"), [("2026-10-01", date(2026, 10, 1)), ("", TODAY)])
def test_a_promotion_can_be_brought_forward(day: str, begins: date) -> None:
    changes = said(f"{HEAD},effective_from", f"{MIDDLE},{day}", known=before_a_promotion())
    assert [(one.version, one.level, one.effective_from) for one in changes.events] == [(9, "middle", begins)]
    assert changes.lost == []


def test_a_promotion_can_be_put_off_and_until_then_she_stays_as_she_is() -> None:
    changes = said(f"{HEAD},effective_from", f"{MIDDLE},2027-01-01", known=before_a_promotion())
    assert [(one.version, one.level, one.effective_from) for one in changes.events] == [
        (10, "middle", date(2027, 1, 1)),
        (9, "first_line", TODAY),
    ]


def test_since_when_she_has_had_her_level_is_news_only_if_it_is_longer() -> None:
    known = asa(level_since="2024-01-01")
    for day, news in (("2023-06-01", 1), ("2024-01-01", 0), ("2025-01-01", 0)):
        assert len(said(f"{HEAD},effective_from", f"{ASA},{day}", known=known).events) == news, day


def test_what_is_known_to_come_outlives_a_correction_and_takes_it_over() -> None:
    changes = said(HEAD, ASA.replace("asa@", "asa.oberg@"), known=before_a_promotion())
    assert [(one.version, one.level, one.email, one.effective_from) for one in changes.events] == [
        (10, "middle", "asa.oberg@kommun.example", date(2026, 12, 1)),
        (9, "first_line", "asa.oberg@kommun.example", TODAY),
    ]
    assert (changes.repeated, changes.numbered, changes.lost) == (1, 2, [])


def test_what_comes_keeps_what_it_changes_by_itself() -> None:
    known = before_a_promotion(email="asa@bolag.example")
    last, first = said(HEAD, ASA.replace("asa@", "asa.oberg@"), known=known).events
    assert (first.email, last.email) == ("asa.oberg@kommun.example", "asa@bolag.example")


def test_a_known_departure_stays_when_the_file_does_not_speak_of_it() -> None:
    [event] = said(HEAD, ASA.replace("asa@", "asa.oberg@"), known=before_she_leaves()).events
    assert (event.version, event.employed_to) == (9, date(2026, 10, 31))


def test_a_departure_after_a_promotion_stays_too() -> None:
    gone = [{"employee_id": "E1", "version": 9, "last_day": "2027-01-31"}]
    known = before_a_promotion().model_copy(update={"highest": 9})
    known = Known.model_validate(known.model_dump(by_alias=True) | {"departures": gone})
    events = said(HEAD, ASA.replace("asa@", "asa.oberg@"), known=known).events
    assert [(one.level, one.employed_to) for one in events] == [
        ("middle", date(2027, 1, 31)),
        ("first_line", date(2027, 1, 31)),
    ]


def test_a_last_day_that_is_known_already_is_no_news() -> None:
    changes = said(f"{HEAD},employed_to", f"{ASA},2026-10-31", known=before_she_leaves())
    assert (changes.events, changes.unchanged) == ([], 1)


def test_a_departure_that_the_file_takes_back_is_told() -> None:
    changes = said(f"{HEAD},employed_to", f"{ASA},", known=before_she_leaves())
    assert [one.employed_to for one in changes.events] == [None]
    assert [(loss.line, loss.what) for loss in changes.lost] == [
        (2, "the last day 2026-10-31 that is known is taken back")
    ]


def test_what_would_come_after_the_last_day_that_a_row_names_is_told_to_be_lost() -> None:
    changes = said(f"{HEAD},employed_to", f"{ASA},2026-11-30", known=before_a_promotion())
    assert [one.level for one in changes.events] == ["first_line"]
    assert [loss.what for loss in changes.lost] == ["what is known to come on 2026-12-01 (level) will not come"]


def test_a_row_with_a_version_of_hr_replaces_what_was_to_come_by_an_older_one_and_says_so() -> None:
    changes = said(f"{HEAD},version", f"{ASA},9", known=before_a_promotion())
    assert [(one.version, one.level) for one in changes.events] == [(9, "first_line")]
    assert [loss.what for loss in changes.lost] == ["what is known to come on 2026-12-01 (level) will not come"]


def test_a_new_employment_after_a_break_is_not_drawn_into_the_one_that_ends() -> None:
    again = a_record(version=9, employed_from="2027-03-01", effective_from="2027-03-01")
    known = before_she_leaves(upcoming=[again.model_dump(by_alias=True)]).model_copy(update={"highest": 9})
    last, first = said(HEAD, ASA.replace("asa@", "asa.oberg@"), known=known).events
    assert (first.employed_to, last.employed_to) == (date(2026, 10, 31), None)
    assert (last.employed_from, last.email) == (date(2027, 3, 1), "asa.oberg@kommun.example")


def test_a_change_takes_the_version_after_the_highest_known_and_holds_from_today() -> None:
    changes = said(HEAD, ASA.replace("U1", "U2"), known=asa(highest=9))
    [event] = changes.events
    assert (event.version, event.unit_id, event.effective_from) == (10, "U2", TODAY)
    assert (changes.numbered, changes.new, changes.differences) == (1, 0, {"unit_id": 1})


def test_columns_that_the_file_lacks_stay_as_they_are_known() -> None:
    [event] = said(HEAD, ASA.replace("U1", "U2"), known=asa()).events
    assert (event.language, event.manager_id) == ("en", "E9")


def test_an_empty_cell_says_that_there_is_no_manager() -> None:
    [event] = said(f"{HEAD},manager_id", f"{ASA},", known=asa()).events
    assert event.manager_id is None


def test_whoever_is_new_counts_from_her_first_day_so_that_a_first_file_appoints_nobody_today() -> None:
    [event] = said(HEAD, ASA).events
    assert event.effective_from == date(2021, 3, 1)


def test_whoever_had_left_and_is_in_the_file_is_told_again() -> None:
    [event] = said(HEAD, ASA, known=asa(left=True)).events
    assert (event.version, event.employed_to) == (8, None)


@pytest.mark.parametrize(("version", "published", "old"), [("7", 0, 1), ("9", 1, 0)])
def test_a_version_of_hr_is_taken_as_it_is(version: str, published: int, old: int) -> None:
    changes = said(f"{HEAD},version", f"{ASA},{version}", known=asa())
    assert (len(changes.events), changes.old, changes.numbered) == (published, old, 0)


def test_a_leave_needs_its_first_day() -> None:
    changes = said(f"{HEAD},absent_from,absent_to", f"{ASA},,2026-10-01", f"{EVA},2026-10-02,2026-10-01")
    assert faults(changes) == [(2, "absent_to"), (3, "absent_to")]


def test_headings_that_are_not_ours_are_named_and_left_out() -> None:
    assert hr_csv.read(f"{HEAD},shoe size\n{ASA},38".encode()).ignored == ("shoe size",)


def test_a_file_of_all_the_staff_is_read_in_seconds() -> None:
    changes = said(HEAD, *(EVA.replace("E2", f"E{number}") for number in range(5700)))
    assert (len(changes.events), changes.faults) == (5700, [])


def test_whoever_had_left_and_is_back_today_does_not_begin_once_more_and_that_is_told() -> None:
    again = a_record(version=9, employed_from="2027-03-01", effective_from="2027-03-01").model_dump(by_alias=True)
    gone = [{"employee_id": "E1", "version": 10, "last_day": "2027-06-30"}]
    changes = said(HEAD, ASA, known=asa(left=True, highest=10, upcoming=[again], departures=gone))
    assert [(one.version, one.employed_to) for one in changes.events] == [(11, None)]
    assert changes.differences == {"effective_from": 1}
    assert [loss.what for loss in changes.lost] == [
        "what is known to come on 2027-03-01 (employed_from, employed_to) will not come"
    ]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 60), st.sampled_from(["middle", "senior", "U2", "U3", "leaves"])), max_size=4))
def test_a_correction_of_her_address_changes_nothing_else_on_any_coming_day(ahead: list[tuple[int, str]]) -> None:
    """The register is enrolment's own: what is published goes through the rule by which it keeps HR's words."""
    register = career.told(None, a_record(), TODAY)[0]
    for version, (days, what) in enumerate(ahead, 8):
        day = TODAY + timedelta(days=days)
        field = "unit_id" if what.startswith("U") else "level"
        left = EmployeeLeft(employee_id="E1", version=version, last_day=day)
        fact = left if what == "leaves" else a_record(version=version, effective_from=day, **{field: what})
        register = career.told(register, fact, TODAY)[0]
    corrected = register
    for event in said(HEAD, ASA.replace("asa@", "asa.oberg@"), known=as_the_api_tells(register)).events:
        corrected = career.told(corrected, event, TODAY)[0]
    for days in range(62):
        was, now = (career.as_of(one, TODAY + timedelta(days=days)) for one in (register, corrected))
        assert was.record
        assert now.record
        assert now.left == was.left
        assert was.left or differing(now.record, was.record) in (["email"], ["email", "employed_to"])
    assert career.last_day(corrected) == career.last_day(register)


def as_the_api_tells(employee: Employee) -> Known:
    return Known.model_validate(_registered(employee))
