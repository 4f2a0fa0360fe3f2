"""Nothing that evaluation stores or says joins an answer to a person."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

from services.evaluation.anonymity import LedgerEntry
from services.evaluation.model import Response
from shared.events.evaluation import SurveyRequest
from tests.flow.evaluation.test_results import SEVEN, a_year_of
from tests.flow.evaluation.town import OFFICE, T0_IS_OPEN, Town
from tests.unit.evaluation.arrange import SETUP


def values(thing: Any) -> Iterator[str]:
    """Every value inside a stored document or an event, as text; bytes that hold JSON are looked into."""
    if isinstance(thing, dict):
        for key, value in thing.items():
            yield str(key)
            yield from values(value)
    elif isinstance(thing, list | tuple):
        for value in thing:
            yield from values(value)
    elif isinstance(thing, bytes):
        yield from values(json.loads(thing))
    else:
        yield str(thing)


def everything_about(person: str, town: Town) -> set[str]:
    """All by which a person can be recognised: her ids, her links, and what can be computed from them."""
    known = {person, f"FLC:{person}:1"}
    for wave in ("T0", "T1"):
        token = town.links(wave)[person].removeprefix("/s/")
        known |= {token, f"{SETUP.public_url}/s/{token}"}
    plain = {*known, *(f"{name}FLC-1" for name in known), *(f"{name}\x1fFLC-1" for name in known)}
    return plain | {hashlib.sha256(name.encode()).hexdigest() for name in plain}


async def test_no_document_that_knows_a_person_knows_an_answer(town: Town) -> None:
    await a_year_of(town, *SEVEN)
    stored = await town.stored()
    names = set[str]().union(*(everything_about(person, town) for person in SEVEN))
    responses = stored.pop(Response.collection)
    assert len(responses) == 14
    for response in responses:
        assert not names & set(values(response))
    for entry in stored.pop(LedgerEntry.collection):  # it says on whom a figure rests, in pseudonyms, and nothing else
        assert not names & set(values(entry))
        assert set(entry) == {"_id", "cohort_id", "asks", "people", "over", "is_level", "weights", "figure"}
    secrets = {str(response[key]) for response in responses for key in ("_id", "link")}
    for collection, documents in stored.items():
        for document in documents:
            assert not secrets & set(values(document)), collection


async def test_who_can_read_the_whole_database_cannot_compute_a_link(town: Town) -> None:
    """She has the salt and every id, and tries them; the secret is not there."""
    await a_year_of(town, *SEVEN)
    stored = await town.stored()
    links = {response["link"] for response in stored[Response.collection]}
    [key] = stored["link_keys"]
    salt = bytes.fromhex(str(key["salt"]))
    for person in SEVEN:
        for message in (person, f"{person}FLC-1", f"{person}\x1fFLC-1"):
            tried = {
                hmac.digest(salt, message.encode(), "sha256").hex(),
                hmac.digest(hmac.digest(b"", salt, "sha256"), message.encode(), "sha256").hex(),
                hashlib.sha256(salt + message.encode()).hexdigest(),
            }
            assert not tried & links


async def test_the_same_person_has_another_link_in_another_cohort(town: Town) -> None:
    await a_year_of(town, *SEVEN)
    stored = await town.stored()
    by_wave = {
        wave: {response["link"] for response in stored[Response.collection] if response["wave_id"] == f"FLC-1:{wave}"}
        for wave in ("T0", "T1")
    }
    assert by_wave["T0"] == by_wave["T1"]
    assert len(by_wave["T0"]) == 7


async def test_answering_says_nothing_and_leaves_no_trace_but_the_answer(town: Town) -> None:
    await town.has_a_cohort_of(*SEVEN)
    await town.is_at(T0_IS_OPEN)
    said, before = list(town.service.announced), await town.stored()
    await town.answers("E1", "T0")
    await town.service.published()
    after = await town.stored()
    assert town.service.announced == said
    assert {name for name in after if after[name] != before.get(name)} == {"responses", "invitations"}


async def test_no_event_holds_an_answer_a_pseudonym_or_a_response(town: Town) -> None:
    await a_year_of(town, *SEVEN)
    responses = (await town.stored())[Response.collection]
    secrets = {str(response[key]) for response in responses for key in ("_id", "link")}
    for event in town.service.announced:
        said = set(values(event.model_dump(mode="json")))
        assert not secrets & said
        assert not said & {"answers", "UM1", "RX1"}


async def test_no_event_that_tells_of_results_names_anybody(town: Town) -> None:
    await a_year_of(town, *SEVEN)
    for event in town.service.announced:
        if not isinstance(event, SurveyRequest):
            assert not set(SEVEN) & set(values(event.model_dump(mode="json")))


async def test_neither_lists_nor_pages_name_anybody(town: Town) -> None:
    await a_year_of(town, *SEVEN)
    for path in ("/api/waves", "/api/releases", "/results", "/results/FLC-1"):
        page = await town.web.get(path, headers=OFFICE)
        assert not any(f'"{person}"' in page.text or f">{person}<" in page.text for person in SEVEN)


async def test_the_order_of_responses_is_that_of_their_random_ids(town: Town) -> None:
    await a_year_of(town, *SEVEN)
    ids = [str(response["_id"]) for response in (await town.stored())[Response.collection]]
    assert ids == sorted(ids)
    options = await town.database["responses"].options()
    assert options["clusteredIndex"]["key"] == {"_id": 1}


async def test_an_invitation_does_not_say_when_it_was_answered(town: Town) -> None:
    await a_year_of(town, *SEVEN)
    for invitation in (await town.stored())["invitations"]:
        assert set(invitation) == {"_id", "wave_id", "employee_id", "manager_id", "status", "nonce", "is_new"}
