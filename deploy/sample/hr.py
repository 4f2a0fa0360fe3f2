"""The HR system of the sample: publishes staff changes on the broker, also as others may send them, and nonsense."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from deploy.ctl.publishing import HrPublisher, Letter
from shared.cloudevents import JSON, STRUCTURED, uuid7
from shared.events.base import Event
from shared.events.hr import EmployeeChanged, SnapshotPage, UnitChanged

PAGE = 1000
"""How many employees a page of a snapshot holds."""


class HrDesk(HrPublisher):
    """HR of the sample municipality. `published` counts malformed messages too."""

    def __init__(self, amqp_url: str, now: Callable[[], datetime], patience: float = 120.0) -> None:
        super().__init__(amqp_url, now, patience)
        self.malformed: Counter[str] = Counter()
        """Messages, among those published, that nobody can read."""

    async def tell(self, changes: Iterable[Event]) -> None:
        """Publish changes, each as a message of its own; every fiftieth in structured mode, as others may send it."""
        letters = [
            structured(self.letter(change)) if number % 50 == 49 else self.letter(change)
            for number, change in enumerate(changes)
        ]
        await self.send(letters)

    async def tell_all(
        self, snapshot_id: str, employees: Sequence[EmployeeChanged], units: Sequence[UnitChanged]
    ) -> None:
        """Publish the whole staff as a snapshot in pages, the last page first."""
        parts = [employees[start : start + PAGE] for start in range(0, len(employees), PAGE)] or [[]]
        pages = [
            SnapshotPage(
                version=1,
                snapshot_id=snapshot_id,
                taken_at=self._now(),
                page=number,
                pages=len(parts),
                employees=tuple(part),
                units=tuple(units) if number == 1 else (),
            )
            for number, part in enumerate(parts, start=1)
        ]
        await self.tell(reversed(pages))

    async def tell_many_times(self, change: Event, times: int) -> None:
        """Publish the very same message several times, as a sender does who is not sure."""
        letter = self.letter(change)
        for _ in range(times):
            await self.send([letter])

    async def tell_nonsense(self, event_type: str, body: bytes) -> None:
        """Publish what claims to be an event and is not."""
        letter = Letter(uuid7(), event_type, body, {"ce-specversion": "1.0", "ce-type": event_type})
        await self.send([Letter(letter.id, event_type, body, letter.headers | {"ce-id": letter.id})])
        self.malformed[event_type] += 1


def structured(letter: Letter) -> Letter:
    """The same message as one JSON document with the attributes inside."""
    attributes = {name.removeprefix("ce-"): value for name, value in letter.headers.items()}
    body = attributes | {"datacontenttype": JSON, "data": json.loads(letter.body)}
    return Letter(
        letter.id, letter.type, json.dumps(body, ensure_ascii=False).encode(), {}, f"{STRUCTURED}; charset=utf-8"
    )
