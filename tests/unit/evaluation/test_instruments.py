"""Questionnaires as data: what a file must hold, and that a decided wording stays."""

import hashlib
from pathlib import Path

import pytest
import yaml

from services.evaluation.instruments import minutes_to_answer
from services.evaluation.instruments.files import HERE, InstrumentError, read_instrument, read_instruments
from tests.unit.evaluation.arrange import INSTRUMENTS

LOCKED = {
    ("UM", 1): "45c6df238b7ce8d0",
    ("RX", 1): "1953874056799a6a",
}
"""Digests of the wordings that have been decided. A changed wording is a new version, with a line of its own here."""


def changed(tmp_path: Path, **fields: object) -> Path:
    body = yaml.safe_load((HERE / "UM.yaml").read_text(encoding="utf-8")) | fields
    path = tmp_path / "UM.yaml"
    path.write_text(yaml.safe_dump(body, allow_unicode=True), encoding="utf-8")
    return path


def test_a_locked_wording_has_not_been_changed() -> None:
    for instrument in INSTRUMENTS.values():
        wording = "\n".join(f"{item.id} {item.text.sv} {item.text.en}" for item in instrument.items)
        digest = hashlib.sha256(wording.encode()).hexdigest()[:16]
        assert instrument.locked
        assert LOCKED[instrument.code, instrument.version] == digest


def test_each_instrument_says_where_it_comes_from() -> None:
    for instrument in INSTRUMENTS.values():
        assert instrument.provenance.author
        assert instrument.provenance.licence == "CC0-1.0"


def test_every_item_is_in_both_languages() -> None:
    texts = [item.text for instrument in INSTRUMENTS.values() for item in instrument.items]
    assert all(text.sv and text.en and text.sv != text.en for text in texts)


def test_the_reaction_has_four_parts_of_two_items() -> None:
    assert [len(part.items) for part in INSTRUMENTS["RX"].parts] == [2, 2, 2, 2]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"version": 0}, "UM.yaml, version"),
        ({"items": []}, "UM.yaml, items"),
        ({"licence": "MIT"}, "UM.yaml, licence"),
        ({"parts": [{"code": "one", "title": {"sv": "a", "en": "b"}, "items": ["UM1"]}]}, "exactly once"),
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


@pytest.mark.parametrize(("items", "minutes"), [(1, 1), (5, 2), (13, 5)])
def test_the_time_that_is_promised_follows_the_number_of_questions(items: int, minutes: int) -> None:
    assert minutes_to_answer(items) == minutes
