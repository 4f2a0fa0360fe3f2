"""A trace through evaluation leads to nobody's survey."""

from typing import Any

from services.evaluation import tracing
from shared.events import LocalisedText, Reason
from shared.events.evaluation import InvitationsRequested
from shared.events.hr import EmployeeErased
from shared.events.notifications import MessageBounced
from shared.trace import Story, Trace
from tests.flow.evaluation.test_results import SEVEN, a_year_of
from tests.flow.evaluation.town import T0_IS_OPEN, Town, confirmed

OF_SURVEYS = ("invitation", "reminder", "answer", "/s/", "response", "link", "comment", "task", "bounced", "survey")


def a_trace(town: Town) -> Trace:
    trace = Trace(town.database, "evaluation")
    trace.only(tracing.sieve)
    return trace


async def told(town: Town, wanted: str) -> Story:
    return await a_trace(town).of(wanted, 500)


def bounced(person: str) -> MessageBounced:
    reason = Reason(code="hard", text=LocalisedText(sv="Adressen finns inte.", en="There is no such address."))
    facts: dict[str, Any] = {"message_id": "m1", "kind": "survey", "employee_id": person, "regarding": "FLC-1:T0"}
    return MessageBounced(version=1, reason=reason, **facts)


async def test_of_a_person_it_tells_only_what_others_have_said(town: Town) -> None:
    await a_year_of(town, *SEVEN)
    await town.service.receives(bounced("E1"))
    story = await told(town, "E1")
    assert {step.what for step in story.steps} == {"enrolment.place.confirmed.v1"}
    text = story.model_dump_json().lower()
    assert not [word for word in OF_SURVEYS if word in text]


async def test_nobody_s_story_shows_who_has_answered_or_when(town: Town) -> None:
    await town.has_a_cohort_of(*SEVEN)
    await town.is_at(T0_IS_OPEN)
    before = {person: (await told(town, person)).model_dump() for person in SEVEN}
    await town.answers("E1", "T0")
    await town.service.published()
    assert {person: (await told(town, person)).model_dump() for person in SEVEN} == before


async def test_the_chain_of_a_latecomer_s_place_does_not_lead_to_her_invitation(town: Town) -> None:
    await town.has_a_cohort_of(*SEVEN)
    await town.is_at(T0_IS_OPEN)
    await town.service.receives(confirmed("E8"))
    request = town.service.said(InvitationsRequested)[-1]
    assert [one.employee_id for one in request.recipients] == ["E8"], "she is invited, so there is something to hide"
    [came] = (await told(town, "E8")).steps
    assert came.correlation_id
    assert [step.kind for step in (await told(town, came.correlation_id)).steps] == ["received"]
    of_wave = [step for step in (await told(town, request.wave_id)).steps if step.what == InvitationsRequested.type]
    assert len(of_wave) == 2
    assert [(step.correlation_id, step.causation_id) for step in of_wave] == [(None, None)] * 2
    assert "E8" not in str(of_wave)


async def test_nothing_leads_to_somebody_who_was_erased(town: Town) -> None:
    await a_year_of(town, *SEVEN)
    await town.service.receives(EmployeeErased(employee_id="E1", version=9))
    assert (await told(town, "E1")).steps == ()
