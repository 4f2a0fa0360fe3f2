"""The command `ledstjarna hr import`: what it says of a file, and with which code it ends."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from deploy.ctl.main import app

HEAD = "employee_id;given_name;family_name;email;unit_id;level;employed_from"
ASA = "E1;Åsa;Öberg;asa@kommun.example;U1;first_line;2021-03-01"
EVA = "E2;Eva;Ek;eva@kommun.example;U1;none;2020-01-01"
RECORD = {
    "employee_id": "E1",
    "version": 7,
    "given_name": "Åsa",
    "family_name": "Öberg",
    "email": "asa@kommun.example",
    "unit_id": "U1",
    "level": "first_line",
    "employed_from": "2021-03-01",
    "effective_from": "2024-01-01",
}


def a_held_snapshot(names: int) -> dict[str, Any]:
    """What enrolment says of a snapshot that lacks seven people and merges a unit."""
    missing = {"kind": "Missing", "count": 7, "sample": [f"E{number}" for number in range(1, 8)][:names]}
    places = [{"kind": "withdrawn: LeftEmployment", "count": 1, "sample": ["E1"]}]
    units = [{"kind": "Merged", "count": 1, "sample": ["U7"]}]
    counts = {"staff": 20, "staff_changed": 7, "managers": 2, "managers_changed": 0}
    preview = counts | {"changes": [missing], "places": places, "units": units}
    return {"snapshot_id": "S1", "state": "held", "reason": "too many", "preview": preview}


class Register(BaseHTTPRequestHandler):
    """Enrolment, as far as it shows the staff register (Åsa, who leaves, and a page of nobody) and a snapshot."""

    def do_GET(self) -> None:
        if "/staff-imports/" in self.path:
            self.answer(a_held_snapshot(int(parse_qs(urlsplit(self.path).query)["names"][0])))
            return
        gone = [{"employee_id": "E1", "version": 8, "last_day": "2026-10-31"}]
        she = {"employee_id": "E1", "version": 7, "highest": 8, "left": False, "record": RECORD, "departures": gone}
        last = "after" in self.path
        page: dict[str, Any] = {"items": [] if last else [she], "next": None if last else "E1", "today": "2026-09-01"}
        self.answer(page)

    def answer(self, page: dict[str, Any]) -> None:
        """Send a page."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(page).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def run_dir(tmp_path: Path) -> Iterator[Path]:
    """A stack of which only the register answers; the broker is away."""
    with HTTPServer(("127.0.0.1", 0), Register) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        stack = {
            "enrolment": f"http://127.0.0.1:{server.server_port}",
            "tokens": {"office": "a", "operator": "b"},
            "run_dir": str(tmp_path),
        }
        (tmp_path / "endpoints.json").write_text(json.dumps(stack))
        yield tmp_path
        server.shutdown()


def imported(run_dir: Path, *lines: str, dry_run: bool = True, counting: bool = False) -> tuple[int, str, str]:
    """Code, what is said, and what is complained about."""
    file = run_dir / "staff.csv"
    file.write_bytes("\n".join(lines).encode())
    options = ["--dry-run"] * dry_run + ["--count-versions"] * counting
    result = CliRunner().invoke(app, ["hr", "import", str(file), "--run-dir", str(run_dir), *options])
    return result.exit_code, result.stdout.strip(), result.stderr.strip().replace(str(run_dir), "")


def test_a_dry_run_tells_what_would_be_published_and_what_is_known(run_dir: Path) -> None:
    code, said, _ = imported(run_dir, HEAD, ASA, EVA)
    first, needs = said.splitlines()
    assert (code, first) == (0, "1 would be published (1 of them new); 1 say nothing new.")
    assert needs.startswith("It would need --count-versions: 1 change carries no version of HR.")


def test_what_differs_is_told(run_dir: Path) -> None:
    _, said, _ = imported(run_dir, HEAD, ASA.replace("U1", "U2"))
    assert said.splitlines()[1] == "Different from what is known: unit_id 1."


def test_without_versions_of_hr_nothing_is_published_unless_they_may_be_counted(run_dir: Path) -> None:
    code, said, wrong = imported(run_dir, HEAD, ASA.replace("U1", "U2"), dry_run=False)
    assert (code, said) == (2, "")
    assert wrong.startswith("Nothing is published: 1 change carries no version of HR.")
    assert wrong.endswith("--count-versions if HR publishes nothing.")


def test_a_file_that_says_nothing_new_needs_no_versions(run_dir: Path) -> None:
    assert imported(run_dir, HEAD, ASA, dry_run=False)[:2] == (0, "0 are published (0 of them new); 1 say nothing new.")


def test_what_a_file_would_end_is_told_with_its_line(run_dir: Path) -> None:
    _, _, wrong = imported(run_dir, f"{HEAD};employed_to", f"{ASA};")
    assert wrong == "/staff.csv, line 2: the last day 2026-10-31 that is known is taken back."


def test_wrong_rows_end_with_1_and_are_told_with_line_column_and_reason(run_dir: Path) -> None:
    code, said, wrong = imported(run_dir, HEAD, ASA, EVA.replace("none", "boss"))
    assert (code, said) == (1, "0 would be published (0 of them new); 1 say nothing new; 1 row is refused.")
    assert wrong.startswith("/staff.csv, line 3, level: is no level: write one of none, potential")


def test_a_file_in_which_every_row_is_wrong_ends_with_2(run_dir: Path) -> None:
    assert imported(run_dir, HEAD, EVA.replace("none", "boss"))[0] == 2


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([""], "/staff.csv is empty: export the employees again, with a line of headings."),
        ([HEAD], "/staff.csv has headings and no employees: export them again."),
        (["a letter"], "/staff.csv is no CSV of employees"),
    ],
)
def test_a_file_that_cannot_be_used_ends_with_2_and_one_sentence(run_dir: Path, lines: list[str], says: str) -> None:
    code, said, wrong = imported(run_dir, *lines)
    assert (code, said, len(wrong.splitlines())) == (2, "", 1)
    assert wrong.startswith(says)


def test_a_file_that_is_not_there_is_named(run_dir: Path) -> None:
    result = CliRunner().invoke(app, ["hr", "import", str(run_dir / "none.csv"), "--run-dir", str(run_dir)])
    assert (result.exit_code, "none.csv cannot be read: No such file" in result.stderr) == (2, True)


def test_a_stack_whose_broker_is_not_known_publishes_nothing_and_says_so(run_dir: Path) -> None:
    code, said, wrong = imported(run_dir, HEAD, EVA, dry_run=False, counting=True)
    assert (code, said) == (2, "")
    assert "does not give the broker as hr" in wrong


def test_the_help_names_every_column_in_both_languages() -> None:
    told = " ".join(CliRunner().invoke(app, ["hr", "import", "--help"]).output.split())
    assert "employee_id *: anställningsnummer" in told
    assert "effective_from: gäller från" in told


@pytest.mark.parametrize(("options", "named"), [((), False), (("--everybody",), True)])
def test_a_snapshot_is_shown_by_reason_with_its_units_and_on_demand_with_everybody(
    run_dir: Path, options: tuple[str, ...], named: bool
) -> None:
    result = CliRunner().invoke(app, ["hr", "show", "S1", "--run-dir", str(run_dir), *options])
    lines = {line.split()[0]: line for line in result.stdout.splitlines() if line}
    assert (result.exit_code, "E7" in lines["Missing"]) == (0, named)
    assert lines["Merged"].split() == ["Merged", "1", "U7"]
    assert "LeftEmployment" in lines["withdrawn:"]
