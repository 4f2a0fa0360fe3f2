"""The commands `ledstjarna dead …`: whatever is wrong is told in one sentence, and nothing is done without --yes."""

from pathlib import Path

import pytest

from deploy.ctl.office.showing import in_utc
from tests.unit.sample.test_ledstjarna import a_stack, says

REASON = ("--reason", "mended")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("replay", *REASON), "Say which letters in one way: name them, or give --group, or --queue or --error or"),
        (("discard", "a:enrolment.hr", "--group", "0" * 12, *REASON), "Say which letters in one way: name them,"),
        (
            ("replay", "a", *REASON),
            "'a' is no dead letter: write it as `ledstjarna dead list` shows it, MESSAGE:QUEUE.",
        ),
        (("show", "a:staff.hr"), "'a:staff.hr' is no dead letter"),
        (("replay", "--queue", "staff.hr", *REASON), "'staff.hr' is no queue of ours: it begins with enrolment,"),
        (("list", "--queue", "hr"), "'hr' is no queue of ours"),
        (("discard", "--queue", "enrolment.HR", *REASON), "'enrolment.HR' is no queue of ours"),
        (("replay", "--group", "G", *REASON), "'G' is no group: write its twelve characters as `ledstjarna dead"),
        (("list", "--group", "G"), "'G' is no group: write its twelve characters as `ledstjarna dead groups` shows"),
        (("groups", "--state", "bogus"), "'bogus' is no state: write open, replaying, resolved, discarded or all."),
        (("list", "--since", "soon"), "'soon' is no moment: write 2026-11-25 or 2026-11-25T08:00, in Europe/Stockholm"),
        (("show", "a b:enrolment.hr"), "'a b:enrolment.hr' is no dead letter"),
        (("replay", "--queue", "enrolment.hr", *REASON, "--rate", "5/m"), "'5/m' is no rate: write how many a second"),
        (("replay", "--queue", "enrolment.hr", *REASON, "--rate", "0"), "'0' is no rate"),
        (("discard", "a:enrolment.hr", "--reason", " "), "Give a reason: write --reason and why, in quotes."),
    ],
)
def test_what_was_typed_wrongly_is_said_in_one_sentence(words: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    code, said = says("dead", *words, "--run-dir", a_stack(tmp_path))
    assert (code, said[: len(sentence)]) == (2, sentence)


@pytest.mark.parametrize("action", ["replay", "discard"])
def test_nothing_is_done_with_a_letter_without_a_reason(action: str, tmp_path: Path) -> None:
    code, said = says("dead", action, "a:enrolment.hr", "--run-dir", a_stack(tmp_path))
    assert code == 2
    assert "--reason" in said


def test_a_service_that_is_down_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.ctl.dead.asking.PATIENCE_SECONDS", 0)
    stack = a_stack(tmp_path)
    code, said = says("dead", "groups", "--run-dir", stack)
    assert (code, [line.split()[0] for line in said.splitlines()]) == (2, ["enrolment", "notifications", "evaluation"])
    code, said = says("dead", "show", "a:evaluation.hr", "--run-dir", stack)
    assert (code, said.split(":")[0]) == (2, "evaluation could not be asked about its dead letters")


def test_moments_of_mails_are_typed_as_those_of_dead_letters(tmp_path: Path) -> None:
    code, said = says("mail", "list", "--since", "soon", "--run-dir", a_stack(tmp_path))
    assert (code, said.partition(":")[0]) == (2, "'soon' is no moment")


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-11-25T08:00", "2026-11-25T07:00:00+00:00"),
        ("2026-07-25 08:00", "2026-07-25T06:00:00+00:00"),
        ("2026-11-25", "2026-11-24T23:00:00+00:00"),
        ("2026-11-25T08:00Z", "2026-11-25T08:00:00+00:00"),
    ],
)
def test_a_moment_without_a_zone_is_the_municipalitys(typed: str, moment: str) -> None:
    assert in_utc(typed) == moment
