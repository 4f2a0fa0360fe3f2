"""The local stack leaves nothing running however it ends, and says what is wrong in one sentence."""

import asyncio
import contextlib
import re
import signal
import smtplib
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.local.blueprint import SERVERS
from deploy.local.endpoints import FILE, Endpoints
from deploy.local.outside import Outside
from deploy.local.parts import CannotStart, Mail, Mongo, PartDied, RabbitMQ, Service, Where
from deploy.local.stack import Stack

START_SERVERS = "import sys; from deploy.local.__main__ import main; sys.exit(main(sys.argv[1:], {parts}))"
SMALL = ("mongo", "mail")
NOWHERE = Outside()


class Started:
    """A stack in a process of its own, with `--empty`, and every process that belongs to it."""

    def __init__(self, run_dir: Path, parts: tuple[str, ...]) -> None:
        self.run_dir = run_dir
        command = [sys.executable, "-c", START_SERVERS.format(parts=parts), "--empty", "--run-dir", str(run_dir)]
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        )

    def until_up(self) -> list[psutil.Process]:
        """Wait for the endpoints; the stack's processes, by id and birth."""
        deadline = time.monotonic() + 60
        while not (self.run_dir / FILE).exists():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return [psutil.Process(self.process.pid), *self.below()]

    def below(self) -> list[psutil.Process]:
        """Everything that carries the run directory in its arguments or environment, whoever its parent is."""
        return [process for process in psutil.process_iter() if _mentions(process, str(self.run_dir))]

    def said(self) -> str:
        """What it printed until its end."""
        assert self.process.stdout is not None
        return self.process.communicate(timeout=60)[0]

    def close(self) -> None:
        """Whatever a failed test left."""
        self.process.kill()
        self.process.communicate()


def _mentions(process: psutil.Process, words: str) -> bool:
    with contextlib.suppress(psutil.Error):
        return any(words in text for text in (*process.cmdline(), *process.environ().values()))
    return False


def _still_running(processes: list[psutil.Process]) -> list[str]:
    _, alive = psutil.wait_procs(processes, timeout=25)
    return [name for process in alive if (name := _living_name(process))]


def _living_name(process: psutil.Process) -> str:
    """The name of a process; nothing if it has gone, or is only not yet forgotten by the kernel."""
    with contextlib.suppress(psutil.Error):
        return "" if process.status() == psutil.STATUS_ZOMBIE else process.name()
    return ""


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Started]:
    """Broker, database and mail server, in a directory with a space in its name."""
    started = Started(tmp_path / "a run", SERVERS)
    yield started
    started.close()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Started]:
    """Database and mail server only: quick."""
    started = Started(tmp_path / "run", SMALL)
    yield started
    started.close()


def test_sigterm_leaves_nothing_running(servers: Started) -> None:
    processes = servers.until_up()
    assert {"beam.smp", "epmd", "mongod"} <= {process.name() for process in processes}
    servers.process.send_signal(signal.SIGTERM)
    assert "Stopping" in servers.said()
    assert servers.process.returncode == 0
    assert _still_running(processes) == []


def test_kill_9_of_the_stack_leaves_nothing_running(servers: Started) -> None:
    processes = servers.until_up()
    servers.process.kill()
    assert _still_running(processes) == []
    assert servers.below() == []


def test_kill_9_of_every_guardian_ends_the_stack_with_its_servers(small: Started) -> None:
    processes = small.until_up()
    guardians = [process for process in processes if _mentions(process, "guardian.py")]
    assert guardians
    for guardian in guardians:
        with contextlib.suppress(psutil.NoSuchProcess):  # the stack ends it as soon as another has died
            guardian.kill()
    assert " died (" in small.said()
    assert _still_running(processes) == []


def test_a_second_interrupt_does_not_wait_for_a_gentle_stop(servers: Started) -> None:
    processes = servers.until_up()
    began = time.monotonic()
    servers.process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    servers.process.send_signal(signal.SIGINT)
    servers.said()
    assert time.monotonic() - began < 4  # RabbitMQ alone takes 6 s when asked kindly
    assert _still_running(processes) == []


def test_a_dying_database_ends_the_stack_and_is_named_below_its_last_lines(small: Started) -> None:
    processes = small.until_up()
    next(process for process in processes if process.name() == "mongod").kill()
    said = small.said()
    assert "mongo died (signal 9)" in said.partition("Stopping")[0]  # at once: a gentle stop can take a minute
    *_, logged, last = said.rstrip().splitlines()
    assert last.startswith("mongo died (signal 9) and ends the stack; above are the last lines of ")
    assert '"msg":' in logged
    assert small.process.returncode == 1
    assert _still_running(processes) == []


def test_a_directory_is_only_announced_once_it_is_accepted(small: Started) -> None:
    small.until_up()
    with contextlib.closing(Started(small.run_dir, SMALL)) as refused:
        words = refused.said()
    assert (words.count("\n"), "is in use by a running stack" in words, refused.process.returncode) == (1, True, 2)
    small.process.terminate()
    assert small.said().lstrip().startswith(f"stack starts in {small.run_dir}")


async def test_a_death_interrupts_whoever_uses_the_stack(tmp_path: Path) -> None:
    async def use() -> None:
        async with Stack(tmp_path / "run", parts=SMALL, outside=NOWHERE) as stack:
            await stack.kill("mail")
            await asyncio.sleep(30)
            pytest.fail("the body went on after the death of a part")

    with pytest.raises(PartDied, match=r"(?m)^mail died \(signal 9\)"):
        await use()


