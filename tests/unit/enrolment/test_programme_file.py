"""Programme files as the office writes them, with the mistakes that people make."""

import pytest

from services.enrolment.programme_file import ProgrammeFileError, read
from tests.unit.enrolment.arrange import FLC


def faults(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(ProgrammeFileError) as refused:
        read(text)
    return [(fault.line, fault.field, fault.message) for fault in refused.value.errors]


def line_of(words: str) -> int:
    return next(number for number, line in enumerate(FLC.splitlines(), 1) if words in line)


def test_a_right_file_is_read() -> None:
    file = read(FLC)
    assert (file.code, file.group.max, [module.code for module in file.modules]) == ("FLC", 4, ["M1", "M2"])


def test_the_same_file_as_json_is_the_same_programme() -> None:
    assert read(read(FLC).model_dump_json()) == read(FLC)


@pytest.mark.parametrize(
    ("right", "wrong", "field", "words"),
    [
        ("max: 4", "max: many", "group.max", "valid integer"),
        ("max: 4", "max: 1", "group", "min is 2, which is more than max 1"),
        ("levels: [first_line]", "levels: [firstline]", "audience.levels[0]", "'firstline' is not a level"),
        ("approval: none", "approval: manager", "approval", "'none' or 'line_manager'"),
        ("kind: reflection,", "", "modules[1].kind", "is missing: add it"),
        ("answer_within_days: 7", "answer_in_days: 7", "offer.answer_in_days", "is not a key"),
        ("waves: [T0, T1]", "waves: [T0, T9]", "evaluation.waves[1]", "Input should be"),
        ("on_promotion: finish", "on_promotion: stay", "policies.on_promotion", "'finish', 'transfer' or 'withdraw'"),
        ("levels: [first_line]", "levels: [potential]", "audience", "entry: nominated"),
        ("attend_at_least: 0.8", "attend_at_least: 80", "completion.attend_at_least", "less than or equal to 1"),
        ("approval: none", "code: FLC", "code", "is there twice"),
        ("approval: none", "approval: no", "approval", "'none' or 'line_manager'"),
        ("goals: [G1, G4]", "goals: " + "[" * 900 + "]" * 900, "file", "too deep"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_field(right: str, wrong: str, field: str, words: str) -> None:
    found = faults(FLC.replace(right, wrong))
    assert [(line, where) for line, where, _ in found] == [(line_of(right), field)]
    assert words in found[0][2]


def test_every_mistake_is_told_in_the_order_of_the_file() -> None:
    found = faults(FLC.replace("min: 2", "min: 0").replace("hours: 3", "hours: -3"))
    assert [field for _, field, _ in found] == ["group.min", "modules[1].hours"]


def test_a_missing_part_is_told() -> None:
    without = "\n".join(line for line in FLC.splitlines() if not line.startswith("group:"))
    assert faults(without) == [(1, "group", "is missing: add it")]


def test_two_modules_with_one_code_are_refused() -> None:
    assert "the code M1 is used twice" in faults(FLC.replace("code: M2", "code: M1"))[0][2]


def test_modules_out_of_order_are_refused() -> None:
    assert "follow in the order they are held" in faults(FLC.replace("after_days: 0", "after_days: 30"))[0][2]


@pytest.mark.parametrize(
    "text", ["", "just words", "[1, 2]", "a: [1", "a: \x00", "a: &x [1]\nb: *x", "{" * 200, "x: !!python/name:os"]
)
def test_what_is_no_programme_is_refused_in_one_sentence(text: str) -> None:
    found = faults(text)
    assert found
    assert all(line >= 1 and message for line, _, message in found)


def test_an_enormous_file_is_refused_before_it_is_read() -> None:
    assert "longer than" in faults("a" * 200_000)[0][2]


def test_a_required_module_must_be_one_of_the_programmes() -> None:
    [(_, _, message)] = faults(FLC.replace("attend_at_least: 0.8", "required: [M9]"))
    assert "there is no module M9" in message


@pytest.mark.parametrize(
    ("written", "instead"), [("attend_at_least: 0.8", "attend_at_least: no"), ("min: 2", "min: true")]
)
def test_a_yes_or_no_where_a_number_belongs_is_refused(written: str, instead: str) -> None:
    with pytest.raises(ProgrammeFileError, match="valid"):
        read(FLC.replace(written, instead))
