"""What programs and the office can ask about messages."""

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI

from services.notifications.api import Doors, routes
from services.notifications.records import Records
from services.notifications.watch import Watch
from shared.web import Credential, Guard, Pages, tell_problems
from tests.flow.notifications.stage import (
    Notifications,
    confirmed,
    employee,
    entry,
    invitations,
    left,
    lines,
    messages,
    offered,
    rescheduled,
    sent,
    session,
    survey,
    told,
)


@pytest.fixture
async def office(service: Notifications) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    credentials = [
        Credential(sha256=hashlib.sha256(token).hexdigest(), role=role, name=f"the {role}")
        for token, role in ((b"token", "office"), (b"audit", "auditor"), (b"operate", "operator"))
    ]
    tell_problems(app, Pages())
    app.include_router(routes(Doors(Records(service.delivery.database), service.delivery), Guard(credentials, ["key"])))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://here", headers={"Authorization": "Bearer token"}
    ) as client:
        yield client


async def test_messages_of_a_person_come_page_by_page(service: Notifications, office: httpx.AsyncClient) -> None:
    await service.receives(employee("E1"), employee("E2"), offered("E1"), confirmed("E1"), offered("E2"))
    first = (await office.get("/api/messages", params={"employee_id": "E1", "limit": 2})).json()
    rest = (await office.get("/api/messages", params={"employee_id": "E1", "after": first["next"]})).json()
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    assert sorted(item["kind"] for item in first["items"] + rest["items"]) == ["invite", "invite", "offer"]


async def test_lists_can_be_narrowed_by_kind_and_state(service: Notifications, office: httpx.AsyncClient) -> None:
    await service.receives(employee("E1"), offered("E1"), offered("E2"), survey("E1"))
    found = (await office.get("/api/messages", params={"kind": "offer", "state": "waiting"})).json()
    assert [item["employee_id"] for item in found["items"]] == ["E2"]
    assert (await office.get("/api/messages", params={"state": "lost"})).status_code == 422


async def test_list_of_messages_shows_how_they_fared_but_not_what_they_say(
    service: Notifications, office: httpx.AsyncClient
) -> None:
    await service.receives(offered("E2"))
    assert "secret" not in (await office.get("/api/messages")).text


async def test_bytes_are_those_that_are_sent(service: Notifications, office: httpx.AsyncClient) -> None:
    await service.receives(employee(), offered())
    (offer,) = await messages(service)
    answer = await office.get(f"/api/messages/{offer.id}/bytes")
    assert answer.headers["content-type"] == "message/rfc822"
    assert hashlib.sha256(answer.content).hexdigest() == offer.sha256


async def test_survey_link_is_shown_to_nobody(service: Notifications, office: httpx.AsyncClient) -> None:
    await service.receives(employee(), survey("E1"))
    (asked,) = await messages(service)
    assert (await office.get(f"/api/messages/{asked.id}/bytes")).status_code == 403


async def test_message_that_waits_has_no_bytes_yet(service: Notifications, office: httpx.AsyncClient) -> None:
    await service.receives(offered())
    (offer,) = await messages(service)
    assert (await office.get(f"/api/messages/{offer.id}")).json()["state"] == "waiting"
    assert (await office.get(f"/api/messages/{offer.id}/bytes")).json()["type"] == "/problems/letter"


async def test_unknown_message_is_told_as_a_problem(office: httpx.AsyncClient) -> None:
    answer = await office.get("/api/messages/none")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/message")


async def test_calendar_identities_are_listed_with_their_state(
    service: Notifications, office: httpx.AsyncClient
) -> None:
    await service.receives(employee(), confirmed())
    found = (await office.get("/api/invitations", params={"employee_id": "E1"})).json()["items"]
    assert [(item["session_id"], item["sequence"], item["state"]) for item in found] == [
        ("FLC-1~S1", 0, "live"),
        ("FLC-1~S2", 0, "live"),
    ]


async def test_nothing_is_told_to_who_has_not_signed_in(office: httpx.AsyncClient) -> None:
    for address in ("/api/messages", "/api/messages/x", "/api/messages/x/bytes", "/api/invitations"):
        assert (await office.get(address, headers={"Authorization": ""})).status_code == 401


