"""The office's commands: what they say of an answer, and with which code they end."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.ctl.main import app
from deploy.ctl.office.impact import figures

NOTHING: dict[str, Any] = {
    "touched": 0,
    "mails": 0,
    "confirm_people": None,
    "fingerprint": "f" * 20,
    **{part: [] for part in ("cohorts", "sessions", "people", "queued", "withdrawn", "deadlines", "clashes", "broken")},
    "concerns": [],
}
CHANGE: dict[str, Any] = {
    "change_id": "C1",
    "kind": "cancel_cohort",
    "command": {"cohort_id": "FLC-A"},
    "state": "proposed",
    "note": "",
    "at": "2026-08-17T06:00:00Z",
    "ripples_at": None,
    "applied_at": None,
    "inverse": None,
    "impact": NOTHING | {"touched": 140, "mails": 140, "confirm_people": 140},
}


ADDED = ("--from", "2026-10-20 09:00", "--until", "2026-10-20 12:00", "--room", "Rådhuset")
NETWORK: dict[str, Any] = {
    "network_id": "network:A",
    "programme": "FLC",
    "title": {"sv": "Ny som chef", "en": "New as a manager"},
    "members": ["E1", "E2"],
    "contact": "E1",
    "formed_at": "2027-05-18T13:00:00Z",
}


class Enrolment(BaseHTTPRequestHandler):
    """Enrolment, as far as it has an answer for each path; it remembers what it is told, and the keys of that."""

    answers: dict[str, tuple[int, Any]]
    keys: list[str]
    told: list[Any]
    paths: list[str]

    def do_GET(self) -> None:
        self.paths.append(self.path)
        status, body = self.answers[self.path.partition("?")[0]]
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def do_POST(self) -> None:
        self.keys.append(self.headers["Idempotency-Key"])
        if self.headers["Content-Type"] == "application/json":
            self.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.do_GET()

    def do_DELETE(self) -> None:
        self.keys.append(self.headers["Idempotency-Key"])
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def enrolment(tmp_path: Path) -> Iterator[type[Enrolment]]:
    """A stack of which only enrolment answers, in `tmp_path`."""

    class Here(Enrolment):
        """One that no other test has spoken to."""

    Here.answers, Here.keys, Here.told, Here.paths = {}, [], [], []

    with HTTPServer(("127.0.0.1", 0), Here) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        stack = {
            "enrolment": f"http://127.0.0.1:{server.server_port}",
            "notifications": f"http://127.0.0.1:{server.server_port}",
            "tokens": {"office": "a", "operator": "b"},
            "run_dir": str(tmp_path),
        }
        (tmp_path / "endpoints.json").write_text(json.dumps(stack))
        yield Here
        server.shutdown()


def told(run_dir: Path, *arguments: str) -> tuple[int, str, str]:
    """Code, what is said, and what is complained about."""
    result = CliRunner().invoke(app, [*arguments, "--run-dir", str(run_dir)])
    return result.exit_code, result.stdout, result.stderr.strip()


def problem(status: int, detail: str) -> tuple[int, Any]:
    return status, {"type": "/problems/x", "title": "Not possible", "detail": detail}


@pytest.mark.parametrize(("status", "code"), [(409, 1), (412, 1), (404, 2), (422, 2), (500, 2)])
def test_a_rule_that_says_no_ends_with_1_and_a_question_that_is_wrong_with_2(
    status: int, code: int, enrolment: type[Enrolment], tmp_path: Path
) -> None:
    enrolment.answers["/api/changes/C1/drop"] = problem(status, "the change is undone: leave it")
    assert told(tmp_path, "change", "drop", "C1") == (code, "", "The change is undone: leave it.")


def test_the_number_to_confirm_is_asked_for_in_the_words_of_the_command(
    enrolment: type[Enrolment], tmp_path: Path
) -> None:
    enrolment.answers["/api/changes/C1/approve"] = problem(409, "this touches 140 people: say confirm_people=140")
    assert told(tmp_path, "change", "approve", "C1")[2] == "This touches 140 people: add --confirm 140."


def test_a_proposal_that_touches_many_says_what_to_type_with_the_number(
    enrolment: type[Enrolment], tmp_path: Path
) -> None:
    enrolment.answers["/api/changes"] = (201, CHANGE)
    _, said, _ = told(tmp_path, "change", "propose", "cancel-cohort", "FLC-A", "--sv", "Sjuk", "--en", "Ill")
    assert "  ledstjarna change approve C1 --confirm 140\n" in said


def test_a_stale_proposal_is_looked_at_again_before_it_can_be_approved(
    enrolment: type[Enrolment], tmp_path: Path
) -> None:
    enrolment.answers["/api/changes/C1"] = (200, CHANGE | {"stale": True})
    assert "change approve" not in told(tmp_path, "change", "show", "C1")[1]
    assert f"--seen {'f' * 20}\n" in told(tmp_path, "change", "show", "C1", "--refresh")[1]


def test_everything_told_has_an_idempotency_key_of_its_own(enrolment: type[Enrolment], tmp_path: Path) -> None:
    enrolment.answers["/api/changes/C1/drop"] = (200, CHANGE)
    for _ in range(2):
        told(tmp_path, "change", "drop", "C1")
    assert (len(set(enrolment.keys)), None in enrolment.keys) == (2, False)


def test_a_list_is_read_to_its_end_and_json_is_what_enrolment_answers(
    enrolment: type[Enrolment], tmp_path: Path
) -> None:
    goal = {"goal_id": "G1", "text": {"sv": "Välfärd", "en": "Welfare"}}
    enrolment.answers["/api/goals"] = (200, {"items": [goal], "next": None})
    code, said, _ = told(tmp_path, "goal", "list", "--json")
    assert (code, json.loads(said), "Välfärd" in said) == (0, [goal], True)


def test_figures_tell_clashes_and_rules_and_that_there_are_none() -> None:
    assert figures(NOTHING) == "Touches nobody; no mail is sent. No clash, no broken rule."
    troubled = NOTHING | {"touched": 1, "mails": 1, "clashes": [{}, {}]}
    assert figures(troubled) == "Touches 1 person; 1 mail is sent. 2 clashes."


def test_a_session_that_is_added_is_proposed_with_all_that_is_known_of_it(
    enrolment: type[Enrolment], tmp_path: Path
) -> None:
    enrolment.answers["/api/changes"] = (201, CHANGE)
    assert (
        told(tmp_path, "change", "propose", "add-session", "A", "M2", *ADDED, "--sv", "Extra", "--en", "More")[0] == 0
    )
    times = {"starts_at": "2026-10-20 09:00", "ends_at": "2026-10-20 12:00"}
    where = {"cohort_id": "A", "module": "M2", "location": "Rådhuset"}
    command = where | times | {"title": {"sv": "Extra", "en": "More"}}
    assert enrolment.told == [{"kind": "add_session", "command": command, "note": ""}]


def test_a_network_is_shown_by_name_and_its_contact_is_chosen(enrolment: type[Enrolment], tmp_path: Path) -> None:
    enrolment.answers["/api/people/E1"] = (200, {"name": "Åsa Öberg"})
    enrolment.answers["/api/people/E2"] = (200, {"name": "Bo Ek"})
    enrolment.answers["/api/networks/network:A"] = (200, NETWORK)
    enrolment.answers["/api/networks"] = (200, {"items": [NETWORK], "next": None})
    enrolment.answers["/api/networks/network:A/contact"] = (200, NETWORK | {"contact": "E2"})
    assert "Contact: Åsa Öberg (E1)." in told(tmp_path, "network", "show", "network:A")[1]
    assert "2        Åsa Öberg (E1)" in told(tmp_path, "network", "list")[1]
    chosen = told(tmp_path, "network", "contact", "network:A", "E2")
    assert chosen == (0, "Bo Ek (E2) is the contact of network:A from now on.\n", "")
    assert enrolment.told == [{"employee_id": "E2"}]


def test_alumni_are_put_on_the_list_and_taken_off(enrolment: type[Enrolment], tmp_path: Path) -> None:
    her = {"employee_id": "E1", "name": "Åsa Öberg", "alumni_since": "2027-06-01T08:00:00Z", "completed": ["FLC"]}
    enrolment.answers["/api/people/E1/alumni"] = (200, her)
    enrolment.answers["/api/alumni"] = (200, {"items": [her], "next": None})
    assert told(tmp_path, "alumni", "add", "E1")[1] == "Åsa Öberg (E1) is on the list of alumni since 2027-06-01.\n"
    assert "E1      Åsa Öberg  2027-06-01  FLC" in told(tmp_path, "alumni", "list")[1]
    assert told(tmp_path, "alumni", "remove", "E1")[1] == "Åsa Öberg (E1) is not on the list of alumni.\n"
    assert len(set(enrolment.keys)) == 2


def test_a_diploma_says_what_was_completed(enrolment: type[Enrolment], tmp_path: Path) -> None:
    title = {"sv": "Ny som chef", "en": "New as a manager"}
    diploma = {"employee_id": "E1", "name": "Åsa Öberg", "title": title, "completed_on": "2027-05-18", "hours": 9.0}
    diploma |= {"cohort_id": "A", "goals": ["G1"], "modules": [{"code": "M1", "title": title}]}
    enrolment.answers["/api/places/FLC:E1:1/diploma"] = (200, diploma)
    _, said, _ = told(tmp_path, "diploma", "FLC:E1:1")
    assert "Åsa Öberg (E1) completed Ny som chef on 2027-05-18" in said
    assert "9 hours. Goals: G1." in said


def test_a_line_of_attendance_that_cannot_be_read_is_named(enrolment: type[Enrolment], tmp_path: Path) -> None:
    (tmp_path / "who.csv").write_text("employee_id;kind\nE1;present\nE2;late\n")
    _, _, wrong = told(tmp_path, "attendance", "record", "A", "A:M1", "--file", str(tmp_path / "who.csv"))
    assert wrong.endswith("line 3: late is no kind: write present, part, absent.")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("goal", "set", "G1", "--sv", "Välfärd"), "A goal is in both languages: give --sv and --en."),
        (("approvals", "answer", "P1", "maybe"), "maybe is no answer: write yes or no."),
        (("attendance", "record", "A", "A:M1"), "Say who was there: either --present ID,ID or --file CSV."),
        (("groups", "propose", "FLC", "A", "--apart", "E1"), "--apart E1 does not name two people"),
        (("programme", "preview", "none.yaml"), "none.yaml cannot be read: No such file or directory."),
        (("goal", "set", "G7"), "There is no file G7; for one goal of that id, give --sv and --en."),
        (("cohort", "show", "a/b"), "'a/b' is no id: write letters a to z, digits and . _ : ~ -."),
        (("network", "show", ""), "'' is no id"),
        (
            ("change", "propose", "add-session", "A", "M2", *ADDED, "--sv", "Extra"),
            "A title is in both languages: give --sv and --en, or neither.",
        ),
    ],
)
@pytest.mark.usefixtures("enrolment")
def test_wrong_arguments_end_with_2_and_one_sentence(arguments: tuple[str, ...], words: str, tmp_path: Path) -> None:
    code, said, wrong = told(tmp_path, *arguments)
    assert (code, said, len(wrong.splitlines())) == (2, "", 1)
    assert wrong.startswith(words)


def test_a_preview_tells_for_whom_a_file_is_even_if_it_changes_nothing(
    enrolment: type[Enrolment], tmp_path: Path
) -> None:
    her = {"employee_id": "E1", "name": "Åsa Öberg", "unit_id": "U1", "state": "confirmed", "new": False, "away": True}
    matched = {"count": 3, "new": 0, "away": 1, "states": {"confirmed": 1, "queued": 2}, "people": [her]}
    told_of = {"code": "FLC", "outcome": "unchanged", "revision": 1, "queued": 0, "concerns": [], "impact": NOTHING}
    enrolment.answers["/api/programmes"] = (200, told_of | {"matched": matched})
    (tmp_path / "flc.yaml").write_text("code: FLC")
    _, said, _ = told(tmp_path, "programme", "preview", str(tmp_path / "flc.yaml"))
    assert "It is for 3 people: 1 with a seat, 2 waiting. On leave now: 1." in said
    assert "Åsa Öberg  U1    with a seat, on leave" in said
    assert "and 2 more: add --everybody to see them." in said


def test_programmes_are_listed_with_what_is_recommended_and_how_to_answer_it(
    enrolment: type[Enrolment], tmp_path: Path
) -> None:
    one = {"recommendation_id": "R-1", "revision": 2, "url": "https://e.example/recommendations/R-1", "state": "open"}
    flc = {"code": "FLC", "revision": 2, "retired": False, "title": {"sv": "Ny som chef"}, "recommendations": [one]}
    enrolment.answers["/api/programmes"] = (200, {"items": [flc], "next": None})
    _, said, _ = told(tmp_path, "programme", "list")
    assert "R-1" in said.splitlines()[1]
    assert "ledstjarna programme apply FILE --addresses R-1" in " ".join(said.split())


def test_a_file_that_answers_a_recommendation_is_sent_with_its_id_and_the_next_command_has_it(
    enrolment: type[Enrolment], tmp_path: Path
) -> None:
    matched = {"count": 0, "new": 0, "away": 0, "states": {}, "people": []}
    told_of = {"code": "FLC", "outcome": "revised", "revision": 3, "queued": 0, "concerns": [], "impact": NOTHING}
    enrolment.answers["/api/programmes"] = (200, told_of | {"matched": matched})
    (tmp_path / "flc.yaml").write_text("code: FLC")
    _, said, _ = told(tmp_path, "programme", "preview", str(tmp_path / "flc.yaml"), "--addresses", "R-1")
    assert "--addresses R-1" in " ".join(said.split())
    assert enrolment.paths[-1].endswith("addresses=R-1")


MAIL: dict[str, Any] = {
    "message_id": "ab12",
    "kind": "invite",
    "employee_id": "E1",
    "regarding": "A~S1",
    "state": "failed",
    "created_at": "2026-08-17T06:00:00Z",
    "sent_at": None,
    "resent": 0,
    "sha256": "f",
    "reply": "550 no such user",
    "reason": {"code": "refused", "text": {"sv": "Nej.", "en": "The mail server refused the mail."}},
}


def test_mails_are_listed_and_one_is_shown_as_it_reads(enrolment: type[Enrolment], tmp_path: Path) -> None:
    enrolment.answers["/api/messages"] = (200, {"items": [MAIL], "next": None})
    enrolment.answers["/api/messages/ab12"] = (200, MAIL)
    enrolment.answers["/api/messages/ab12/preview"] = (200, {"subject": "Inbjudan: Träff 1", "text": "Hej Åsa!"})
    assert "failed" in told(tmp_path, "mail", "list", "--person", "E1")[1]
    said = told(tmp_path, "mail", "show", "ab12")[1]
    assert all(words in said for words in ("The mail server refused the mail.", "550", "Inbjudan: Träff 1", "Hej Åsa!"))


def test_mail_that_cannot_be_sent_again_ends_with_1_and_one_that_is_not_there_with_2(
    enrolment: type[Enrolment], tmp_path: Path
) -> None:
    enrolment.answers["/api/messages/ab12/resend"] = problem(409, "The message is still on its way: wait.")
    enrolment.answers["/api/messages/none/resend"] = problem(404, "There is no message none: look at the list.")
    enrolment.answers["/api/messages"] = problem(422, "state: Input should be 'waiting', 'sent' or 'failed'")
    assert told(tmp_path, "mail", "resend", "ab12") == (1, "", "The message is still on its way: wait.")
    assert told(tmp_path, "mail", "resend", "none") == (2, "", "There is no message none: look at the list.")
    assert told(tmp_path, "mail", "list", "--state", "lost")[::2] == (
        2,
        "State: Input should be 'waiting', 'sent' or 'failed'.",
    )
    assert told(tmp_path, "mail", "show", "a/b")[0] == 2


def test_person_is_invited_anew_and_broken_promises_say_why(enrolment: type[Enrolment], tmp_path: Path) -> None:
    made = {"employee_id": "E1", "session_id": "A~S1", "round": 2, "uid": "x@kommun.example"}
    enrolment.answers["/api/places/P1/reinvite"] = (200, {"invitations": [made]})
    breach = {"employee_id": "E1", "promise": "invite", "regarding": "A~S1", "since": "2026-08-17T06:00:00Z"}
    enrolment.answers["/api/promises/broken"] = (200, {"items": [breach | {"reason": MAIL["reason"]}], "next": None})
    assert "x@kommun.example" in told(tmp_path, "mail", "reinvite", "P1")[1]
    assert len(enrolment.keys) == 1
    assert "refused" in told(tmp_path, "mail", "promises")[1]
    enrolment.answers["/api/promises/broken"] = (200, {"items": [], "next": None})
    assert told(tmp_path, "mail", "promises")[1] == "All promises are kept.\n"


def test_suppressed_addresses_are_told_by_whose_they_are(enrolment: type[Enrolment], tmp_path: Path) -> None:
    one = {"employee_id": "E1", "message_id": "ab12", "status": "5.1.1", "since": "2026-08-17T06:00:00Z"}
    for items, words in (([one], "5.1.1"), ([], "No address is suppressed.")):
        enrolment.answers["/api/suppressions"] = (200, {"items": items, "next": None})
        assert words in told(tmp_path, "mail", "suppressed")[1]
