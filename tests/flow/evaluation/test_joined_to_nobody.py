"""Whether anything joins an answer to a person, asked of all that a whole year has stored and said."""

from services.evaluation.anonymity import joins, order_leaks
from services.evaluation.model import Response
from tests.flow.evaluation.test_results import SEVEN, a_year_of
from tests.flow.evaluation.test_secrecy import values
from tests.flow.evaluation.town import Town


async def test_no_stored_response_is_joined_to_a_person_and_none_tells_its_place(town: Town) -> None:
    await a_year_of(town, *SEVEN)
    stored = await town.stored()
    responses, ledger = stored.pop(Response.collection), stored.pop("ledger")
    people = {person: [person, *_tokens(town, person)] for person in SEVEN}
    events = [event.model_dump(mode="json") for event in town.service.announced]
    assert len(responses) == 14
    assert joins(responses, {**stored, "events": events}, people) == []
    known = {name for names in people.values() for name in names}
    assert not known & set(values(ledger))  # it lies with the answers, and is destroyed with them
    assert [leak for response in responses for leak in order_leaks(response)] == []


async def test_the_proof_fails_when_one_pseudonym_is_left_elsewhere(town: Town) -> None:
    await a_year_of(town, *SEVEN)
    stored = await town.stored()
    responses, _ = stored.pop(Response.collection), stored.pop("ledger")
    stored["notes"] = [{"_id": 1, "about": ["E1", responses[0]["link"]]}]
    assert [found.collection for found in joins(responses, stored, {})] == ["notes"]


def _tokens(town: Town, person: str) -> list[str]:
    return [town.links(wave)[person].removeprefix("/s/") for wave in ("T0", "T1")]
