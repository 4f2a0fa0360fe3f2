"""Each invariant is needed: with any one of them off, the same attacker finds somebody among the same cohorts."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, islice

import pytest

from services.evaluation.anonymity import figures, limits
from services.evaluation.anonymity.figures import ENFORCED, Invariant
from tests.attack.conftest import FIRST_SEED
from tests.attack.test_attack import found, published

TRIED = 400
BETWEEN = ("answer between", "middle group")


@contextmanager
def without(invariant: Invariant) -> Iterator[None]:
    """As if nobody had thought of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "ENFORCED", ENFORCED - {invariant})
        yield


def seeds() -> Iterator[int]:
    """The populations of the attack, from the first on."""
    return iter(range(FIRST_SEED, FIRST_SEED + TRIED))


@pytest.mark.parametrize(
    ("invariant", "how"),
    [
        ("I1", "few"),
        ("I2", "difference"),
        ("I3", "difference"),
        ("I4", "difference"),
        ("I5", "end"),
        ("I5", "end, by an insider"),
        ("I5", "end, between sets"),
        ("I5", "one mind, by an insider"),
        ("I6", "open"),
        ("I6", "difference"),
        ("I7", "difference"),
    ],
)
def test_without_it_somebody_is_found(invariant: Invariant, how: str) -> None:
    with without(invariant):
        learnt = (one for seed in seeds() for one in found(published(seed)))
        assert next((one for one in learnt if one.how == how), None), "the attacker has found nothing"


def test_a_band_beside_figures_that_tell_its_mean_gives_it_away() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "_undoes_a_band", lambda *_: False)
        learnt = [one.how for seed in islice(seeds(), 120) for one in found(published(seed))]
        assert "band undone" in learnt
        assert "end, reckoned" in learnt


def test_shares_that_are_not_held_against_earlier_ones_give_an_answer_away() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "_apart_by_answer", lambda *_: True)
        assert any(one.how in BETWEEN for seed in seeds() for one in found(published(seed)))


@pytest.mark.parametrize("invariant", ["I2", "I6", "I7"])
def test_without_it_the_attacker_reckons_what_one_person_answered(invariant: Invariant) -> None:
    with without(invariant):
        for number in count(FIRST_SEED):
            population = published(number)
            for one in found(population):
                if one.value is None or len(one.people) != 1 or len({wave for _, wave in one.asks}) != 1:
                    continue
                [person], [wave] = one.people, {wave for _, wave in one.asks}
                truth = population.scores(sorted(item for item, _ in one.asks), wave, [person])[person]
                assert one.value == pytest.approx(truth, abs=0.1 * len(population.people))
                return
            assert number < FIRST_SEED + TRIED, "the attacker has reckoned nothing"
