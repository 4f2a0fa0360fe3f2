"""The command `ledstjarna`: whatever is wrong, it says so in one sentence and ends with 2."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from typer.testing import CliRunner

from deploy.ctl.main import app

PROGRAMME = Path("deploy/sample/programmes/first_line.yaml")


def a_stack(run_dir: Path, **addresses: str | None) -> Path:
    """A run directory as a stack leaves it, of a stack that is not there any more."""
    gone = dict.fromkeys(("enrolment", "notifications", "evaluation"), "http://127.0.0.1:9")
    stack = gone | {"tokens": {"office": "a", "operator": "b"}, "run_dir": str(run_dir)} | addresses
    run_dir.mkdir(exist_ok=True)
    (run_dir / "endpoints.json").write_text(json.dumps(stack))
    return run_dir


def says(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.stderr.strip()


def test_without_a_stack_it_says_how_to_start_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEDSTJARNA_RUN_DIR", raising=False)
    code, sentence = says("status")
    assert code == 2
    assert sentence == "No stack runs here: start one with ./start, or name its directory with --run-dir DIR."


def test_a_directory_without_a_stack_is_named(tmp_path: Path) -> None:
    code, sentence = says("status", "--run-dir", tmp_path)
    assert code == 2
    assert f"{tmp_path} holds no endpoints.json" in sentence


def test_endpoints_that_somebody_wrote_are_told_what_they_lack(tmp_path: Path) -> None:
    (tmp_path / "endpoints.json").write_text('{"tokens": {"office": "a", "operator": "b"}}')
    code, sentence = says("status", "--run-dir", tmp_path)
    assert (code, sentence) == (2, f"{tmp_path}/endpoints.json is not as ./start writes it: run_dir: Field required.")


def test_the_newest_stack_is_asked_when_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEDSTJARNA_RUN_DIR", raising=False)
    (tmp_path / "run").mkdir()
    a_stack(tmp_path / "run" / "one")
    result = CliRunner().invoke(app, ["status"])
    assert (result.exit_code, "cannot be reached at http://127.0.0.1:9" in result.stdout) == (2, True)


def test_the_real_clock_cannot_be_moved(tmp_path: Path) -> None:
    code, sentence = says("clock", "advance", "3d", "--run-dir", a_stack(tmp_path, clock=None))
    assert code == 2
    assert "real clock, which nobody can move" in sentence


@pytest.mark.parametrize("length", ["3", "3w", "soon", "0d", "-1d", "-90m"])
def test_a_length_of_time_that_cannot_be_read_is_explained(length: str, tmp_path: Path) -> None:
    code, sentence = says("clock", "advance", length, "--run-dir", a_stack(tmp_path))
    words = "is no duration to advance by: it must be positive, in days, hours or minutes, like 3d, 4h or 90m."
    assert (code, sentence) == (2, f"'{length}' {words}")


def test_a_programme_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    code, sentence = says("programme", "apply", tmp_path / "none.yaml")
    assert (code, sentence) == (2, f"{tmp_path / 'none.yaml'} cannot be read: No such file or directory.")


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("text/plain", "Internal Server Error", "file.yaml: HTTP 500: Internal Server Error."),
        (
            "application/problem+json",
            '{"title": "No", "detail": "save it as UTF-8"}',
            "file.yaml: No: save it as UTF-8.",
        ),
    ],
)
def test_a_programme_that_is_refused_as_a_whole_is_named(kind: str, text: str, words: str, tmp_path: Path) -> None:
    class Refusing(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(500)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    file = tmp_path / "file.yaml"
    file.write_text("code: X")
    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        Thread(target=server.handle_request).start()
        stack = a_stack(tmp_path / "run", enrolment=f"http://127.0.0.1:{server.server_port}")
        code, sentence = says("programme", "apply", file, "--run-dir", stack)
    assert (code, sentence) == (2, f"{tmp_path}/{words}")


def test_it_says_where_the_secrets_are_and_shows_none_of_them(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["secrets", str(tmp_path / "kept")])
    assert told.exit_code == 0
    assert "each in a file" in " ".join(told.output.split())
    assert (tmp_path / "kept" / "office_token").read_text() not in told.output


def test_secrets_that_cannot_be_written_are_told_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for directory in (file, file / "below"):
        code, sentence = says("secrets", directory)
        assert (code, sentence.partition(": ")[0]) == (2, f"{directory} cannot be used")


def test_a_missing_argument_is_named_and_leaves_no_traceback() -> None:
    code, sentence = says("programme", "apply")
    assert code == 2
    assert "FILE" in sentence
    assert "Traceback" not in sentence


def test_what_is_no_id_is_not_asked_about(tmp_path: Path) -> None:
    code, sentence = says("trace", "Åsa Öberg", "--run-dir", a_stack(tmp_path))
    assert (code, sentence) == (2, "'Åsa Öberg' is no id: write letters a to z, digits and . _ : ~ -, at most 128.")


def test_an_unknown_command_is_refused() -> None:
    assert says("fly")[0] == 2
