"""The commands `ledstjarna dead …` against the doors of a service: what an operator types, and what she is told."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from typer.testing import CliRunner

from deploy.ctl.main import app
from deploy.local.endpoints import Endpoints, Tokens
from shared.dead_letters import orders
from shared.dead_letters.letters import State
from shared.documents import Database
from tests.flow.shared.dead_letters import AT, Desk, desk

WHY = ("--reason", "it is mended")


@dataclass
class Shell:
    """An operator at a shell, and the only service that she asks."""

    dead: Desk
    run_dir: Path

    async def types(self, *words: str) -> tuple[int, str]:
        """What she types after `ledstjarna dead`: the exit code, and what she reads, on one line."""
        result = await asyncio.to_thread(CliRunner().invoke, app, ["dead", *words, "--run-dir", str(self.run_dir)])
        return result.exit_code, " ".join(result.output.split())

    async def ends(self, letter_id: str, state: State) -> None:
        """A letter that was sent has come to its end."""
        await self.dead.letters.collection.update_one({"_id": letter_id}, {"$set": {"state": state.value}})


@pytest.fixture
async def shell(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shell]:
    for name in ("deploy.ctl.dead.mending.SERVICES", "deploy.ctl.dead.asking.SERVICES"):
        monkeypatch.setattr(name, ("enrolment",))
    async with desk(database) as dead:
        server = uvicorn.Server(uvicorn.Config(dead.app, port=0, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 — uvicorn tells in no other way
            await asyncio.sleep(0.01)
        address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        tokens = Tokens(office="none", operator="token-of-operator")
        Endpoints(enrolment=address, notifications=address, evaluation=address, tokens=tokens, run_dir=tmp_path).write()
        yield Shell(dead, tmp_path)
        server.should_exit = True
        await serving


async def test_a_moment_is_read_in_the_zone_in_which_moments_are_shown(shell: Shell) -> None:
    letter = await shell.dead.buries(died=datetime(2026, 11, 25, 17, 29, tzinfo=UTC))
    for words in (("groups",), ("list",), ("show", letter.id)):
        assert "2026-11-25 18:29 CET" in (await shell.types(*words))[1], words
    for since in ("2026-11-25T18:28", "2026-11-25 18:29", "2026-11-25", "2026-11-25T17:28Z"):
        assert letter.fingerprint in (await shell.types("groups", "--since", since))[1], since
    none = (0, "No dead letter matches these filters; 1 wait in all.")
    assert await shell.types("groups", "--since", "2026-11-25T18:30") == none
    assert await shell.types("list", "--queue", "enrolment.evaluation") == none


async def test_that_there_are_none_is_said_only_when_there_are_none(shell: Shell) -> None:
    assert await shell.types("groups") == (0, "There are no dead letters.")


async def test_a_group_shows_its_code_and_what_is_under_way_and_what_to_type_next(shell: Shell) -> None:
    [first, *_] = [await shell.dead.buries() for _ in range(3)]
    await shell.types("replay", first.id, *WHY)
    assert "0 under way" in (await shell.types("groups"))[1], "a dry run orders nothing"
    await shell.dead.letters.collection.update_one({"_id": first.id}, {"$set": {"replay": ordered()}})
    said = (await shell.types("groups"))[1]
    assert "3 letters in enrolment.hr fault: hr.unit.changed.v1: KeyError: 'U1'" in said
    assert "1 under way, 0 replayed before" in said
    assert f"ledstjarna dead replay --group {first.fingerprint} --reason WHY" in said
    assert "open, under way" in (await shell.types("list"))[1]


def ordered() -> dict[str, object]:
    return {"id": "R", "at": AT, "by": "the operator", "rate": 5.0, "waiting": True}


@pytest.mark.parametrize("code", ["invalid", "unknown_type"])
async def test_what_would_only_die_again_is_offered_to_be_discarded(shell: Shell, code: str) -> None:
    letter = await shell.dead.buries(dead_code=code)
    said = (await shell.types("groups"))[1]
    assert f"ledstjarna dead discard --group {letter.fingerprint}" in said
    assert "dead replay" not in said


async def test_typed_again_it_follows_what_is_under_way_to_its_end(shell: Shell) -> None:
    letter, again = await shell.dead.buries(), ("replay", "--queue", "enrolment.hr", *WHY)
    choice, order = orders.Choice((letter.id,)), orders.Order("it is mended", "the operator", AT)
    await shell.dead.delivery.run(lambda tx: orders.replay(tx, choice, order, 5))
    await shell.dead.sends_all()
    code, said = await shell.types(*again)
    assert (code, "1 are under way already: with --yes they are followed to their end." in said) == (0, True)
    assert "Not possible" not in said
    typed = asyncio.create_task(shell.types(*again, "--yes"))
    await asyncio.sleep(1)
    await shell.ends(letter.id, State.resolved)
    code, said = await typed
    assert (code, "Of 1 letter 1 are handled, 0 died again." in said) == (0, True)
    assert "1 had been under way already" in said
    assert "Not possible" not in said


async def test_of_what_died_again_the_next_step_is_named(shell: Shell) -> None:
    letter = await shell.dead.buries()
    typed = asyncio.create_task(shell.types("replay", letter.id, *WHY, "--yes"))
    while not await shell.dead.sends_all():  # noqa: ASYNC110 — it is ordered in another thread
        await asyncio.sleep(0.05)
    await shell.dead.buries(died=AT + timedelta(minutes=5), ce_id=letter.event_id, ledstjarna_replay_count=1)
    code, said = await typed
    assert (code, "1 died again." in said) == (1, True)
    assert f"ledstjarna dead show {letter.id} see why it died again: mend that first" in said


async def test_whoever_interrupts_it_is_told_that_it_goes_on(shell: Shell) -> None:
    letter = await shell.dead.buries()
    words = ("dead", "replay", letter.id, *WHY, "--yes", "--run-dir", str(shell.run_dir))
    program = "from deploy.ctl.main import app; app()"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, *words, stderr=asyncio.subprocess.PIPE
    )
    while not await shell.dead.sends_all():  # noqa: ASYNC110 — it is ordered by another process
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, said = await process.communicate()
    assert (process.returncode, said.decode().strip()) == (
        130,
        "It goes on by itself; type it again to see how it fares.",
    )
    assert (await shell.dead.stands(letter.id)).state is State.replaying


@pytest.mark.parametrize("action", ["replay", "discard"])
async def test_letters_are_chosen_by_queue_and_error_alike_and_only_told_without_yes(shell: Shell, action: str) -> None:
    for dead_code in ("fault", "invalid", "invalid"):
        await shell.dead.buries(dead_code=dead_code)
    await shell.dead.buries(dead_code="invalid", dead_queue="enrolment.evaluation")
    for words, count in (
        (("--error", "invalid"), 3),
        (("--error", "invalid", "--queue", "enrolment.hr"), 2),
        (("--queue", "enrolment.hr"), 3),
        (("--error", "KeyError"), 4),
    ):
        code, said = await shell.types(action, *words, *WHY)
        assert (code, f"{count} letters would be" in said) == (0, True), (words, said)
    assert await shell.dead.letters.collection.count_documents({"state": "open", "replay": None}) == 4


async def test_one_word_discards_what_one_mistake_of_a_sender_left(shell: Shell) -> None:
    for field in ("a", "b"):
        await shell.dead.buries(dead_code="invalid", dead_class=field)
    code, said = await shell.types("discard", "--queue", "enrolment.hr", "--error", "invalid", *WHY, "--yes")
    assert (code, said) == (0, "2 discarded.")


async def test_of_a_group_without_letters_it_is_told_what_became_of_them(shell: Shell) -> None:
    unknown = ("replay", "--group", "0" * 12, *WHY)
    assert await shell.types(*unknown) == (1, "There is no group 000000000000: see `ledstjarna dead groups`.")
    letter = await shell.dead.buries()
    for state, word, expected in ((State.resolved, "handled", 0), (State.discarded, "discarded", 1)):
        await shell.ends(letter.id, state)
        told = f"Nothing of group {letter.fingerprint} waits any more: 1 letter {word}."
        assert await shell.types("replay", "--group", letter.fingerprint, *WHY) == (expected, told)


async def test_a_closed_letter_says_that_its_body_is_not_kept(shell: Shell) -> None:
    letter = await shell.dead.buries()
    said = (await shell.types("show", letter.id))[1]
    assert ("Ask for it" in said, "Died once," in said) == (True, True)
    await shell.types("discard", letter.id, *WHY, "--yes")
    said = (await shell.types("show", letter.id))[1]
    assert ("Ask for it" in said, "It has not been kept: it is closed." in said) == (False, True)


async def test_ids_are_whole_however_long_so_that_they_can_be_copied(shell: Shell) -> None:
    letter = await shell.dead.buries(ce_id="x" * 120, dead_queue="enrolment.evaluation")
    assert letter.id in (await shell.types("list"))[1].split()
    assert f"y{letter.id}" in (await shell.types("discard", f"y{letter.id}", *WHY))[1].split()
