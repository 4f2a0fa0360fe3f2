"""What enrolment tells when somebody asks what happened about an id."""

from datetime import date
from typing import Any

from httpx import ASGITransport, AsyncClient

from services.enrolment import tracing
from services.enrolment.commands.places import withdraw
from shared.cloudevents import wrap
from shared.dead_letters.reading import Buried, read
from shared.dead_letters.store import DeadLetters
from shared.delivery import Actor
from shared.events.hr import EmployeeErased, EmployeeLeft
from shared.openapi import Application
from shared.trace import Story, Trace, routes
from shared.web import Guard, Pages, tell_problems
from tests.flow.enrolment.doors import credentials, signed_in
from tests.flow.enrolment.office import Office
from tests.flow.enrolment.test_calendar_answers import confirmed, ids, says
from tests.flow.enrolment.test_changes import MOVE, does
from tests.unit.enrolment.arrange import NOW, hr_says


def a_trace(office: Office) -> Trace:
    trace = Trace(office.service.delivery.database, "enrolment")
    tracing.add_to(trace, office.service.delivery)
    return trace


async def told(office: Office, wanted: str, limit: int = 500) -> Story:
    return await a_trace(office).of(wanted, limit)


def in_short(story: Story) -> list[tuple[str, str]]:
    return [(step.kind, step.what) for step in story.steps]


async def test_a_person_s_story_goes_from_what_hr_said_to_what_was_announced(office: Office) -> None:
    await office.publishes()
    await office.service.receives(hr_says("E1"), hr_says("E2"))
    story = await told(office, "E1")
    assert in_short(story) == [
        ("received", "hr.employee.changed.v1"),
        ("decided", "career"),
        ("decided", "queued"),
        ("announced", "enrolment.person.queued.v1"),
    ]
    came, _, _, went = story.steps
    assert went.causation_id == came.id
    assert (came.outcome, came.where, went.outcome) == ("applied", ("enrolment.hr",), "published")
    assert set(went.concerns) == {"FLC:E1:1", "E1"}


async def test_a_place_has_only_its_own_part_of_her_story(office: Office) -> None:
    await office.publishes()
    await office.service.receives(hr_says("E1"))
    assert ("received", "hr.employee.changed.v1") not in in_short(await told(office, "FLC:E1:1"))
    assert ("announced", "enrolment.person.queued.v1") in in_short(await told(office, "FLC:E1:1"))


async def test_what_somebody_decided_stands_with_her_role_and_what_followed_from_it(office: Office) -> None:
    await office.publishes()
    await office.service.receives(hr_says("E1"))
    actor = Actor("Kerstin Karlsson", "office")
    await office.service.delivery.run(lambda tx: withdraw(tx, "FLC:E1:1", ""), actor=actor, action="place.withdraw")
    story = await told(office, "E1")
    [decided] = [step for step in story.steps if step.what == "place.withdraw" and step.where == ("places",)]
    assert (decided.by, decided.outcome, decided.id) == ("office", "queued → withdrawn", "FLC:E1:1")
    [went] = [step for step in story.steps if step.what == "enrolment.place.withdrawn.v1"]
    assert went.causation_id == decided.causation_id
    assert "Kerstin" not in story.model_dump_json()


async def test_a_whole_chain_is_found_by_its_first_event(office: Office) -> None:
    await office.publishes()
    await office.service.receives(hr_says("E1"))
    came = (await told(office, "E1")).steps[0]
    assert came.correlation_id
    chain = await told(office, came.correlation_id)
    assert [step.what for step in chain.steps] == ["hr.employee.changed.v1", "enrolment.person.queued.v1"]
    assert [step.what for step in (await told(office, came.id)).steps] == ["hr.employee.changed.v1"]


async def test_no_name_and_no_address_is_in_anybody_s_story(office: Office) -> None:
    await office.everybody_accepts(4)
    for wanted in ("E0", "FLC:E0:1"):
        text = (await told(office, wanted)).model_dump_json()
        assert len(text) > 1000
        assert not [word for word in ("Åsa", "Öberg", "@", "https:", "Department") if word in text]


