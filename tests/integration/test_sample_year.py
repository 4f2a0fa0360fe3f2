"""A village's half year on the real broker, database and mail server, undisturbed and disturbed.

Whatever is killed or away in the middle, the counts at the end are those of the quiet year with the same seed.
"""

import asyncio
import hashlib
import re
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from deploy.grafana.asked import LOOKED_BACK_SECONDS, answers
from deploy.local.blueprint import PARTS, SERVICES
from deploy.local.prometheus import EVERY_SECONDS
from deploy.local.service import Service
from deploy.local.stack import Stack
from deploy.sample.year import Outcome, differences, live_through
from deploy.sample.years import SHORT
from shared.clock import SimulatedClock
from tests.integration.remains import Remains, gather, leaves, listened_to

SEED = 5

Disturbance = Callable[[Stack], Coroutine[None, None, None]]

KILLS: Sequence[tuple[datetime, str]] = (
    (datetime(2026, 8, 17, tzinfo=UTC), "enrolment"),
    (datetime(2026, 8, 19, 9, tzinfo=UTC), "notifications"),
    (datetime(2026, 9, 1, 8, tzinfo=UTC), "enrolment"),
    (datetime(2026, 9, 2, 10, tzinfo=UTC), "notifications"),
    (datetime(2026, 9, 9, tzinfo=UTC), "evaluation"),
    (datetime(2026, 9, 20, tzinfo=UTC), "enrolment"),
    (datetime(2026, 11, 3, 9, tzinfo=UTC), "notifications"),
    (datetime(2026, 11, 23, tzinfo=UTC), "evaluation"),
    (datetime(2027, 1, 27, tzinfo=UTC), "evaluation"),
)
"""While staff is loaded, offers and invites go out, people answer, a session moves, surveys are answered."""


async def nothing(_: Stack) -> None:
    """Leave the year alone."""


async def kill_each_service(stack: Stack) -> None:
    """SIGKILL each service three times, each time as soon as its moment has come."""
    for moment, service in KILLS:
        await _until(stack, moment)
        await stack.kill(service)
        await stack.until_ready(service)


async def take_the_broker_away(stack: Stack) -> None:
    """Stop the broker for twenty seconds just after a group was offered its places."""
    await _until(stack, datetime(2026, 9, 1, 8, tzinfo=UTC))
    await stack.stop_part("rabbitmq")
    await asyncio.sleep(20)
    await stack.start_part("rabbitmq")


async def _until(stack: Stack, moment: datetime) -> None:
    assert stack.endpoints.clock
    clock = SimulatedClock(stack.endpoints.clock)
    while clock.now() < moment:  # noqa: ASYNC110 — the clock is a file
        await asyncio.sleep(0.005)


async def lived(
    run_dir: Path, disturb: Disturbance, remains: Remains | None = None, twins: list[str] | None = None
) -> Outcome:
    """The outcome of a year on a stack of its own; `remains` gets all that was said and is left.

    With `twins` every service runs twice, and the list gets what the second ones measured.
    """
    async with AsyncExitStack() as around:
        parts = PARTS if remains is None else (*PARTS, "prometheus")
        stack = await around.enter_async_context(Stack(run_dir, parts=parts, restart_services=True))
        seconds = [await around.enter_async_context(_twin(stack, name)) for name in SERVICES if twins is not None]
        if remains is not None:
            await around.enter_async_context(listened_to(stack, remains))
        trouble = asyncio.create_task(disturb(stack))
        outcome = await live_through(stack.endpoints, seed=SEED, console=Console(quiet=True), plan=SHORT)
        assert trouble.done(), "the year was over before all had been disturbed"
        await trouble
        if twins is not None:
            twins.extend([await _metrics(second) for second in seconds])
        if remains is not None:
            await gather(stack, remains)
            remains.panels = await answers(
                str(stack.endpoints.prometheus), seconds=LOOKED_BACK_SECONDS, every_seconds=EVERY_SECONDS
            )
        return outcome


def _twin(stack: Stack, name: str) -> Service:
    service = stack.parts[name]
    assert isinstance(service, Service)
    return service.twin()


async def _metrics(service: Service) -> str:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(f"{service.url}/metrics")).text


def broken(outcome: Outcome) -> list[str]:
    return [f"{p.text}: expected {p.expected}, found {p.found}" for p in outcome.promises if p.held is False]


@pytest.fixture(scope="module")
def remains() -> Remains:
    return Remains()


@pytest.fixture(scope="module")
def quiet_year(tmp_path_factory: pytest.TempPathFactory, remains: Remains) -> Outcome:
    return asyncio.run(lived(tmp_path_factory.mktemp("quiet"), nothing, remains))


