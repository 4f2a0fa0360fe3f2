"""The programme office: what its people do in the year, through the same API as everybody."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from deploy.ctl.calls import Calls

PROGRAMMES: Final = Path(__file__).with_name("programmes")


class Office:
    """Calls enrolment with the office's token."""

    def __init__(self, calls: Calls, enrolment: str) -> None:
        self._calls = calls
        self._api = f"{enrolment}/api"

    async def apply_programme(self, file: str) -> dict[str, Any]:
        """Publish or revise a programme from one of the sample's files."""
        text = (PROGRAMMES / f"{file}.yaml").read_text("utf-8")
        headers = {"Content-Type": "application/yaml"}
        return await self._post("/programmes", f"programme {file}", content=text.encode(), headers=headers)

    async def nominate(self, programme: str, employee_id: str) -> dict[str, Any]:
        """Let somebody into the queue whom her administration has named."""
        once = f"nominate {programme} {employee_id}"
        return await self._post(f"/programmes/{programme}/nominations", once, json={"employee_id": employee_id})

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
