"""Reading dead letters: none is so strange that it cannot be kept, and those of one cause are found together."""

from datetime import UTC, datetime
from typing import Any

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.cloudevents import Reject
from shared.dead_letters.letters import DeadLetter, Replay, State, headers_again, why_not
from shared.dead_letters.reading import MOST_BODY, Buried, epitaph, read, where
from shared.topology import BINDINGS

AT = datetime(2026, 11, 25, 8, tzinfo=UTC)
HEADERS: dict[str, Any] = {
    "ce-id": "0193a1f0",
    "ce-type": "hr.unit.changed.v1",
    "ce-time": "2026-08-17T06:00:00+00:00",
    "ce-correlationid": "0193a1ef",
    "dead-queue": "enrolment.hr",
    "dead-code": "fault",
    "dead-class": "KeyError",
    "dead-where": "services.enrolment.commands.units.told",
    "dead-reason": "KeyError: 'U1'",
    "dead-attempts": 2,
    "dead-at": "2026-11-25T07:59:00+00:00",
}
BURIED = [{"queue": "enrolment.hr", "reason": "delivery_limit", "time": AT, "exchange": "hr", "count": 1}]


def letter(body: bytes = b"{}", message_id: str | None = None, **headers: Any) -> DeadLetter:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    kept = {name: value for name, value in (HEADERS | named).items() if value is not None}
    return read(Buried("enrolment", kept, "application/json", message_id, body, AT))


def test_a_letter_tells_what_died_where_and_why() -> None:
    found = letter()
    assert found.id == "0193a1f0:enrolment.hr"
    assert (found.queue, found.event_type, found.attempts) == ("enrolment.hr", "hr.unit.changed.v1", 2)
    assert found.occurred_at == datetime(2026, 8, 17, 6, tzinfo=UTC)
    assert found.last_failed_at == datetime(2026, 11, 25, 7, 59, tzinfo=UTC)
    assert (found.error.code, found.error.kind, found.state) == ("fault", "KeyError", State.open)


def test_what_a_process_died_of_is_poison_of_the_queue_that_the_broker_names() -> None:
    liar: dict[str, Any] = {"dead_queue": "enrolment.evaluation", "dead_code": "invalid"}
    found = letter(x_death=BURIED, **liar)
    assert (found.queue, found.error.code, found.error.by_broker) == ("enrolment.hr", "poison", True)


@pytest.mark.parametrize("queue", ["evaluation.hr", "enrolment.nowhere", 7, ["enrolment.hr"], None])
def test_a_queue_that_is_none_of_the_services_is_not_believed(queue: object) -> None:
    found = letter(dead_queue=queue)
    assert found.queue == "enrolment.dead"
    assert "nobody knows the queue" in str(why_not(found, force=True))


def test_letters_of_one_cause_are_a_group_and_others_are_not() -> None:
    one = letter(dead_reason="KeyError: 'U1'")
    assert one.fingerprint == letter(ce_id="another", dead_reason="KeyError: 'U2'").fingerprint
    different = [
        letter(dead_where="services.enrolment.commands.staff.told"),
        letter(dead_class="ValueError"),
        letter(ce_type="hr.employee.changed.v1"),
        letter(dead_code="exhausted"),
    ]
    assert len({each.fingerprint for each in (one, *different)}) == 5


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("there is no place FLC:E1:1: find out", "there is no place FLC:E2:4: find out", True),
        ("page 3 of 2026-08-17 is refused: x", "page 1 of 2026-08-18 is refused: x", True),
        ("hr.unit.changed.v1 is malformed: name: Field required", "hr.unit.changed.v1 is malformed: x: y", False),
    ],
)
def test_refusals_are_grouped_by_what_they_say_without_ids(one: str, other: str, same: bool) -> None:
    refused = [
        letter(dead_where="", dead_code="rejected", dead_class="Reject", dead_reason=said) for said in (one, other)
    ]
    assert (refused[0].fingerprint == refused[1].fingerprint) is same


def test_a_letter_without_any_id_has_one_of_what_stands_in_it() -> None:
    one, same, other = letter(ce_id=None), letter(ce_id=None), letter(b"[]", ce_id=None)
    assert one.id == same.id != other.id
    assert one.event_id == ""


def test_an_id_that_cannot_be_typed_is_replaced() -> None:
    assert letter(ce_id="a b|c/d").id.startswith("sha256-")


