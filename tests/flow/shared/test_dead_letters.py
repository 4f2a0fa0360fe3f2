"""What becomes of dead letters in the database, on a real MongoDB: once recorded, none is lost and none circles."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY

from shared.dead_letters.erasing import forget_letters
from shared.dead_letters.letters import DeadLetter, State
from shared.dead_letters.replayer import NO_QUEUE
from shared.documents import Database
from shared.outbox import NotPublishedError
from tests.flow.shared.dead_letters import AT, Desk, buried, desk, signed_in

LATER = AT + timedelta(minutes=5)


@pytest.fixture
async def dead(database: Database) -> AsyncIterator[Desk]:
    async with desk(database) as made:
        yield made


@pytest.fixture
async def operator(dead: Desk) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(dead.app)
    base = "http://test/api"
    async with httpx.AsyncClient(transport=transport, base_url=base, headers=signed_in("operator")) as client:
        yield client


async def replay(operator: httpx.AsyncClient, *letters: DeadLetter, key: str = "", **more: Any) -> dict[str, Any]:
    body = {"ids": [letter.id for letter in letters], "reason": "it is mended", "rate": 100} | more
    headers = {"Idempotency-Key": key} if key else {}
    answer = await operator.post("/dead-letters/replay", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def handled(dead: Desk, letter: DeadLetter) -> None:
    """The work queue has handled the message: so says its inbox."""
    entry = {"_id": f"{letter.queue}|{letter.event_id}", "queue": letter.queue, "type": letter.event_type}
    await dead.letters._inbox.insert_one(entry | {"outcome": "applied", "at": datetime.now(UTC)})


async def test_a_letter_that_comes_twice_from_the_broker_is_recorded_once(dead: Desk) -> None:
    letter = buried()
    assert [await dead.letters.record(letter), await dead.letters.record(letter)] == [True, False]
    assert (await dead.stands(letter.id)).deaths == 1


async def test_another_message_under_the_same_id_is_another_letter(dead: Desk) -> None:
    one, other = buried(ce_id="E1"), buried(ce_id="E1", body=b"[]")
    for letter in (one, other, one, other):
        await dead.letters.record(letter)
    bodies = {letter.body for letter in await dead.letters.find({}, limit=9, after=None, body=True)}
    assert bodies == {one.body, other.body}


async def test_letters_of_one_cause_are_counted_together(dead: Desk, operator: httpx.AsyncClient) -> None:
    for _ in range(3):
        await dead.buries()
    again = await dead.buries(dead_class="ValueError", ledstjarna_replay_count=1)
    page = (await operator.get("/dead-letters/groups")).json()
    assert sorted((group["kind"], group["count"], group["replayed"]) for group in page["items"]) == [
        ("KeyError", 3, 0),
        ("ValueError", 1, 1),
    ]
    assert {group["example"] for group in page["items"] if group["count"] == 1} == {again.id}


async def test_lists_are_paged_and_filtered(dead: Desk, operator: httpx.AsyncClient) -> None:
    made = [await dead.buries(died=AT + timedelta(minutes=n), dead_code=["fault", "invalid"][n % 2]) for n in range(5)]
    seen, after = [], None
    while True:
        page = (await operator.get("/dead-letters", params={"limit": 2} | ({"after": after} if after else {}))).json()
        seen += [letter["letter_id"] for letter in page["items"]]
        if (after := page["next"]) is None:
            break
    assert seen == sorted((letter.id for letter in made), reverse=True)

    async def count(**wanted: Any) -> int:
        return len((await operator.get("/dead-letters", params=wanted)).json()["items"])

    assert await count(error="invalid") == 2
    assert await count(error="KeyError") == 5
    assert await count(since="2026-11-25T08:03:00") == 2
    assert await count(queue="enrolment.evaluation") == 0
    assert await count(correlation_id=made[0].event_id) == 1
    assert await count(state="resolved") == 0


async def test_a_body_is_shown_when_asked_for_to_operators_only_and_that_is_noted(
    dead: Desk, operator: httpx.AsyncClient, database: Database
) -> None:
    letter = await dead.buries()
    assert (await operator.get(f"/dead-letters/{letter.id}")).json()["body"] is None
    assert await database["audit"].count_documents({}) == 0
    assert (await operator.get(f"/dead-letters/{letter.id}", params={"body": True})).json()[
        "body"
    ] == '{"unit_id": "U1"}'
    [entry] = [row async for row in database["audit"].find()]
    assert (entry["who"], entry["what"], entry["subject"]) == ("the operator", "read dead letter", letter.id)
    operator.headers.update(signed_in("auditor"))
    assert (await operator.get(f"/dead-letters/{letter.id}")).status_code == 200
    assert (await operator.get(f"/dead-letters/{letter.id}", params={"body": True})).status_code == 403
    assert (await operator.get("/dead-letters/export", params={"body": True})).status_code == 403


async def test_a_letter_by_which_one_could_answer_for_somebody_is_shown_to_nobody(
    dead: Desk, operator: httpx.AsyncClient
) -> None:
    letter = await dead.buries(ce_type="evaluation.invitations.requested.v1")
    for shown in (
        (await operator.get(f"/dead-letters/{letter.id}", params={"body": True})).json(),
        (await operator.get("/dead-letters/export", params={"body": True})).json()["items"][0],
    ):
        assert shown["body"] is None
        assert "nobody is shown it" in shown["why_no_body"]


@pytest.mark.parametrize(("role", "status"), [("auditor", 403), ("office", 403)])
async def test_only_operators_act(dead: Desk, operator: httpx.AsyncClient, role: str, status: int) -> None:
    letter = await dead.buries()
    operator.headers.update(signed_in(role))
    for action in ("replay", "discard"):
        answer = await operator.post(f"/dead-letters/{action}", json={"ids": [letter.id], "reason": "x"})
        assert answer.status_code == status
    assert (await dead.stands(letter.id)).replay is None


async def test_a_dry_run_tells_all_and_changes_nothing(dead: Desk, operator: httpx.AsyncClient) -> None:
    letters = [await dead.buries() for _ in range(3)]
    before = [await dead.stands(letter.id) for letter in letters]
    told = await replay(operator, *letters, dry_run=True)
    assert (len(told["accepted"]), told["queues"], told["replay_id"]) == (3, {"enrolment.hr": 3}, None)
    assert told["causes"] == [{"code": "fault", "message": "KeyError: 'U1'", "count": 3}]
    assert await dead.sends_all() == 0
    assert [await dead.stands(letter.id) for letter in letters] == before


async def test_a_replay_goes_to_the_failing_queue_as_the_same_message(dead: Desk, operator: httpx.AsyncClient) -> None:
    letter = await dead.buries(attempt=3)
    await replay(operator, letter, on_behalf_of="asa")
    assert await dead.sends_all() == 1
    [sent] = dead.broker.taken
    assert (sent.exchange, sent.routing_key, sent.mandatory) == ("enrolment.requeue", "enrolment.hr", True)
    assert (sent.message_id, sent.body) == (letter.event_id, letter.body)
    assert sent.headers["ledstjarna-replay-count"] == 1
    assert sent.headers["ledstjarna-replay-by"] == "the operator (asa)"
    assert not [name for name in sent.headers if name.startswith(("x-", "dead-")) or name == "attempt"]
    stands = await dead.stands(letter.id)
    assert (stands.state, stands.replay_count) == (State.replaying, 1)
    assert stands.history[0].reason == "it is mended"


async def test_a_replay_that_is_asked_for_twice_under_one_key_is_ordered_once(
    dead: Desk, operator: httpx.AsyncClient
) -> None:
    letter = await dead.buries()
    first = await replay(operator, letter, key="K")
    assert await replay(operator, letter, key="K") == first
    assert await dead.sends_all() == 1
    assert (await replay(operator, letter))["refused"][0]["why"].startswith("it has been sent and is not decided yet")


async def test_a_letter_is_closed_when_its_message_is_handled_whoever_died_before_saying_so(
    dead: Desk, operator: httpx.AsyncClient
) -> None:
    letter, other = await dead.buries(), await dead.buries()
    await replay(operator, letter)
    await dead.sends_all()
    await handled(dead, letter)
    assert await dead.letters.resolve_handled() == 1
    stands = await dead.stands(letter.id)
    assert (stands.state, stands.body) == (State.resolved, None)
    assert (await dead.stands(other.id)).state is State.open


async def test_a_message_handled_before_it_was_noted_as_sent_stays_resolved(
    dead: Desk, operator: httpx.AsyncClient
) -> None:
    letter = await dead.buries()
    told = await replay(operator, letter)
    leased = await dead.letters.next_to_send(15)
    assert leased
    assert leased.replay
    await dead.letters.resolve(letter.queue, letter.event_id)
    await dead.letters.note_sent(leased, leased.replay.model_copy(update={"waiting": False, "sent_at": LATER}))
    stands = await dead.stands(letter.id)
    assert (stands.state, stands.replay_count) == (State.resolved, 1)
    assert (await operator.get(f"/dead-letters/replays/{told['replay_id']}")).json()["resolved"] == 1


async def test_a_message_that_died_again_before_it_was_noted_as_sent_is_open_and_not_sent_again(
    dead: Desk, operator: httpx.AsyncClient
) -> None:
    letter = await dead.buries()
    told = await replay(operator, letter)
    leased = await dead.letters.next_to_send(15)
    assert leased
    assert leased.replay
    await dead.buries(died=LATER, ce_id=letter.event_id, ledstjarna_replay_count=1)
    await dead.letters.note_sent(leased, leased.replay.model_copy(update={"waiting": False, "sent_at": LATER}))
    stands = await dead.stands(letter.id)
    assert (stands.state, stands.replay_count, stands.deaths) == (State.open, 1, 2)
    assert await dead.sends_all() == 0
    fared = (await operator.get(f"/dead-letters/replays/{told['replay_id']}")).json()
    assert (fared["died_again"], fared["arrivals"]) == (1, 0)


async def test_a_process_that_ends_while_it_sends_leaves_the_letter_to_the_next(
    dead: Desk, operator: httpx.AsyncClient
) -> None:
    letter = await dead.buries()
    await replay(operator, letter)
    assert await dead.letters.next_to_send(0), "it ended with this in its hands"
    assert await dead.sends_all() == 1


async def test_no_two_processes_send_the_same_letter(dead: Desk, operator: httpx.AsyncClient) -> None:
    await replay(operator, await dead.buries())
    assert await dead.letters.next_to_send(15)
    assert await dead.letters.next_to_send(15) is None


async def test_a_letter_that_no_queue_takes_waits_for_a_person_and_says_why(
    dead: Desk, operator: httpx.AsyncClient
) -> None:
    letter = await dead.buries()
    told = await replay(operator, letter)
    dead.broker.refuses = NotPublishedError("returned", "no queue")
    assert await dead.sends_all() == 0
    fared = (await operator.get(f"/dead-letters/replays/{told['replay_id']}")).json()
    assert (fared["refused"], fared["why_refused"]) == (1, NO_QUEUE)
    dead.broker.refuses = None
    await replay(operator, letter)
    assert await dead.sends_all() == 1


async def test_a_letter_waits_for_a_broker_that_is_away(dead: Desk, operator: httpx.AsyncClient) -> None:
    await replay(operator, await dead.buries())
    dead.broker.refuses = NotPublishedError("error", "no connection")
    assert await dead.replayer.send_next() == 1
    dead.broker.refuses = None
    assert await dead.sends_all() == 1


async def test_at_most_so_many_are_taken_the_oldest_first(dead: Desk, operator: httpx.AsyncClient) -> None:
    letters = [await dead.buries(died=AT + timedelta(minutes=n)) for n in range(5)]
    told = await replay(operator, ids=[], queue="enrolment.hr", max=2)
    assert (told["accepted"], told["left"]) == ([letter.id for letter in letters[:2]], 3)


async def test_others_that_die_meanwhile_are_told(dead: Desk, operator: httpx.AsyncClient) -> None:
    letter = await dead.buries()
    told = await replay(operator, letter)
    await dead.buries(died=datetime.now(UTC) + timedelta(minutes=1))
    assert (await operator.get(f"/dead-letters/replays/{told['replay_id']}")).json()["arrivals"] == 1


async def test_a_discarded_letter_keeps_no_body_and_says_who_and_why(
    dead: Desk, operator: httpx.AsyncClient, database: Database
) -> None:
    letter = await dead.buries()
    order = {"group": letter.fingerprint, "reason": "HR has sent it again", "on_behalf_of": "asa"}
    assert (await operator.post("/dead-letters/discard", json=order)).json()["accepted"] == [letter.id]
    stands = await dead.stands(letter.id)
    assert (stands.state, stands.body) == (State.discarded, None)
    assert [(one.actor, one.reason) for one in stands.history] == [("the operator (asa)", "HR has sent it again")]
    assert (await replay(operator, letter))["refused"][0]["why"] == "it is discarded already"
    [entry] = [row async for row in database["audit"].find()]
    assert (entry["what"], entry["after"]["state"]) == ("discard dead letter", "discarded")


async def test_a_discarded_letter_that_dies_again_is_open_again(dead: Desk, operator: httpx.AsyncClient) -> None:
    letter = await dead.buries()
    await operator.post("/dead-letters/discard", json={"ids": [letter.id], "reason": "x"})
    await dead.buries(died=LATER, ce_id=letter.event_id)
    stands = await dead.stands(letter.id)
    assert (stands.state, stands.body, stands.closed_at) == (State.open, letter.body, None)


@pytest.mark.parametrize(
    "order",
    [
        {"ids": ["a:enrolment.hr"]},
        {"ids": ["a:enrolment.hr"], "reason": ""},
        {"ids": ["a:enrolment.hr"], "group": "0" * 12, "reason": "x"},
        {"reason": "x"},
        {"ids": ["a b"], "reason": "x"},
    ],
)
async def test_an_order_names_its_letters_in_one_way_and_a_reason(
    operator: httpx.AsyncClient, order: dict[str, Any]
) -> None:
    for action in ("replay", "discard"):
        assert (await operator.post(f"/dead-letters/{action}", json=order)).status_code == 422


async def test_operators_see_how_many_wait_and_since_when(dead: Desk, operator: httpx.AsyncClient) -> None:
    letter = await dead.buries()
    await dead.buries(died=LATER)
    await dead.letters.observe()

    def now(state: str, event_type: str = "hr.unit.changed.v1") -> float | None:
        labels = {"queue": "enrolment.hr", "event_type": event_type, "state": state}
        return REGISTRY.get_sample_value("ledstjarna_dead_letters", labels)

    def oldest() -> float | None:
        return REGISTRY.get_sample_value("ledstjarna_dead_letter_oldest_timestamp_seconds", {"queue": "enrolment.hr"})

    assert (now("open"), now("replaying"), now("open", "other")) == (2, 0, 0)
    assert oldest() == AT.timestamp()
    for each in (await operator.get("/dead-letters")).json()["items"]:
        await operator.post("/dead-letters/discard", json={"ids": [each["letter_id"]], "reason": "x"})
    await dead.letters.observe()
    assert (now("open"), oldest()) == (0, 0)
    assert (await dead.stands(letter.id)).closed_at is not None


async def test_letters_about_somebody_who_is_erased_keep_nothing_of_her(
    dead: Desk, operator: httpx.AsyncClient
) -> None:
    record = b'{"employee_id": "E1", "given_name": "Anna"}'
    hers = [
        await dead.buries(body=record, ce_subject="E1", ce_type="hr.employee.changed.v1"),
        await dead.buries(body=b'{"employees": [{"employee_id": "E2"}, ' + record + b"]}"),
        await dead.buries(body=b'{"employee_id": "E1", "given_na', dead_reason="it is malformed"),
        await dead.buries(dead_reason="E1 has been erased: give her another id"),
    ]
    closed = await dead.buries(body=record, ce_subject="FLC:E1:1")
    await operator.post("/dead-letters/discard", json={"ids": [closed.id], "reason": "x"})
    others = [
        await dead.buries(body=b'{"employee_id": "E12", "manager_id": "E1"}', ce_subject="E12"),
        await dead.buries(body=b'{"employee_id": "E1"}', ce_type="hr.employee.erased.v1"),
    ]
    before = [await dead.stands(letter.id) for letter in others]
    assert await dead.delivery.run(lambda tx: forget_letters(tx, "E1")) == 5
    for letter in (*hers, closed):
        stands = await dead.stands(letter.id)
        assert stands.state is State.discarded
        assert "Anna" not in str(stands.row())
        assert not re.search(r"\bE1\b", str(stands.row()))
    assert [await dead.stands(letter.id) for letter in others] == before
