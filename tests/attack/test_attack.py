"""Two thousand cohorts publish what they may, in random order, and an attacker learns of nobody."""

import pytest

from tests.attack.attacker import Counted, Found, attack, attack_counts
from tests.attack.conftest import FIRST_SEED
from tests.attack.office import K, Population, a_population, ask_for_everything

POPULATIONS, AT_A_TIME = 2_000, 100


def published(seed: int) -> Population:
    """A random population after its office has asked for everything."""
    population = a_population(seed)
    ask_for_everything(population)
    return population


def found(population: Population) -> list[Found]:
    """What the attacker learns."""
    counted = [
        Counted(one.people, one.question, {answer: len(group) for answer, group in one.groups.items()})
        for one in population.shares
    ]
    return [*attack(population.seen, K), *attack_counts(counted, K)]


@pytest.mark.parametrize("first", range(FIRST_SEED, FIRST_SEED + POPULATIONS, AT_A_TIME))
def test_an_attacker_with_all_that_was_ever_published_learns_of_nobody(first: int) -> None:
    for seed in range(first, first + AT_A_TIME):
        assert found(published(seed)) == [], f"seed {seed}"


def test_the_office_does_publish() -> None:
    """The rules would hold, too, if nothing were published: most cohorts see several figures, some a distribution."""
    populations = [published(seed) for seed in range(FIRST_SEED, FIRST_SEED + AT_A_TIME)]
    large = [one for one in populations if len(one.people) >= 8]
    assert sum(len(one.seen) for one in large) / len(large) > 6
    assert any(one.shares for one in large)
    assert any(not seen.is_plain for one in large for seen in one.seen)
    assert any(len({seen.people for seen in one.seen}) > 4 for one in large)
