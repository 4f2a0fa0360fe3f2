"""What was published counts against what comes after, until it is destroyed with the link key."""

import pytest

from services.evaluation.anonymity import (
    Candidate,
    DomainDestroyedError,
    LedgerEntry,
    entries,
    pooled,
    publishable,
    published_before,
    refuse_destroyed,
)
from shared.events.evaluation import Figure

K = 5
UM1 = ("UM1", "T1")


def wanted(count: int, domain: str = "FLC-1", wave: str = "T1", values: float = 0) -> Candidate:
    people = frozenset(f"p{number}" for number in range(count))
    scores = {person: values or 10.0 * place for place, person in enumerate(sorted(people))}
    mean = round(sum(scores.values()) / count, 1)
    return Candidate(
        "UM",
        frozenset({("UM1", wave)}),
        people,
        lambda: Figure(indicator="UM", wave=wave, n=count, value=mean),
        domain=domain,
        scores=scores,
        weights={(person, ("UM1", wave)): 1 / count for person in people},
    )


def ledger_of(*candidates: Candidate) -> list[LedgerEntry]:
    told = publishable(candidates, k=K)
    return entries("FLC-1:T1:release", told.shown, told.figures)


def test_a_later_release_is_judged_by_an_earlier_one() -> None:
    told = publishable([wanted(8)], k=K, already=published_before(ledger_of(wanted(9))))
    assert [hidden.reason for hidden in told.hidden] == ["difference"]


def test_another_wave_is_another_question() -> None:
    assert publishable([wanted(8, wave="T3")], k=K, already=published_before(ledger_of(wanted(9)))).figures


def test_names_of_another_cohort_are_other_answers() -> None:
    assert publishable([wanted(8, domain="FLC-2")], k=K, already=published_before(ledger_of(wanted(9)))).figures


def test_an_entry_survives_being_stored() -> None:
    [entry] = ledger_of(wanted(9))
    again = LedgerEntry.model_validate(entry.model_dump(mode="json", by_alias=True))
    assert again == entry
    known, first = again.candidate(), wanted(9)
    assert (known.people, known.asks, known.weights, known.level) == (first.people, first.asks, first.weights, 40.0)


def test_an_entry_does_not_keep_who_answered_what() -> None:
    [entry] = ledger_of(wanted(9))
    assert "scores" not in entry.model_dump()


def test_the_mean_of_a_band_is_not_kept_either() -> None:
    [entry] = ledger_of(wanted(9, values=50.0))
    assert entry.figure.band == (40, 60)
    assert entry.candidate().level is None


def test_each_entry_has_its_own_place() -> None:
    kept = ledger_of(wanted(9), wanted(9, wave="T3"))
    assert len({entry.id for entry in kept}) == 2


def test_nothing_new_is_made_of_answers_whose_key_is_gone() -> None:
    refuse_destroyed([wanted(9)], {"FLC-2"})
    with pytest.raises(DomainDestroyedError, match="use what was released"):
        refuse_destroyed([wanted(9)], {"FLC-1"})


def test_a_figure_over_cohorts_is_made_of_released_ones() -> None:
    released = [
        Figure(indicator="UM", wave="T1", n=9, value=61.2),
        Figure(indicator="UM", wave="T1", n=12, value=95.0, band=(90, 100)),
        Figure(indicator="UM", wave="T0", n=9, value=50.0),
        Figure(indicator="RX", wave="T1", n=9, value=70.0),
    ]
    assert pooled(released, "UM", "T1") == released[:1]