def test_a_year_keeps_its_promises(quiet_year: Outcome) -> None:
    assert broken(quiet_year) == []


def test_something_of_everything_happens_in_a_year(quiet_year: Outcome) -> None:
    happened = {name for name, count in quiet_year.counts.items() if count}
    states = {"completed", "declined", "expired", "queued", "withdrawn"}
    mails = {"offer", "offer_expired", "invite", "update", "cancel", "reminder", "survey"}
    outcomes = {f"enrolment.hr hr.employee.changed.v1 {name}" for name in ("applied", "stale", "held")}
    passing = {"enrolment announced enrolment.place.paused.v1"}  # she is back from leave before the end
    assert {f"places {state}" for state in states} | {
        f"mails {kind}" for kind in mails
    } | outcomes | passing <= happened


@pytest.mark.usefixtures("quiet_year")
def test_every_panel_of_the_dashboards_has_something_to_show_after_a_year(remains: Remains) -> None:
    assert len(remains.panels) > 100
    assert [str(each) for each in remains.panels if not each.well] == []


ANSWERS = ("evaluation.responses", "evaluation.comments", "evaluation.tasks")


@pytest.mark.usefixtures("quiet_year")
def test_no_answer_that_a_year_leaves_behind_knows_whose_it_is(remains: Remains) -> None:
    answers = [answer for collection in ANSWERS for answer in remains.documents[collection]]
    known = set[str]().union(*remains.people.values()) | remains.tokens
    known |= {hashlib.sha256(one.encode()).hexdigest() for one in known}
    known |= {str(row["_id"]) for row in remains.documents["evaluation.invitations"]}
    assert len(answers) > 100
    assert len(remains.people) > 100
    assert len(remains.tokens) > 50
    for answer in answers:
        assert not known & set(leaves(answer))
        assert not re.search(r"E\d{6}", " ".join(leaves(answer)))


@pytest.mark.usefixtures("quiet_year")
def test_nothing_else_that_a_year_leaves_behind_knows_an_answer(remains: Remains) -> None:
    """Ids of answers, the pseudonyms in them and what was written in own words are nowhere but in the answers."""
    answers = [answer for collection in ANSWERS for answer in remains.documents[collection]]
    secrets = {str(one[key]) for one in answers for key in ("_id", "link", "group", "text") if one.get(key)}
    allowed = {*ANSWERS, "evaluation.ledger"}
    for collection, documents in remains.documents.items():
        if collection not in allowed:
            assert not [row["_id"] for row in documents if secrets & set(leaves(row))], collection
    for text in (*remains.messages, *remains.log_lines, *remains.metrics):
        assert not secrets & set(re.findall(r"[\w-]{20,}", text))
        assert not re.search(r'"(UM|RX|BE|HME|NV|TR|LU|RI)\d+"', text), "an answer is said to somebody"
    assert len(remains.messages) > 1_000


@pytest.mark.usefixtures("quiet_year")
def test_no_log_and_no_metric_names_anybody(remains: Remains) -> None:
    names = {one for known in remains.people.values() for one in known if " " in one or "@" in one}
    for text in (*remains.log_lines, *remains.metrics):
        assert not [one for one in names | remains.tokens if one in text]


def test_killing_each_service_in_the_middle_changes_no_final_count(quiet_year: Outcome, tmp_path: Path) -> None:
    killed = asyncio.run(lived(tmp_path, kill_each_service))
    assert broken(killed) == []
    assert differences(quiet_year.counts, killed.counts) == {}


def test_a_broker_that_is_away_for_twenty_seconds_loses_nothing(quiet_year: Outcome, tmp_path: Path) -> None:
    cut_off = asyncio.run(lived(tmp_path, take_the_broker_away))
    assert broken(cut_off) == []
    assert differences(quiet_year.counts, cut_off.counts) == {}


@pytest.mark.village
def test_two_of_each_service_do_everything_once(quiet_year: Outcome, tmp_path: Path) -> None:
    """One of each pair is killed three times, as machines are lost and versions change; its twin goes on."""
    measured: list[str] = []
    shared = asyncio.run(lived(tmp_path, kill_each_service, twins=measured))
    assert broken(shared) == []
    assert differences(quiet_year.counts, shared.counts) == {}
    for metrics in measured:
        handled = re.findall(r'ledstjarna_messages_consumed_total\{.*outcome="ok".*\} (\S+)', metrics)
        assert sum(map(float, handled)) > 50, "the twin had its share of the work"
