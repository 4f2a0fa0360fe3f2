"""What is no mean: comments, ratings, networks, counts, the order of rows; attacked, and attacked without rules."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from statistics import fmean
from typing import Any
from uuid import UUID

import pytest

from services.evaluation import anonymity
from services.evaluation.anonymity import limits, separation
from services.evaluation.model import DailyCount
from tests.attack.conftest import FIRST_SEED
from tests.attack.office import K

SEEDS = range(FIRST_SEED, FIRST_SEED + 300)
TODAY = date(2027, 2, 3)

Attack = Callable[[Random], bool]
"""Whether somebody is found in one random population."""


def somebody_is_found(attack: Attack) -> bool:
    return any(attack(Random(seed)) for seed in SEEDS)


def by_the_order_of_comments(chance: Random) -> bool:
    """She knows in which order colleagues wrote, and lays the comments beside it; few comments are few people."""
    written = [f"comment {number}" for number in range(chance.randint(1, 20))]
    shown = anonymity.publishable_comments(written, k=K, released=chance.random() < 0.8, shuffle=chance.shuffle)
    return bool(shown) and (len(shown) < 8 or (len(shown) > 9 and list(shown) == written))


def by_a_name_that_nobody_looked_for(chance: Random) -> bool:
    written = [f"comment {number}" for number in range(chance.randint(8, 15))]
    written[0] = "Anna was right"
    return "Anna was right" in anonymity.publishable_comments(written, k=K, released=False, shuffle=chance.shuffle)


def by_managers_who_put_theirs_together(chance: Random) -> bool:
    """All managers but one lay their own figures beside the programme's; or a manager's figure rests on a few."""
    rated = {
        f"m{number}": [float(chance.choice((0, 25, 50, 75, 100))) for _ in range(chance.randint(1, 9))]
        for number in range(chance.randint(1, 8))
    }
    told = anonymity.publishable_ratings(rated, k=K)
    if any(len(rated[manager]) < K for manager in told.own):
        return True
    if told.programme is None or told.managers is None:
        return False
    for last, scores in rated.items():
        others = [value for manager, value in told.own.items() if manager != last]
        reckoned = told.programme * told.managers - sum(others)
        if len(others) == told.managers - 1 and reckoned == pytest.approx(fmean(scores)) and len(scores) < K:
            return True
    return told.managers < K or (told.raters or 0) < 15


def by_a_small_network(chance: Random) -> bool:
    """Everybody but one of those who answered tells how many she is in contact with."""
    contacts = [chance.randint(0, 5) for _ in range(chance.randint(3, 14))]
    return anonymity.publishable_network(len(contacts), k=K) and len(contacts) < 8


def by_watching_the_counts(chance: Random) -> bool:
    """She reloads the page whenever a colleague has sat down with the form: does the count rise by one?"""
    counted: DailyCount | None = None
    for answered in range(1, chance.randint(6, 20)):
        today = TODAY + timedelta(days=answered // 4)
        before, counted = counted, limits.count_for_today(counted, today, invited=20, answered=answered)
        if before and before.taken_on == today and counted.answered == before.answered + 1:
            return True
    return False


def by_the_order_of_rows(chance: Random) -> bool:
    """She knows who answered first, and reads the stored answers in every order they have."""
    count = chance.randint(30, 60)
    rows = [_a_row(chance, number, chance.random() < 0.5) for number in range(count)]
    stored = [row for row in rows if not separation.order_leaks(row)]
    keys = {key for row in stored for key in row if key not in ("answers", "wave_id")}
    return any(_tells_the_order([row for row in stored if key in row], key) for key in keys)


def _a_row(chance: Random, number: int, careful: bool) -> dict[str, Any]:
    """A response as it is stored; by somebody careless with a time, a running number or a language in it."""
    name = str(UUID(int=chance.getrandbits(128), version=4))
    row: dict[str, Any] = {"_id": name, "wave_id": "C1:T1", "answers": {"Q": 3}}
    careless: dict[str, Any] = {"answered_at": TODAY + timedelta(days=number), "number": number}
    return row if careful else row | chance.choice(({"_id": f"65f{number:021x}"}, careless))


def _tells_the_order(rows: Sequence[Mapping[str, Any]], key: str) -> bool:
    values = [str(row[key]).zfill(40) for row in rows]
    return len(set(values)) > 9 and values == sorted(values)


ATTACKS: Sequence[Attack] = (
    by_the_order_of_comments,
    by_a_name_that_nobody_looked_for,
    by_managers_who_put_theirs_together,
    by_a_small_network,
    by_watching_the_counts,
    by_the_order_of_rows,
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_nobody_is_found(attack: Attack) -> None:
    assert not somebody_is_found(attack)


def unshuffled(comments: Sequence[str], *, k: int, released: bool, shuffle: Callable[[list[str]], None]) -> Any:
    return tuple(comments) if released and len(comments) >= 8 else ()


def few(comments: Sequence[str], *, k: int, released: bool, shuffle: Callable[[list[str]], None]) -> Any:
    mixed = list(comments)
    shuffle(mixed)
    return tuple(mixed) if released and len(comments) >= k else ()


def unread(comments: Sequence[str], *, k: int, released: bool, shuffle: Callable[[list[str]], None]) -> Any:
    return limits.publishable_comments(comments, k=k, released=True, shuffle=shuffle)


def everybody_rated(by_manager: Mapping[str, Sequence[float]], *, k: int) -> anonymity.Ratings:
    """Own figures from k raters on, but the programme's over all managers."""
    own = {manager: fmean(scores) for manager, scores in by_manager.items() if len(scores) >= k}
    means = [fmean(scores) for scores in by_manager.values()]
    enough = len(means) >= k and sum(map(len, by_manager.values())) >= 15
    return anonymity.Ratings(own, fmean(means), len(means), 15) if enough else anonymity.Ratings(own, None, None, None)


def live(before: DailyCount | None, today: date, *, invited: int, answered: int) -> DailyCount:
    return DailyCount(taken_on=today, invited=invited, answered=answered)


@pytest.mark.parametrize(
    ("where", "name", "instead", "attack"),
    [
        (anonymity, "publishable_comments", unshuffled, by_the_order_of_comments),
        (anonymity, "publishable_comments", few, by_the_order_of_comments),
        (anonymity, "publishable_comments", unread, by_a_name_that_nobody_looked_for),
        (anonymity, "publishable_ratings", everybody_rated, by_managers_who_put_theirs_together),
        (limits, "SMALLEST_NETWORK", 0, by_a_small_network),
        (limits, "count_for_today", live, by_watching_the_counts),
        (separation, "order_leaks", lambda _: [], by_the_order_of_rows),
    ],
    ids=["I10 shuffled", "I10 eight", "I10 released", "I12", "I14", "I6 once a day", "I8"],
)
def test_without_its_rule_somebody_is_found(where: Any, name: str, instead: Any, attack: Attack) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(where, name, instead)
        assert somebody_is_found(attack)
