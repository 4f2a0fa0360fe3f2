"""Questionnaires as data: what a file must hold, and that a decided wording stays."""

import hashlib
from pathlib import Path

import pytest
import yaml

from services.evaluation.instruments import Respondents, minutes_to_answer
from services.evaluation.instruments.files import HERE, InstrumentError, read_instrument, read_instruments
from tests.unit.evaluation.arrange import INSTRUMENTS

ASKED: tuple[Respondents, ...] = ("managers", "employees")

LOCKED = {
    ("BE", 1): "a0c27dda6166a6df",
    ("HME", 1): "02708e61ec552516",
    ("LU", 1): "04683c17d8410cdc",
    ("NV", 1): "e2243b9bf8e88a90",
    ("RI", 1): "7f941c057e4a2ea7",
    ("RX", 1): "1953874056799a6a",
    ("RX", 2): "c0f4f0f80cf0e072",
    ("TR", 1): "53a221308b69720a",
    ("UM", 1): "45c6df238b7ce8d0",
    ("UM", 2): "7981a386b0375acc",
}
"""Digests of the wordings that have been decided. A changed wording is a new version, with a line of its own here."""


def changed(tmp_path: Path, **fields: object) -> Path:
    body = yaml.safe_load((HERE / "UM-1.yaml").read_text(encoding="utf-8")) | fields
    path = tmp_path / "UM.yaml"
    path.write_text(yaml.safe_dump(body, allow_unicode=True), encoding="utf-8")
    return path


def test_a_locked_wording_has_not_been_changed() -> None:
    for instrument in INSTRUMENTS.editions:
        wording = "\n".join(f"{item.id} {item.text.sv} {item.text.en}" for item in instrument.items)
        digest = hashlib.sha256(wording.encode()).hexdigest()[:16]
        assert instrument.locked
        assert LOCKED[instrument.code, instrument.version] == digest


def test_each_instrument_says_where_it_comes_from() -> None:
    for instrument in INSTRUMENTS.editions:
        assert instrument.provenance.author
        ours = instrument.provenance.author == "Ledstjärna"
        assert (instrument.provenance.licence == "CC0-1.0") is ours


def test_every_item_is_in_both_languages() -> None:
    texts = [item.text for instrument in INSTRUMENTS.editions for item in instrument.items]
    assert all(text.sv and text.en and text.sv != text.en for text in texts)


def test_the_reaction_has_four_parts_of_two_items() -> None:
    assert [len(part.items) for part in INSTRUMENTS["RX"].parts] == [2, 2, 2, 2]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"version": 0}, "UM.yaml, version"),
        ({"items": []}, "UM.yaml, items"),
        ({"licence": "MIT"}, "UM.yaml, licence"),
        ({"parts": [{"code": "one", "title": {"sv": "a", "en": "b"}, "items": ["UM9"]}]}, "no items"),
        ({"parts": [{"code": one, "title": {"sv": "a", "en": "b"}, "items": ["UM1"]} for one in "ab"]}, "two parts"),
        ({"sections": [{"waves": ["T0"], "of": "managers", "items": ["UM7"]}]}, "no items"),
        ({"compares_with": [1]}, "before this one"),
        ({"items": [{"id": "UM1", "text": {"sv": "Hej."}}]}, "items.0.text.en"),
        ({"items": [{"id": "RX1", "text": {"sv": "Hej.", "en": "Hi."}}]}, "begin with UM"),
        ({"items": [{"id": "UM1", "text": {"sv": "Hej.", "en": "Hi."}}] * 2}, "used twice"),
    ],
)
def test_a_file_that_is_not_right_is_refused_with_file_and_field(
    tmp_path: Path, fields: dict[str, object], told: str
) -> None:
    with pytest.raises(InstrumentError, match=told):
        read_instrument(changed(tmp_path, **fields))


def test_a_file_that_is_not_yaml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "UM.yaml"
    path.write_text("code: [", encoding="utf-8")
    with pytest.raises(InstrumentError, match=r"UM\.yaml is not YAML"):
        read_instrument(path)


def test_two_files_with_the_same_instrument_are_refused(tmp_path: Path) -> None:
    changed(tmp_path).rename(tmp_path / "A.yaml")
    changed(tmp_path)
    with pytest.raises(InstrumentError, match="already an instrument UM"):
        read_instruments(tmp_path)


def test_the_newest_wording_is_the_one_that_is_asked() -> None:
    assert {(one.code, one.version) for one in INSTRUMENTS.values()} >= {("UM", 2), ("RX", 2), ("HME", 1), ("RI", 1)}
    assert INSTRUMENTS.edition("UM", 1).version == 1


def test_wordings_are_compared_only_where_the_newer_says_so() -> None:
    first, second = INSTRUMENTS.edition("UM", 1), INSTRUMENTS.edition("UM", 2)
    assert first.compares(second)
    assert second.compares(first)
    assert not first.compares(second.model_copy(update={"compares_with": ()}))
    assert not first.compares(INSTRUMENTS["LU"])


def test_the_index_is_made_of_the_same_items_in_wordings_that_are_compared() -> None:
    for one in INSTRUMENTS.editions:
        for other in (INSTRUMENTS.edition(one.code, version) for version in one.compares_with):
            assert one.index_items == other.index_items
            mine, theirs = ({item.id: item.text for item in each.items} for each in (one, other))
            assert all(mine[item] == theirs[item] for item in one.index_items)


def test_employees_are_asked_about_their_manager_and_managers_about_themselves() -> None:
    asked = {of: [i.id for code in ("HME", "BE") for i in INSTRUMENTS[code].items_in("T0", of)] for of in ASKED}
    assert asked["employees"] == ["HME4", "HME5", "HME6", "BE1", "BE2", "BE3"]
    assert asked["managers"] == ["HME7", "HME8", "HME9", "BE11", "BE12", "BE13"]


def test_a_pulse_is_four_questions_and_one_in_own_words() -> None:
    assert [item.id for item in INSTRUMENTS["RX"].items_in("P", "managers")] == ["RX1", "RX3", "RX5", "RX7", "RX10"]


@pytest.mark.parametrize(("codes", "minutes"), [(["RI"], 1), (["UM", "LU", "HME"], 4), (["TR"], 1)])
def test_the_time_that_is_promised_follows_what_is_asked(codes: list[str], minutes: int) -> None:
    wave = "T0" if "UM" in codes else "T1" if "RI" in codes else "T2"
    items = [item for code in codes for item in INSTRUMENTS[code].items_in(wave, "managers")]
    assert minutes_to_answer(items) == minutes


@pytest.mark.parametrize(("wave", "minutes"), [("T0", 4), ("P", 1), ("T1", 7), ("T2", 1), ("T3", 5), ("T4", 2)])
def test_a_pulse_is_promised_to_take_a_minute_and_the_longest_form_seven(wave: str, minutes: int) -> None:
    items = [item for one in INSTRUMENTS.values() for item in one.items_in(wave, "managers")]
    assert minutes_to_answer(items) == minutes