async def test_two_stacks_live_side_by_side_and_share_nothing(tmp_path: Path) -> None:
    async with (
        Stack(tmp_path / "one", parts=SMALL, outside=NOWHERE) as one,
        Stack(tmp_path / "two", parts=SMALL, outside=NOWHERE) as two,
    ):
        mine, theirs = one.endpoints, two.endpoints
        assert {mine.mongo, mine.smtp, mine.maildir}.isdisjoint({theirs.mongo, theirs.smtp, theirs.maildir})
        assert mine.tokens.office != theirs.tokens.office
        with pytest.raises(CannotStart, match="in use by a running stack"):
            await Stack(tmp_path / "one", parts=SMALL, outside=NOWHERE).__aenter__()
        assert Endpoints.read(tmp_path / "one") == mine
    assert stat.S_IMODE((tmp_path / "one" / FILE).stat().st_mode) == 0o600


async def test_a_part_stopped_on_purpose_comes_back_at_its_address(tmp_path: Path) -> None:
    async with Stack(tmp_path / "run", parts=("mail",), outside=NOWHERE) as stack:
        await stack.stop_part("mail")
        await asyncio.sleep(0.2)
        await stack.start_part("mail")
        assert await stack.parts["mail"].is_ready()


async def test_a_mail_lies_in_the_maildir_as_it_was_sent(tmp_path: Path) -> None:
    sent = b"From: a@kommun.example\r\nSubject: =?utf-8?q?=C3=85sa?=\r\n\r\n.dot\r\n\xc3\xa5\r\n"
    async with Mail(tmp_path) as mail:
        await asyncio.to_thread(_send, mail.port, sent)
        (received,) = (mail.maildir / "new").iterdir()
    top, body = received.read_bytes().split(b"From: ", 1)
    assert b"From: " + body == sent
    assert top == b"Return-Path: <a@kommun.example>\r\nDelivered-To: b@kommun.example\r\n"


def _send(port: int, content: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("a@kommun.example", ["b@kommun.example"], content)


async def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotStart, match=f"mongo cannot start: port {port} of 127.0.0.1 is taken"):
            await Mongo(tmp_path, port=port).start()


@pytest.fixture
def bare(tmp_path: Path) -> Where:
    """A machine with nothing installed, whose apt-get refuses this user."""
    refusing = tmp_path / "bin" / "apt-get"
    refusing.parent.mkdir()
    refusing.write_text("#!/bin/sh\necho 'are you root?' >&2; exit 100\n")
    refusing.chmod(0o755)
    return Where(path=str(refusing.parent), rabbitmq=tmp_path, packaged=False)


async def test_without_a_broker_and_the_right_to_install_one_sentence_names_the_ways_on(
    bare: Where, tmp_path: Path
) -> None:
    with pytest.raises(CannotStart) as told:
        await RabbitMQ(tmp_path, where=bare).start()
    sentence = str(told.value)
    assert all(way in sentence for way in ("LEDSTJARNA_AMQP_URL", "apt-get install rabbitmq-server", "Docker"))
    assert re.search(r"[.!?] ", sentence) is None


async def test_without_a_database_one_sentence_names_the_ways_on(bare: Where, tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"LEDSTJARNA_MONGO_URL.*on the PATH.*Docker"):
        await Mongo(tmp_path, where=bare).start()


@pytest.mark.parametrize(
    "outside",
    [Outside(amqp="amqp://127.0.0.1:1/"), Outside(mongo="mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200")],
)
async def test_an_outside_server_out_of_reach_is_named_before_anything_starts(outside: Outside, tmp_path: Path) -> None:
    stack = Stack(tmp_path / "run", parts=SMALL, outside=outside)
    with pytest.raises(CannotStart, match=r"The (broker|database) at LEDSTJARNA_(AMQP|MONGO)_URL"):
        await stack.__aenter__()
    assert not (tmp_path / "run" / "logs").exists()


async def test_an_outside_database_without_transactions_is_refused(tmp_path: Path) -> None:
    class Single(Mongo):
        def command(self) -> list[str | Path]:
            return [word for word in super().command() if word not in {"--replSet", "rs0"}]

        async def is_ready(self) -> bool:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                return True
            return False

    async with Single(tmp_path) as single:
        with pytest.raises(CannotStart, match="without transactions"):
            await Outside(mongo=f"mongodb://127.0.0.1:{single.port}").check()


async def test_a_service_that_dies_while_starting_shows_why(tmp_path: Path) -> None:
    with pytest.raises(PartDied, match=r"No module named 'services.payroll'"):
        await Service(tmp_path, "payroll", {}).start()


async def test_a_killed_service_comes_again_but_not_for_ever(tmp_path: Path) -> None:
    news: list[str] = []
    stack = Stack(
        tmp_path / "run",
        parts=("rabbitmq", "mongo", "evaluation"),
        outside=NOWHERE,
        restart_services=True,
        news=lambda part, what: news.append(f"{part} {what}"),
    )

    async def use() -> None:
        async with stack:
            first = stack.parts["evaluation"].pid
            await stack.kill("evaluation")
            await stack.until_ready("evaluation")
            assert stack.parts["evaluation"].pid != first
            while True:
                await stack.kill("evaluation")
                await asyncio.sleep(0.3)

    with pytest.raises(PartDied, match=r"evaluation died \(signal 9\) and ends the stack"):
        await asyncio.wait_for(use(), 60)
    assert news.count("evaluation died (signal 9) and is started again") == 4