async def test_nothing_leads_to_somebody_who_was_erased(office: Office) -> None:
    await office.publishes()
    left = EmployeeLeft(employee_id="E1", version=2, last_day=date(2026, 8, 31))
    await office.service.receives(hr_says("E1"), left)
    await office.service.receives(EmployeeErased(employee_id="E1", version=9))
    assert {step.kind for step in (await told(office, "E1")).steps} == {"decided"}
    stored = [row async for row in office.service.delivery.database["inbox"].find()]
    assert len(stored) == 3
    assert "E1" not in str([row.get("concerns") for row in stored])


async def test_only_the_newest_steps_are_told_and_that_there_were_more(office: Office) -> None:
    await office.publishes()
    await office.service.receives(*(hr_says("E1", version=number) for number in range(1, 6)))
    story = await told(office, "E1", limit=2)
    assert (len(story.steps), story.more) == (2, True)
    assert not (await told(office, "E1")).more


async def test_the_door_is_open_to_operators_and_auditors_only(office: Office) -> None:
    app = Application()
    tell_problems(app, Pages())
    app.include_router(routes(a_trace(office), Guard(credentials(), ["key"])))
    await office.service.receives(hr_says("E1"))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        asked: dict[str, Any] = {
            name: await client.get("/api/trace/E1", headers=signed_in(name))
            for name in ("operator", "auditor", "office", "facilitator")
        }
        strange = await client.get("/api/trace/no id", headers=signed_in("operator"))
        unknown = await client.get("/api/trace/E404", headers=signed_in("operator"))
    assert {name: answer.status_code for name, answer in asked.items()} == {
        "operator": 200,
        "auditor": 200,
        "office": 403,
        "facilitator": 403,
    }
    assert strange.status_code == 422
    assert (unknown.status_code, unknown.json()["steps"]) == (200, [])


async def test_a_dead_letter_is_part_of_the_story_of_whom_it_is_about(office: Office) -> None:
    letters = DeadLetters("enrolment", office.service.delivery.database)
    headers = wrap(hr_says("E1"), source="/hr", time=NOW, cause=None, event_id="e7")
    told_in = {**headers, "dead-queue": "enrolment.hr", "dead-code": "rejected", "dead-reason": "Åsa Öberg is odd"}
    await letters.record(read(Buried("enrolment", told_in, "application/json", "e7", b"{}", NOW)))
    for wanted in ("E1", "e7"):
        [step] = (await told(office, wanted)).steps
        assert (step.kind, step.what, step.where) == ("dead", "hr.employee.changed.v1", ("enrolment.hr",))
        assert step.outcome == "rejected, now open: ledstjarna dead show e7:enrolment.hr"
        assert "Åsa" not in step.model_dump_json()
    assert (await told(office, "E")).steps == ()


async def test_a_change_s_story_goes_from_its_proposal_to_what_it_announced(office: Office, door: AsyncClient) -> None:
    await office.everybody_accepts(4)
    change = await does(office, door, "reschedule_session", **MOVE)
    story = await told(office, change["change_id"])
    lived = [step.what for step in story.steps if step.kind == "decided" and step.where == ("change",)]
    assert lived == ["proposed", "approved", "applied"]
    assert "enrolment.session.rescheduled.v1" in [step.what for step in story.steps if step.kind == "announced"]
    assert "because" not in story.model_dump_json(), "what the office notes for itself is not told"


async def test_what_she_answered_from_her_calendar_is_told_with_the_session(office: Office) -> None:
    member = await confirmed(office, attend_at_least=0.5)
    first, *_ = await ids(office)
    await says(office, member, first, "tentative")
    [answer] = [step for step in (await told(office, member)).steps if step.kind == "answer"]
    assert (answer.outcome, answer.id) == ("tentative", first)
    assert ("received", "notifications.invitation.answered.v1") in in_short(await told(office, member))
