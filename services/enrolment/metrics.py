"""What operators see of staff changes and places."""

from typing import Any, Final, get_args

from prometheus_client import Counter, Gauge

from services.enrolment.model import Place, PlaceState, StaffImport
from services.enrolment.rules.states import TRANSITIONS
from shared.clock import Clock
from shared.cloudevents import STAFF_CHANGE_KINDS
from shared.documents import Database
from shared.telemetry import on_machine_clock

LOOK_SECONDS: Final = 15.0

STAFF_CHANGES: Final = Counter(
    "ledstjarna_staff_changes_total", "What HR has told, by what it meant and what became of it.", ("kind", "result")
)
PLACES: Final = Gauge("ledstjarna_enrolments", "Places in programmes, by how they stand.", ("state",))
PLACE_STEPS: Final = Counter(
    "ledstjarna_enrolment_transitions_total",
    "Places that stood otherwise after a transaction than before it; `none` before it: it is new.",
    ("from", "to"),
)
IMPORTS_HELD: Final = Gauge("ledstjarna_staff_imports_held", "Snapshots of the staff that wait for a person.")
OLDEST_HELD: Final = Gauge(
    "ledstjarna_staff_import_oldest_held_timestamp_seconds", "Since when the oldest of them has waited; 0 if none."
)

for _kind in (*STAFF_CHANGE_KINDS, "later"):
    STAFF_CHANGES.labels(_kind, "accepted")
for _result in ("ignored", "invalid"):
    STAFF_CHANGES.labels("none", _result)
for _state in get_args(PlaceState):
    PLACES.labels(_state)
for _step in TRANSITIONS:
    if _step.source != _step.target:
        PLACE_STEPS.labels(_step.source, _step.target)
for _state in ("queued", "offered", "confirmed"):
    PLACE_STEPS.labels("none", _state)


async def look(database: Database, clock: Clock) -> None:
    """Count what is in the database; every replica finds the same."""
    by_state: list[dict[str, Any]] = [{"$group": {"_id": "$state", "n": {"$sum": 1}}}]
    counts = {row["_id"]: row["n"] async for row in database[Place.collection].aggregate(by_state)}
    for state in get_args(PlaceState):
        PLACES.labels(state).set(counts.get(state, 0))
    held = database[StaffImport.collection]
    oldest: dict[str, Any] | None = await held.find_one({"state": "held"}, sort=[("held_at", 1)])
    IMPORTS_HELD.set(await held.count_documents({"state": "held"}) if oldest else 0)
    since = (oldest.get("held_at") or oldest["taken_at"]) if oldest else None
    OLDEST_HELD.set(on_machine_clock(since, clock.now()))
