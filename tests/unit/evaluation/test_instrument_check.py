"""`ledstjarna instrument check`: what is wrong with a file and what to do, or what it would ask when."""

import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from deploy.ctl.main import app
from services.evaluation.instruments.files import HERE, read_instrument, read_instruments

DOCS = Path(__file__).parents[3] / "docs" / "instruments.md"


def check(path: Path) -> Result:
    return CliRunner().invoke(app, ["instrument", "check", str(path)], env={"COLUMNS": "200"})


def written(tmp_path: Path, **changes: object) -> Path:
    """Our UM as an own instrument, with changes; nothing takes a field out."""
    text = (HERE / "UM-1.yaml").read_text(encoding="utf-8").replace("UM", "XUM")
    body = yaml.safe_load(text) | {"compares_with": []} | changes
    path = tmp_path / "XUM-1.yaml"
    path.write_text(yaml.safe_dump({k: v for k, v in body.items() if v is not None}, allow_unicode=True), "utf-8")
    return path


@pytest.mark.parametrize("path", sorted(HERE.glob("*.yaml")), ids=lambda path: path.name)
def test_each_of_ours_can_be_used(path: Path) -> None:
    assert check(path).exit_code == 0


def test_it_tells_what_is_asked_of_whom_and_when() -> None:
    said = check(HERE / "BE-1.yaml").output
    rows = [" ".join(re.findall(r"[\w,]+", line)) for line in said.splitlines()]
    assert "T3 employees BE1, BE2, BE3 1" in rows
    assert "T0 managers BE11, BE12, BE13 1" in rows
    assert not any(row.startswith("T1") for row in rows)


def test_an_own_instrument_can_be_used(tmp_path: Path) -> None:
    assert check(written(tmp_path)).exit_code == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": None}, "title: it is missing: write it"),
        ({"titel": "x"}, "titel: there is no such field: correct its spelling"),
        ({"code": "um"}, "code: write two to four capital letters"),
        ({"sections": [{"waves": ["T5"], "of": "managers"}]}, "sections.0.waves.0: Input should be 'T0', 'P'"),
        ({"sections": [{"waves": ["P"], "of": "employees"}]}, "sections.0: employees are not at the sessions"),
        ({"index": ["XUM9"]}, "name ['XUM9'], which are no items"),
        ({"scale": {"low": {"sv": "a", "en": "a"}, "high": {"sv": "a", "en": "a"}, "unknown": {"sv": "a", "en": "a"},
                    "steps": [{"sv": "a", "en": "a"}]}}, "scale: steps names 1 answers: name all five"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_field_and_what_to_do(
    tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    result = check(written(tmp_path, **changes))
    assert result.exit_code == 1
    assert f"XUM-1.yaml, {said}" in result.output or said in result.output


def test_what_is_in_no_section_is_told(tmp_path: Path) -> None:
    result = check(written(tmp_path, sections=[{"waves": ["T0"], "of": "managers", "items": ["XUM1"]}]))
    assert (result.exit_code, "Never asked: XUM2" in result.output) == (0, True)


def test_a_file_is_called_by_its_code_and_version(tmp_path: Path) -> None:
    result = check(written(tmp_path).rename(tmp_path / "mine.yaml"))
    assert (result.exit_code, "call the file XUM-1.yaml" in result.output) == (1, True)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    result = check(written(tmp_path, title=None, version="one"))
    assert len(result.output.strip().splitlines()) == 2


def test_a_decided_wording_is_not_changed_in_place(tmp_path: Path) -> None:
    body = yaml.safe_load((HERE / "UM-1.yaml").read_text(encoding="utf-8"))
    body["items"][0]["text"]["sv"] = "Något annat."
    path = tmp_path / "UM-1.yaml"
    path.write_text(yaml.safe_dump(body, allow_unicode=True), "utf-8")
    result = check(path)
    assert (result.exit_code, "give another one version 3" in result.output) == (1, True)


def test_a_file_that_is_not_there_or_not_yaml_is_told(tmp_path: Path) -> None:
    assert check(tmp_path / "none.yaml").exit_code == 2
    (tmp_path / "bad.yaml").write_text("a: [", "utf-8")
    result = check(tmp_path / "bad.yaml")
    assert (result.exit_code, "is not YAML" in result.output) == (1, True)


def skeleton(tmp_path: Path) -> Path:
    """The example of the documentation as a file."""
    (text,) = re.findall(r"```yaml\n(# CL-1.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "CL-1.yaml"
    path.write_text(text, "utf-8")
    return path


def test_the_skeleton_for_copsoq_can_be_used_and_named_and_holds_no_text_of_it(tmp_path: Path) -> None:
    path = skeleton(tmp_path)
    assert check(path).exit_code == 0
    assert all(item.text.sv == item.text.en == "…" for item in read_instrument(path).items)


def test_copsoqs_five_answers_count_from_nothing_to_a_hundred(tmp_path: Path) -> None:
    instrument = read_instrument(skeleton(tmp_path))
    words = [instrument.scale.word(step) for step in (5, 4, 2, 1)]
    assert [word.en for word in words if word] == ["… very large …", "… large …", "… small …", "… very small …"]
    assert sum((step - 1) * 25 for step in (5, 4, 3)) / 3 == 75  # very large, large, somewhat


def test_a_directory_of_the_municipality_adds_to_ours(tmp_path: Path) -> None:
    skeleton(tmp_path)
    assert set(read_instruments(HERE, tmp_path)) == {*read_instruments(), "CL"}
