"""What programs are answered, as types with an example each: the description of the doors is made of these.

What is kept as a document is shown as it is kept, its id under the name that programs know it by.
"""

from datetime import date, datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, create_model

from services.enrolment import examples, model, timeline
from services.enrolment.commands.programmes import Applied as AppliedFile
from services.enrolment.programme_file import ProgrammeFile
from shared.events.base import Reason
from shared.events.hr import Level

M = TypeVar("M")


def _told(example: Any) -> ConfigDict:
    """Of a model that is only answered; an answer may hold more than its description, never less."""
    return ConfigDict(
        extra="allow",
        populate_by_name=True,
        json_schema_serialization_defaults_required=True,
        json_schema_extra={"examples": [example]},
    )


class Shape(BaseModel):
    """Something that is answered."""

    model_config = _told({})


def kept(name: str, document: type[BaseModel], example: Any, **more: Any) -> Any:
    """How a document is shown: its fields, and `more` beside them, such as its id under another name."""
    fields = {field: (info.annotation, info) for field, info in document.model_fields.items() if field != "id"}
    shown: dict[str, Any] = {**fields, **{field: (kind, ...) for field, kind in more.items()}}
    return create_model(name, __config__=_told(example), __doc__=document.__doc__, **shown)


class Page(BaseModel, Generic[M]):
    """A part of a list; `next` is what to ask for as `after` to get the part that follows, none at the end."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    items: list[M]
    next: str | int | None


def page_of(shape: Any) -> Any:
    """A page of these."""
    return Page.__class_getitem__(shape)


class Programme(ProgrammeFile):
    """A programme as it reads now."""

    model_config = _told(examples.PROGRAMME)

    revision: int
    retired: bool


class Revision(Shape):
    """A programme as it read in one revision; `differs` names the parts that are not as before."""

    model_config = _told(examples.REVISION)

    programme: str
    revision: int
    at: datetime
    by: str | None
    change_id: str | None
    addresses: list[str]
    retired: bool
    differs: list[str]
    content: ProgrammeFile


class Applied(AppliedFile):
    """What became of a programme file."""

    model_config = _told(examples.APPLIED)


class Member(Shape):
    """Somebody who has been offered a seat, and how it stands."""

    model_config = _told(examples.COHORT["members"][0])

    employee_id: str
    place_id: str
    state: model.PlaceState
    short: Reason | None


class Seats(Shape):
    """By which rules the group is put together."""

    min: int
    max: int
    max_share_per_department: float
    department_limit: int | None


class KeptSeat(Shape):
    """A seat that waits for whoever is to hold a post (a level in a unit). `place_id`: the paused place of its holder,
    who has it again when she is back; none: she has gone."""

    model_config = _told(examples.COHORT["reserved"][0])

    unit_id: str
    level: Level
    since: datetime
    place_id: str | None


Session = kept("Session", model.Session, examples.COHORT["sessions"][0], held=bool, attended=list[str] | None)
Place = kept("Place", model.Place, examples.PLACE, place_id=str)


class Cohort(Shape):
    """A group with its sessions and its members."""

    model_config = _told(examples.COHORT)

    cohort_id: str
    version: int
    programme: str
    revision: int
    state: str
    sessions: list[Session]  # type: ignore[valid-type] # made from the document
    members: list[Member]
    language: str | None
    facilitators: list[str]
    seats_taken: int
    reserved: list[KeptSeat]
    group: Seats
    result_url: str | None


class Skipped(Shape):
    """Somebody who waits and got no seat, and why."""

    model_config = _told(examples.COMPOSED["skipped"][0])

    employee_id: str
    reason: Reason


class Composed(Shape):
    """Whom a composition chose, and whom it passed over."""

    model_config = _told(examples.COMPOSED)

    offered: list[str]
    skipped: list[Skipped]
    department_limit: int | None


class Person(Shape):
    """How somebody stands, and all her places."""

    model_config = _told(examples.PERSON)

    employee_id: str
    version: int
    name: str | None
    level: Level | None
    level_since: date | None
    unit_id: str | None
    department: str | None
    manager_id: str | None
    left: bool
    on_leave: bool
    completed: list[str]
    upcoming: list[dict[str, Any]]
    page_url: str
    """The link to her own page, to be given to her alone."""
    places: list[Place]  # type: ignore[valid-type] # made from the document


class Moment(timeline.Moment):
    """Something that was decided about a person or happened to her: when, what, and why."""

    model_config = _told(examples.MOMENT)