def test_of_a_body_that_is_too_large_nothing_is_kept_and_it_is_not_sent_again() -> None:
    found = letter(b" " * (MOST_BODY + 1))
    assert (found.body, found.body_bytes) == (None, MOST_BODY + 1)
    assert "too many to be kept" in str(why_not(found, force=True))
    assert letter(b" " * MOST_BODY).body


def test_what_is_sent_again_tells_nothing_of_its_death() -> None:
    found = letter(attempt=3, x_delivery_count=4, x_death=BURIED, ledstjarna_replay_count=1)
    waits = found.having(replay=Replay(id="R", at=AT, by="an operator", rate=5, waiting=True))
    assert headers_again(waits, AT) == {
        **{name: value for name, value in HEADERS.items() if name.startswith("ce-")},
        "ledstjarna-replay-count": 2,
        "ledstjarna-replay-at": AT.isoformat(),
        "ledstjarna-replay-by": "an operator",
    }


@pytest.mark.parametrize(
    ("changes", "force", "why"),
    [
        ({}, False, None),
        ({"state": State.resolved}, True, "resolved already"),
        ({"state": State.discarded}, True, "discarded already"),
        ({"state": State.replaying}, False, "not decided yet"),
        ({"state": State.replaying}, True, None),
        ({"replay_count": 2}, False, None),
        ({"replay_count": 3}, False, "died each time"),
        ({"replay_count": 3}, True, None),
        ({"replay": Replay(id="R", at=AT, by="x", rate=5, waiting=True)}, True, "waiting to be sent already"),
    ],
)
def test_what_may_be_sent_again(changes: dict[str, Any], force: bool, why: str | None) -> None:
    told = why_not(letter().having(**changes), force=force)
    assert told is None if why is None else why in str(told)


def test_an_epitaph_names_the_function_and_no_value() -> None:
    somebody = "Åsa Öberg"

    def handler(name: str) -> None:
        raise KeyError(name)

    with pytest.raises(KeyError) as caught:
        handler(somebody)
    told = epitaph(caught.value)
    assert told["dead-class"] == "KeyError"
    assert told["dead-where"].endswith("test_dead_letters.handler")
    assert "raise KeyError(name)" in told["dead-traceback"]
    assert somebody not in str(told)
    assert epitaph(Reject("no")) == {"dead-class": "Reject", "dead-where": "", "dead-traceback": ""}


def test_the_innermost_function_of_ours_is_where_it_happened() -> None:
    with pytest.raises(ValueError, match="isoformat") as caught:
        letter_of_a_bad_moment()
    assert where(caught.value) == "services.enrolment.rules.made_up.deep"


def letter_of_a_bad_moment() -> None:
    module: dict[str, Any] = {"__name__": "services.enrolment.rules.made_up", "parse": datetime.fromisoformat}
    exec("def deep():\n    call()\ndef call(): raise ValueError('isoformat')", module)  # noqa: S102
    outside: dict[str, Any] = {"__name__": "elsewhere"}
    exec("def call(): raise ValueError('isoformat')", outside)  # noqa: S102
    module["call"] = outside["call"]
    module["deep"]()


strange = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.datetimes() | st.decimals(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from([*HEADERS, "x-death", "x-first-death-queue", "attempt", "ledstjarna-replay-count", "$a.b"])


@given(
    headers=st.dictionaries(names | st.text(max_size=20), strange, max_size=8),
    content_type=st.none() | st.sampled_from(["application/json", "application/cloudevents+json"]) | st.text(),
    message_id=st.none() | st.text(),
    body=st.binary()
    | st.sampled_from(
        [b'{"id": "\\ud800", "type": "\\udfff", "data": 1}', b"[" * 100_000, b'{"id":1,"type":2,"data":{}}']
    ),
)
def test_no_message_is_so_strange_that_it_cannot_be_kept(
    headers: dict[str, Any], content_type: str | None, message_id: str | None, body: bytes
) -> None:
    found = read(Buried("enrolment", headers, content_type, message_id, body, AT))
    kept = bson.decode(bson.encode(found.row()))
    again = DeadLetter.model_validate(kept)
    assert (again.id, again.body, again.fingerprint) == (found.id, body, found.fingerprint)
    assert again.queue in (*BINDINGS, "enrolment.dead")
