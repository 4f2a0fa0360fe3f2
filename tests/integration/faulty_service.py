"""A service in a process of its own that can be killed, with faults in it that can be mended while it runs.

Started as `python -m tests.integration.faulty_service FILE`, where FILE holds the faults it has, as a JSON list: the
first letters of the units with which it has trouble. Its settings come from the environment like those of any service.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from pymongo.errors import AutoReconnect

from shared.cloudevents import Reject
from shared.delivery import Outcome
from shared.documents import Transaction
from shared.events.hr import UnitChanged
from shared.messaging import Subscription
from shared.service import Service
from shared.settings import ServiceSettings
from shared.timers import Timers
from tests.integration.wiring import Unit

TROUBLES: dict[str, Callable[[], Exception]] = {
    "K": lambda: KeyError("a fault of ours"),
    "R": lambda: Reject("there is no such place: find out what it was about"),
    "D": lambda: AutoReconnect("the database is away"),
}


def make(faults: Path) -> Service[Transaction]:
    """The service."""
    hr = Subscription("hr")

    def fails(unit_id: str) -> bool:
        return unit_id[0] in json.loads(faults.read_text())

    @hr.handles(UnitChanged)
    async def count(event: UnitChanged, tx: Transaction) -> Outcome:
        if fails(event.unit_id):
            raise TROUBLES[event.unit_id[0]]()
        before = await tx.documents(Unit).get(event.unit_id)
        tx.save(Unit(id=event.unit_id, version=event.version, times=before.times + 1 if before else 1))
        return Outcome.applied

    return Service(
        "enrolment",
        ServiceSettings(),
        transaction=Transaction,
        subscriptions=[hr],
        timers=Timers(),
        indexes={"units": []},
        templates=faults.parent,
    )


if __name__ == "__main__":
    make(Path(sys.argv[1])).serve()
