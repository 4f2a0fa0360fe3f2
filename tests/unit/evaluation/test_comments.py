"""Which comments may be read, in which order, and when they may be published."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.model import Comment, PublishedComments, Reading, Wave, WaveState
from services.evaluation.rules.comments import Question, Refusal, maybe_names, published, questions, settled
from tests.unit.evaluation.arrange import asked

CLOSED = asked("T1", {}).wave
TODAY = date(2027, 3, 1)


def comments(count: int, item: str = "RX9", wave: Wave = CLOSED) -> list[Comment]:
    """So many comments, with ids in no order."""
    return [
        Comment(
            id=str(UUID(int=(number * 7919) % 997)), wave_id=wave.id, cohort_id="FLC-1", item=item, text=f"{number}"
        )
        for number in range(1, count + 1)
    ]


def read(written: Sequence[Comment], withheld: int = 0) -> dict[str, Reading]:
    """All of them read, and the first so many withheld."""
    return {
        one.id: Reading(id=one.id, wave_id=one.wave_id, item=one.item, withheld="names" if n < withheld else None)
        for n, one in enumerate(written)
    }


def the_question(written: Sequence[Comment], readings: dict[str, Reading] | None = None) -> Question:
    """The one question with these comments."""
    [question] = questions([CLOSED], written, readings or {}, k=5)
    return question


@pytest.mark.parametrize(("count", "found"), [(0, 0), (1, 0), (7, 0), (8, 1), (20, 1)])
def test_fewer_than_eight_comments_are_read_by_nobody(count: int, found: int) -> None:
    assert len(list(questions([CLOSED], comments(count), {}, k=5))) == found


def test_a_higher_threshold_holds_for_comments_too() -> None:
    assert [len(list(questions([CLOSED], comments(count), {}, k=10))) for count in (9, 10)] == [0, 1]


def test_seven_on_one_question_and_seven_on_another_are_not_fourteen() -> None:
    assert list(questions([CLOSED], [*comments(7), *comments(7, "RX10")], {}, k=5)) == []


def test_two_waves_are_not_added_up() -> None:
    other = CLOSED.having(id="FLC-1:P:M1")
    assert list(questions([CLOSED, other], [*comments(7), *comments(7, wave=other)], {}, k=5)) == []


@pytest.mark.parametrize("state", [state for state in WaveState if state is not WaveState.closed])
def test_comments_of_a_wave_that_has_not_closed_are_read_by_nobody(state: WaveState) -> None:
    assert list(questions([CLOSED.having(state=state)], comments(12), {}, k=5)) == []


def test_the_order_is_that_of_random_ids_and_not_of_arrival() -> None:
    written = comments(12)
    shown = the_question(written).comments
    assert shown == the_question(list(reversed(written))).comments
    assert [one.text for one in shown] != [one.text for one in written]


def test_nothing_is_published_before_all_is_read() -> None:
    written = comments(9)
    readings = read(written)
    del readings[written[3].id]
    assert settled(the_question(written, readings)) is Refusal.unread


def test_only_what_was_released_is_published() -> None:
    written = comments(9)
    told = published(the_question(written, read(written, withheld=2)), TODAY)
    assert sorted(told.texts) == sorted(one.text for one in written[2:])


def test_what_is_published_says_nothing_of_when_or_who() -> None:
    assert set(PublishedComments.model_fields) == {"id", "cohort_id", "wave", "item", "texts", "published_on"}


def test_a_decision_holds_no_text() -> None:
    """Decisions are written to the audit log whole."""
    assert set(Reading.model_fields) == {"id", "wave_id", "item", "withheld", "final"}


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Tack till Anna för allt", ["Anna"]),
        ("Anna var bra", []),
        ("Bra. Lisa-Marie Ek höll i det", ["Ek"]),
        ("vi på IT och O'Brien", ["IT", "O'Brien"]),
        ("mer tid", []),
        ("Bra!\n\nÅsa Öberg", ["Öberg"]),
    ],
)
def test_words_with_a_capital_inside_a_sentence_are_marked(text: str, marked: list[str]) -> None:
    assert [piece for piece, is_marked in maybe_names(text) if is_marked] == marked


@given(st.text(max_size=200))
def test_marking_changes_no_text(text: str) -> None:
    assert "".join(piece for piece, _ in maybe_names(text)) == text
