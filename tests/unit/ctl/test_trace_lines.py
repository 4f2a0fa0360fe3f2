"""How a story is laid out: in the order of time, each step below what led to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.ctl.trace_lines import lines, not_taken_in, related
from shared.trace import Kind, Step, in_order

CLOCK = datetime(2026, 8, 17, 6, tzinfo=UTC)
MACHINE = datetime(2026, 11, 25, 15, tzinfo=UTC)


def step(kind: Kind, name: str, cause: str | None = None, second: int | None = None, **more: Any) -> Step:
    known: dict[str, Any] = {
        "service": "enrolment",
        "at": CLOCK,
        "what": "x.v1",
        "correlation_id": "e1",
        "where": ("q",),
    } | more
    machine_at = None if second is None else MACHINE + timedelta(seconds=second)
    return Step(kind=kind, id=name, causation_id=cause, machine_at=machine_at, **known)


CAME = step("received", "e1", second=1, what="hr.employee.changed.v1", concerns=("E1",))
WENT = step("announced", "e2", "e1", second=1, what="enrolment.place.offered.v1", concerns=("P1", "E1"))
TAKEN_IN = step("received", "e2", "e1", second=2, service="notifications", concerns=("P1", "E1"))
MADE = step("mail", "m1", "e2", service="notifications", what="offer made", concerns=("E1",))
SENT = step("mail", "m1", "m1", service="notifications", what="offer taken by the mail server", concerns=("E1",))
TOLD = step("announced", "e3", "m1", second=4, service="notifications", concerns=("m1", "E1"))
STORY = [CAME, WENT, TAKEN_IN, MADE, SENT, TOLD]


def test_a_clock_that_stands_still_leaves_the_order_to_the_machine() -> None:
    assert in_order(reversed(STORY)) == STORY


def test_the_clock_comes_before_the_machine() -> None:
    later = CAME.model_copy(update={"at": CLOCK + timedelta(days=1), "machine_at": MACHINE - timedelta(days=1)})
    assert in_order([later, WENT]) == [WENT, later]


def test_each_step_stands_below_what_led_to_it() -> None:
    columns = [first[36:] for first, _ in lines(STORY)]
    depths = [len(text) - len(text.lstrip(" └")) for text in columns]
    assert sorted(set(depths[:4])) == depths[:4], depths
    assert depths[4] == depths[5] > depths[3]


def test_a_chain_that_leads_back_to_itself_ends() -> None:
    around = [step("announced", "a", "b", second=1), step("announced", "b", "a", second=2)]
    assert len(list(lines(around))) == 2
    assert related(around, "a") == around


def test_the_machine_s_time_is_told_where_it_differs() -> None:
    real = CAME.model_copy(update={"machine_at": CLOCK + timedelta(seconds=2)})
    [[_, simulated]], [[_, same]] = list(lines([CAME])), list(lines([real]))
    assert "on the machine 2026-11-25 16:00:01" in simulated
    assert "on the machine" not in same


def test_of_one_mail_s_chain_only_what_led_to_it_and_followed_is_kept() -> None:
    command: dict[str, Any] = {"kind": "decided", "cause": "c", "second": 0, "where": ("places",)}
    mine, hers = (step(name=f"P{n}", concerns=(f"P{n}", f"E{n}"), **command) for n in (1, 2))
    went, other = (
        WENT.model_copy(update={"causation_id": "c"}),
        step("announced", "e9", "c", second=1, concerns=("E2",)),
    )
    mail = MADE.model_copy(update={"concerns": ("E1", "P1")})
    chain = [mine, hers, went, other, TAKEN_IN, mail, SENT, TOLD]
    assert related(chain, "m1") == [mine, went, TAKEN_IN, mail, SENT, TOLD]


def test_a_queue_that_has_not_handed_an_event_on_is_named() -> None:
    went = WENT.model_copy(update={"where": ("notifications.enrolment", "evaluation.enrolment")})
    came = TAKEN_IN.model_copy(update={"where": ("notifications.enrolment",)})
    [_, first, *_] = [first for first, _ in lines([CAME, went, came])]
    assert first.endswith("not taken in yet from evaluation.enrolment")
    dead = step("dead", "e2", service="evaluation", where=("evaluation.enrolment",))
    assert not_taken_in([went, came, dead]) == {}
