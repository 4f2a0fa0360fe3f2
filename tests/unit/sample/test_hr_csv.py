"""A CSV file of employees: what each row says, and in one sentence what is wrong with a row or with the file."""

from datetime import date
from typing import Any

import pytest

from deploy.ctl import hr_changes, hr_csv
from deploy.ctl.hr_changes import Changes, Known
from deploy.ctl.hr_csv import NotAnHrFileError
from shared.events.hr import EmployeeChanged

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


def test_a_row_that_says_what_is_known_to_lie_ahead_is_left_out() -> None:
    coming = a_record(version=8, unit_id="U5", effective_from="2026-12-01").model_dump(by_alias=True)
    changes = said(HEAD, ASA.replace("U1", "U5"), known=asa(highest=8, upcoming=[coming]))
    assert (changes.events, changes.unchanged) == ([], 1)


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