AUDITOR = {"Authorization": "Bearer audit"}
OPERATOR = {"Authorization": "Bearer operate"}


async def test_messages_are_found_by_change_and_since_when(service: Notifications, office: httpx.AsyncClient) -> None:
    await service.receives(employee(), offered())
    early = service.clock.moment
    service.clock.moment += timedelta(hours=1)
    await service.receives(confirmed())
    await service.delivery.database["messages"].update_many({"kind": "offer"}, {"$set": {"change_id": "C1"}})

    async def kinds(**wanted: str) -> list[str]:
        found = (await office.get("/api/messages", params=wanted)).json()["items"]
        return sorted(item["kind"] for item in found)

    assert await kinds(change_id="C1") == ["offer"]
    assert await kinds(since=early.isoformat()) == ["invite", "invite", "offer"]
    assert await kinds(since=(early + timedelta(minutes=1)).isoformat()) == ["invite", "invite"]


async def test_preview_says_what_the_mail_says_without_the_key_to_her_answer(
    service: Notifications, office: httpx.AsyncClient
) -> None:
    await service.receives(employee(), offered(answer_url=f"https://ledarskap.kommun.example/o/{'x' * 60}"))
    (offer,) = await messages(service)
    seen = (await office.get(f"/api/messages/{offer.id}/preview", headers=AUDITOR)).json()
    assert "Ny som chef" in seen["subject"]
    for part in ("text", "html"):
        assert "Ny som chef" in seen[part]
        assert "https://ledarskap.kommun.example/o/…" in seen[part]
        assert "xxx" not in seen[part]
    assert (await office.get(f"/api/messages/{offer.id}/bytes", headers=AUDITOR)).status_code == 403


async def test_auditor_reads_and_an_operator_resends_but_only_the_office_invites_anew(
    service: Notifications, office: httpx.AsyncClient
) -> None:
    await service.receives(employee(), confirmed())
    await sent(service)
    one = (await messages(service))[0]
    assert (await office.get("/api/messages", headers=AUDITOR)).status_code == 200
    assert (await office.post(f"/api/messages/{one.id}/resend", headers=AUDITOR)).status_code == 403
    assert (await office.post(f"/api/messages/{one.id}/resend", headers=OPERATOR)).status_code == 200
    for who in (AUDITOR, OPERATOR):
        assert (await office.post("/api/places/P-E1/reinvite", headers=who)).status_code == 403
    assert (await office.post("/api/places/P-E1/reinvite")).status_code == 200


async def test_resent_message_is_the_same_bytes_on_their_way_once_more_and_audited(
    service: Notifications, office: httpx.AsyncClient
) -> None:
    await service.receives(employee(), offered())
    await sent(service)
    (offer,) = await messages(service)
    before = (await office.get(f"/api/messages/{offer.id}/bytes")).content
    for replayed in (None, "true"):
        answer = await office.post(f"/api/messages/{offer.id}/resend", headers={"Idempotency-Key": "K"})
        assert (answer.status_code, answer.headers.get("Idempotent-Replay")) == (200, replayed)
    (going,) = await messages(service)
    assert (going.state, going.resent, going.attempts) == ("rendered", 1, 0)
    assert (await office.get(f"/api/messages/{offer.id}/bytes")).content == before
    (deed,) = await Records(service.delivery.database).deeds(offer.id)
    assert (deed["who"], deed["what"], deed["at"]) == ("the office", "resend", service.clock.moment)


@pytest.mark.parametrize(
    ("change", "slug"),
    [
        ({"state": "rendered"}, "not-over"),
        ({"state": "expired"}, "ended"),
        ({"state": "superseded"}, "ended"),
        ({"state": "sent", "deadline": datetime(2026, 1, 1, tzinfo=UTC)}, "too-late"),
    ],
)
async def test_what_is_not_over_or_no_longer_counts_is_not_resent(
    service: Notifications, office: httpx.AsyncClient, change: dict[str, object], slug: str
) -> None:
    await service.receives(employee(), offered())
    (offer,) = await messages(service)
    await service.delivery.database["messages"].update_one({}, {"$set": change})
    answer = await office.post(f"/api/messages/{offer.id}/resend")
    assert (answer.status_code, answer.json()["type"]) == (409, f"/problems/{slug}")
    assert (await office.post("/api/messages/none/resend")).status_code == 404


