"""The programme office: what its people do in the year, through the same API as everybody."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.ctl.calls import Calls, RefusedError, said
from deploy.sample.plan import Rewording

PROGRAMMES: Final = Path(__file__).with_name("programmes")


GOALS: Final = {
    "G1": ("En välfärd som räcker till alla som behöver den", "Welfare that suffices for all who need it"),
    "G2": ("En klimatneutral kommun", "A climate-neutral municipality"),
    "G3": ("En ekonomi som håller i längden", "Finances that last"),
    "G4": ("En arbetsplats där människor vill stanna", "A workplace where people want to stay"),
}
"""The municipality's goals, in Swedish and English."""


def programme_files() -> dict[str, dict[str, Any]]:
    """The sample's programmes by code, as their first revisions read."""
    return {file["code"]: file for file in (yaml.safe_load(p.read_text("utf-8")) for p in PROGRAMMES.glob("*.yaml"))}


def programme_text(file: str) -> str:
    """One of the sample's programme files as the office wrote it."""
    return (PROGRAMMES / f"{file}.yaml").read_text("utf-8")


class Office:
    """Calls enrolment with the office's token."""

    def __init__(self, calls: Calls, enrolment: str) -> None:
        self._calls = calls
        self._api = f"{enrolment}/api"

    async def apply_programme(self, file: str) -> dict[str, Any]:
        """Publish or revise a programme from one of the sample's files, having seen whom it touches."""
        body = {"content": programme_text(file).encode(), "headers": {"Content-Type": "application/yaml"}}
        seen = await self._post("/programmes", f"preview {file}", params={"preview": True}, **body)
        asked = seen["impact"]["confirm_people"]
        confirmed = {"params": {"confirm_people": asked}} if asked is not None else {}
        return await self._post("/programmes", f"programme {file}", **confirmed, **body)

    async def nominate(self, programme: str, employee_id: str, by: str | None = None) -> dict[str, Any]:
        """Let somebody into the queue whom her administration has named, or her manager (`by`)."""
        once, body = f"nominate {programme} {employee_id}", {"employee_id": employee_id, "by": by}
        return await self._post(f"/programmes/{programme}/nominations", once, json=body)

    async def schedule(self, cohort_id: str, programme: str, first_day: date, start: str, where: str) -> dict[str, Any]:
        """Plan a cohort's sessions."""
        body = {
            "cohort_id": cohort_id,
            "programme": programme,
            "first_day": first_day.isoformat(),
            "start_time": start,
            "location": where,
        }
        return await self._post("/cohorts", f"schedule {cohort_id}", json=body)

    async def compose(self, cohort_id: str, seed: int) -> dict[str, Any]:
        """Choose who sits together, and offer them their places."""
        return await self._post(f"/cohorts/{cohort_id}/compose", f"compose {cohort_id}", json={"seed": seed})

    async def reschedule(
        self, cohort_id: str, session_id: str, starts_at: datetime, where: str | None
    ) -> dict[str, Any]:
        """Move a session to another time, and perhaps another place."""
        body = {"starts_at": starts_at.isoformat(), "location": where}
        path = f"/cohorts/{cohort_id}/sessions/{session_id}/reschedule"
        return await self._post(path, f"move {session_id} {starts_at.isoformat()}", json=body)

    async def record_attendance(self, cohort_id: str, session_id: str, attended: Sequence[str]) -> dict[str, Any]:
        """Tell who was there."""
        path = f"/cohorts/{cohort_id}/sessions/{session_id}/attendance"
        return await self._post(path, f"attendance {session_id}", json={"attended": list(attended)})

    async def set_goals(self, valid_from: date) -> None:
        """Write down the municipality's goals."""
        for goal_id, (sv, en) in GOALS.items():
            body = {"goal_id": goal_id, "text": {"sv": sv, "en": en}, "valid_from": valid_from.isoformat()}
            await self._post("/goals", f"goal {goal_id}", json=body)

    async def reword_goal(self, new: Rewording) -> None:
        """Let a goal read otherwise from now on, in force to a last day."""
        text = {"sv": new.sv, "en": new.en}
        body = {"text": text, "valid_from": new.on.isoformat(), "valid_to": new.valid_to.isoformat()}
        headers = {"Idempotency-Key": f"reword {new.goal_id} {new.on}"}
        said(await self._calls.answer("PUT", f"{self._api}/goals/{new.goal_id}", json=body, headers=headers))

    async def propose_groups(
        self, programme: str, cohorts: Sequence[str], seed: int, apart: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Have several groups composed together, with two people apart if so wished; nobody is told."""
        wishes = [{"kind": "apart", "one": apart[0], "other": apart[1]}] if apart else []
        body = {"programme": programme, "cohorts": list(cohorts), "seed": seed, "wishes": wishes}
        return await self._post("/proposals", f"groups {' '.join((*cohorts, *apart))}", json=body)

    async def propose_again(self, proposal_id: str, seed: int) -> dict[str, Any]:
        """Have the same groups composed anew, by another lot."""
        return await self._post(f"/proposals/{proposal_id}/again", f"again {proposal_id}", json={"seed": seed})

    async def exchange(self, proposal_id: str, one: str, other: str) -> bool:
        """Exchange two people of a proposal, unless that would break a rule; whether they are."""
        path, body = f"/proposals/{proposal_id}/swap", {"one": one, "other": other}
        once = f"exchange {proposal_id} {one} {other}"
        seen = await self._post(path, f"preview {once}", params={"preview": True}, json=body)
        if not seen["after"]["broken"]:
            await self._post(path, once, json=body)
        return not seen["after"]["broken"]

    async def accept_groups(self, proposal_id: str) -> dict[str, Any]:
        """Offer all the seats of a proposal."""
        return await self._post(f"/proposals/{proposal_id}/accept", f"accept {proposal_id}")

    async def propose_change(self, kind: str, command: Mapping[str, Any]) -> dict[str, Any]:
        """Propose a change, and see what it would lead to."""
        what = json.dumps(command, sort_keys=True).encode()
        once = f"propose {kind} {sha256(what).hexdigest()}"
        return await self._post("/changes", once, json={"kind": kind, "command": dict(command)})

    async def decide_change(self, change_id: str, what: str, **body: Any) -> dict[str, Any]:
        """Approve a change, undo or drop it."""
        return await self._post(
            f"/changes/{change_id}/{what}", f"{what} {change_id}", **({"json": body} if body else {})
        )

    async def see_to_place(self, place_id: str, what: str, **body: Any) -> dict[str, Any]:
        """Take back an offer, end a place, or put somebody first."""
        return await self._post(f"/places/{place_id}/{what}", f"{what} {place_id}", json=body)

    async def swap(self, one: str, other: str) -> bool:
        """Let the holders of two places exchange groups, if the rules allow it; whether they have."""
        try:
            await self._post("/places/swap", f"swap {one} {other}", json={"one": one, "other": other})
        except RefusedError as refused:
            if refused.status != 409:
                raise
            return False
        return True

    async def correct_attendance(
        self, cohort_id: str, session_id: str, attended: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, Any]:
        """Tell anew how everybody was there."""
        path = f"/cohorts/{cohort_id}/sessions/{session_id}/attendance"
        return await self._post(path, f"correct {session_id}", json={"attendance": attended})

    async def choose_contact(self, network_id: str, employee_id: str) -> dict[str, Any]:
        """Let another member be a network's contact."""
        body = {"employee_id": employee_id}
        return await self._post(f"/networks/{network_id}/contact", f"contact {network_id}", json=body)

    async def reject_census(self, snapshot_id: str) -> dict[str, Any]:
        """Reject a snapshot that has been held."""
        body = {"reason": "A part of the staff is missing; HR sends it again."}
        return await self._post(f"/staff-imports/{snapshot_id}/reject", f"reject {snapshot_id}", json=body)

    async def release_census(self, snapshot_id: str) -> dict[str, Any]:
        """Let a snapshot that has been held be applied."""
        return await self._post(f"/staff-imports/{snapshot_id}/release", f"release {snapshot_id}")

    async def census(self, snapshot_id: str) -> dict[str, Any]:
        """A snapshot, and what applying it would change."""
        found: dict[str, Any] = await self._calls.get(f"{self._api}/staff-imports/{snapshot_id}", preview="true")
        return found

    async def page_of(self, employee_id: str) -> str:
        """The address of somebody's own page."""
        return str((await self.person(employee_id))["page_url"])

    async def person(self, employee_id: str) -> dict[str, Any]:
        """How somebody stands."""
        found: dict[str, Any] = await self._calls.get(f"{self._api}/people/{employee_id}")
        return found

    async def listed(self, what: str, **query: str) -> list[dict[str, Any]]:
        """All items of one of enrolment's lists."""
        return await every(self._calls, f"{self._api}/{what}", **query)

    async def cohort(self, cohort_id: str) -> dict[str, Any]:
        """A cohort with its sessions and members."""
        found: dict[str, Any] = await self._calls.get(f"{self._api}/cohorts/{cohort_id}")
        return found

    async def cohorts(self) -> list[dict[str, Any]]:
        """All cohorts."""
        return await every(self._calls, f"{self._api}/cohorts")

    async def places(self) -> list[dict[str, Any]]:
        """All places there are or have been."""
        return await every(self._calls, f"{self._api}/places")

    async def _post(self, path: str, once: str, **body: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await self._calls.post(self._api + path, once=once, **body)
        return answer


async def every(calls: Calls, url: str, **params: str | int) -> list[dict[str, Any]]:
    """All items of a paged list."""
    items: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = await calls.get(url, limit=200, **params, **after)
        items += page["items"]
        if not page["next"]:
            return items
        after = {"after": page["next"]}
