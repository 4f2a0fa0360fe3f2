"""What the local stack decides without starting anything."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from deploy.local import check
from deploy.local.__main__ import read_options
from deploy.local.credentials import tokens_file
from deploy.local.extras import EXTRAS, Extra, made_ready
from deploy.local.mail import ROOT
from deploy.local.outside import with_database
from deploy.local.ports import free_port, is_free
from deploy.local.process import CannotStart, last_lines
from deploy.local.run_dir import claim, prune


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("mongodb://a:1,b:2/?replicaSet=rs0", "mongodb://a:1,b:2/hr?replicaSet=rs0"),
        ("mongodb://a", "mongodb://a/hr"),
        ("mongodb+srv://ann:x@a/?w=majority", "mongodb+srv://ann:x@a/hr?w=majority&authSource=admin"),
        ("mongodb://ann:x@a/people", "mongodb://ann:x@a/hr?authSource=people"),
        ("mongodb://ann:x@a/?authSource=b", "mongodb://ann:x@a/hr?authSource=b"),
    ],
)
def test_each_service_gets_its_own_database_and_the_user_stays_where_she_is(given: str, wanted: str) -> None:
    assert with_database(given, "hr") == wanted


def test_ports_are_free_and_never_given_twice() -> None:
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == len(ports)
    assert all(is_free(port) for port in ports)


def test_tokens_are_kept_as_hashes_only() -> None:
    kept = tokens_file({"office": "open sesame"})
    assert "sesame" not in kept
    assert json.loads(kept) == [{"sha256": sha256(b"open sesame").hexdigest(), "role": "office", "name": "office"}]


def test_last_words_are_the_last_lines_without_colours(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("first\n\x1b[31msecond\x1b[0m\n\nthird\n")
    assert last_lines(log, 2) == "second\nthird"
    assert last_lines(tmp_path / "nothing") == ""


def test_an_earlier_run_is_erased_and_a_strangers_files_are_not(tmp_path: Path) -> None:
    with claim(tmp_path / "run"):
        (tmp_path / "run" / "maildir").mkdir()
        (tmp_path / "run" / "clock").touch()
    with claim(tmp_path / "run"):
        assert [file.name for file in (tmp_path / "run").iterdir()] == [".ledstjarna-run"]
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").touch()
    with pytest.raises(CannotStart, match="name an empty or a new directory"):
        claim(tmp_path / "letters")
    assert (tmp_path / "letters" / "dear.txt").exists()


def test_a_run_directory_serves_one_stack_at_a_time(tmp_path: Path) -> None:
    with claim(tmp_path), pytest.raises(CannotStart, match="in use by a running stack"):
        claim(tmp_path)


def a_finished_run(run_dir: Path) -> Path:
    with claim(run_dir):
        (run_dir / "logs").mkdir()
    return run_dir


def test_of_the_finished_runs_the_newest_three_are_kept(tmp_path: Path) -> None:
    runs = [a_finished_run(tmp_path / f"2026010{day}-120000-77") for day in range(1, 7)]
    assert prune(tmp_path) == 3
    assert sorted(tmp_path.iterdir()) == runs[3:]
    assert prune(tmp_path) == 0


def test_a_run_that_is_in_use_is_neither_deleted_nor_counted(tmp_path: Path) -> None:
    oldest, newest = tmp_path / "20260101-120000-77", tmp_path / "20260109-120000-77"
    finished = [a_finished_run(tmp_path / f"2026010{day}-120000-77-2") for day in range(2, 6)]
    with claim(oldest), claim(newest):
        for used in (oldest, newest):
            (used / "logs").mkdir()
        assert prune(tmp_path) == 1
        assert sorted(tmp_path.iterdir()) == [oldest, *finished[1:], newest]


def test_only_what_the_stack_named_and_marked_itself_is_ever_deleted(tmp_path: Path) -> None:
    for day in range(1, 4):
        a_finished_run(tmp_path / "run" / f"2026020{day}-120000-77")
    named = a_finished_run(tmp_path / "run" / "kept")
    linked = tmp_path / "run" / "20260101-120000-1"
    linked.symlink_to(a_finished_run(tmp_path / "elsewhere"))
    unmarked = tmp_path / "run" / "20260101-120000-2"
    (unmarked / "logs").mkdir(parents=True)
    just_made = tmp_path / "run" / "20260101-120000-3"
    claim(just_made).close()
    assert prune(tmp_path / "run") == 0
    assert all((run / "logs").is_dir() for run in (named, linked, unmarked))
    assert just_made.is_dir()


def test_the_sample_year_takes_no_real_clock(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        read_options(["--clock", "real"])
    assert left.value.code == 2
    assert "--clock real goes only with --empty" in capsys.readouterr().err


def test_an_empty_stack_has_the_real_clock_unless_told() -> None:
    assert read_options(["--empty"]).clock == "real"
    assert read_options(["--empty", "--clock", "simulated"]).clock == "simulated"
    assert read_options([]).clock == "simulated"


def test_whatever_tests_check_runs_or_leaves_out_are_there() -> None:
    assert all((ROOT / name.removeprefix("--ignore=")).exists() for name in (*check.SERVERLESS, *check.ALL))


def test_check_answers_an_unknown_flag_with_its_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        check.read_options(["--everything"])
    assert left.value.code == 2
    usage = capsys.readouterr().err.partition("./check: error")[0]
    assert "usage: ./check [--quick] [--bench] [--interop] [--faults] [--browser]" in usage
    assert "[--newest-broker] [-- PYTEST-ARGUMENTS]" in usage


def test_check_runs_what_few_need_on_demand_only() -> None:
    assert check.read_options([]).extras == []
    assert check.read_options(["--quick", "--interop", "--browser"]).extras == ["interop", "browser"]
    everybodys = (*check.SERVERLESS, *check.ALL)
    theirs = [extra.folder for extra in EXTRAS.values() if not extra.broker and not extra.marker]
    assert not set(theirs) & set(everybodys)
    assert "not village" in check.tests(check.read_options([])).command


def test_check_says_what_to_install_when_it_cannot() -> None:
    absent = Extra("tests/interop", "", ("no-such-package-of-debian",))
    with pytest.MonkeyPatch.context() as here:
        here.setenv("PATH", "/nowhere")
        assert made_ready(absent, print).startswith("run 'apt-get install no-such-package-of-debian' as root")