async def test_invite_is_not_resent_once_an_update_has_been_made(
    service: Notifications, office: httpx.AsyncClient
) -> None:
    await service.receives(employee(), confirmed(sessions=[session(1)]))
    await sent(service)
    await service.receives(rescheduled(session(1, version=2, location="Biblioteket")))
    await sent(service)
    invite, update = await messages(service)
    assert (await office.post(f"/api/messages/{invite.id}/resend")).json()["type"] == "/problems/superseded"
    assert (await office.post(f"/api/messages/{update.id}/resend")).status_code == 200


async def test_nothing_is_resent_to_an_address_that_is_hers_no_longer(
    service: Notifications, office: httpx.AsyncClient
) -> None:
    await service.receives(employee(), offered())
    await sent(service)
    (offer,) = await messages(service)
    await service.receives(employee(version=2, email="other@kommun.example"))
    assert (await office.post(f"/api/messages/{offer.id}/resend")).json()["type"] == "/problems/other-address"
    await service.receives(left(version=3, last_day=date(2026, 8, 1)))
    assert (await office.post(f"/api/messages/{offer.id}/resend")).json()["type"] == "/problems/left"


async def test_reinvited_person_gets_a_cancel_of_the_old_entry_and_another_uid(
    service: Notifications, office: httpx.AsyncClient
) -> None:
    await service.receives(employee(), confirmed(sessions=[session(1)]))
    await sent(service)
    (old,) = await invitations(service)
    (made,) = (await office.post(f"/api/invitations/{old.id}/reinvite")).json()["invitations"]
    assert (made["uid"] != old.uid, made["round"], made["sequence"]) == (True, 2, 0)
    assert await told(service) == [("cancel", "rendered"), ("invite", "rendered"), ("invite", "sent")]
    new = {message.kind: message for message in await messages(service) if message.state == "rendered"}
    cancel, invite = await entry(service, new["cancel"]), await entry(service, new["invite"])
    assert (cancel.uid, cancel.method, cancel.sequence) == (old.uid, "CANCEL", 1)
    assert (invite.uid, invite.method, invite.starts_at) == (made["uid"], "REQUEST", cancel.starts_at)
    assert "ersätter" in "".join(await lines(service, new["cancel"]))


async def test_entry_that_never_reached_a_calendar_is_not_cancelled_there(
    service: Notifications, office: httpx.AsyncClient
) -> None:
    await service.receives(employee(), confirmed(sessions=[session(1)]))
    assert (await office.post("/api/places/P-E1/reinvite")).status_code == 200
    assert await told(service) == [("invite", "rendered"), ("invite", "superseded")]


async def test_nobody_is_invited_anew_to_what_is_not_hers_or_past(
    service: Notifications, office: httpx.AsyncClient
) -> None:
    await service.receives(employee(), confirmed())
    assert (await office.post("/api/invitations/none/reinvite")).status_code == 404
    assert (await office.post("/api/places/none/reinvite")).status_code == 404
    service.clock.moment += timedelta(days=90)
    assert (await office.post("/api/places/P-E1/reinvite")).json()["type"] == "/problems/no-entry"


async def test_broken_promises_are_listed_with_their_reason(service: Notifications, office: httpx.AsyncClient) -> None:
    await service.receives(confirmed())
    service.clock.moment += timedelta(hours=1)
    await Watch(Records(service.delivery.database), service.delivery, service.clock).look()
    first = (await office.get("/api/promises/broken", params={"limit": 1})).json()
    rest = (await office.get("/api/promises/broken", params={"after": first["next"]})).json()
    assert [each["reason"]["code"] for each in first["items"] + rest["items"]] == ["no_contact", "no_contact"]
