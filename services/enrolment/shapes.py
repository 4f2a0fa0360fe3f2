"""What programs are answered, as types with an example each: the description of the doors is made of these.

What is kept as a document is shown as it is kept, its id under the name that programs know it by. What only one module
of doors answers stands there.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, create_model
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from services.enrolment import examples, model, timeline
from services.enrolment.commands.programmes import Applied as AppliedFile
from services.enrolment.programme_file import ProgrammeFile
from services.enrolment.rules import impact
from shared.events.base import Reason
from shared.events.hr import Level

M = TypeVar("M")


def told(*examples: Any) -> ConfigDict:
    """Of a model that is only answered; an answer may hold more than its description, never less. What is answered
    only as a part of something else needs no example of its own."""
    return ConfigDict(
        extra="allow",
        populate_by_name=True,
        json_schema_serialization_defaults_required=True,
        json_schema_extra={"examples": list(examples)} if examples else None,
    )


class Shape(BaseModel):
    """Something that is answered."""

    model_config = told()


def kept(
    name: str, document: type[BaseModel], /, *examples: Any, without: Collection[str] = ("id",), **more: Any
) -> Any:
    """How a document is shown: its fields but those `without` which it is, and `more` beside or instead of them, such
    as its id under another name."""
    fields = {field: (info.annotation, info) for field, info in document.model_fields.items() if field not in without}
    shown: dict[str, Any] = {**fields, **{field: (kind, ...) for field, kind in more.items()}}
    return create_model(name, __config__=told(*examples), __doc__=document.__doc__, **shown)


class Page(BaseModel, Generic[M]):
    """A part of a list; `next` is what to ask for as `after` to get the part that follows, none at the end."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    items: list[M]
    next: str | int | None

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """With one of its things as example."""
        schema = handler(core)
        for shape in cls.__pydantic_generic_metadata__["args"]:
            page = {"items": [shape.model_config["json_schema_extra"]["examples"][0]], "next": None}
            handler.resolve_ref_schema(schema)["examples"] = [page]
        return schema


def page_of(shape: Any) -> Any:
    """A page of these."""
    return Page.__class_getitem__(shape)


class Recommended(Shape):
    """A change of a revision that evaluation recommends, and that no revision has answered; at `url` it says why."""

    recommendation_id: str
    revision: int
    url: str
    state: Literal["open", "accepted"]


class Programme(ProgrammeFile):
    """A programme as it reads now, and what evaluation recommends about it."""

    model_config = told(examples.PROGRAMME)

    revision: int
    retired: bool
    recommendations: list[Recommended]


class Revision(Shape):
    """A programme as it read in one revision; `differs` names the parts that are not as before."""

    model_config = told(examples.REVISION)

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
    """What became of a programme file, how many people notice it, and how many of them are written to or are out."""

    model_config = told(examples.APPLIED)

    touched: int
    mails: int
    withdrawn: int


class Matched(Shape):
    """Somebody for whom a programme is, by its rule."""

    employee_id: str
    name: str | None
    unit_id: str | None
    level: Level
    state: model.PlaceState | None
    """How her last place in the programme stands, if she has had one: `queued` is waiting."""
    new: bool
    """Whether it is the file that queues her."""
    away: bool
    """Whether she is on leave."""


class Match(Shape):
    """For whom a programme is as things stand: how many, how many of them the file queues (`new`), and how the others
    stand in it (`none`: has had no place). `people` are the first of them, those who are new before the others."""

    count: int
    new: int
    away: int
    states: dict[str, int]
    people: list[Matched]


def _named(document: type[BaseModel]) -> Any:
    """A part of an impact with the name of whom it is about."""
    return kept(document.__name__, document, name=str | None)


Impact = kept(
    "Impact",
    impact.Impact,
    people=list[_named(impact.PersonTouched)],  # type: ignore[misc] # made from the document
    queued=list[_named(impact.Decided)],  # type: ignore[misc]
    withdrawn=list[_named(impact.Decided)],  # type: ignore[misc]
    deadlines=list[_named(impact.ShorterDeadline)],  # type: ignore[misc]
    clashes=list[_named(impact.Clash)],  # type: ignore[misc]
    touched=int,
    mails=int,
    share=float,
    confirm_people=int | None,
    fingerprint=str,
)


class Previewed(AppliedFile):
    """What would become of a programme file: for whom it is, and what applying it would lead to."""

    model_config = told(examples.PREVIEWED)

    matched: Match
    impact: Impact  # type: ignore[valid-type] # made from the document


Change = kept("Change", model.Change, examples.CHANGE, change_id=str, impact=Impact)
ChangeSeen = kept(
    "ChangeSeen", model.Change, examples.CHANGE | {"stale": False}, change_id=str, impact=Impact, stale=bool
)


class Member(Shape):
    """Somebody who has been offered a seat, and how it stands."""

    model_config = told(examples.COHORT["members"][0])

    employee_id: str
    name: str | None
    unit_id: str | None
    unit: str | None
    """What her unit is called."""
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

    model_config = told(examples.COHORT["reserved"][0])

    unit_id: str
    level: Level
    since: datetime
    place_id: str | None


Session = kept("Session", model.Session, examples.COHORT["sessions"][0], held=bool, attended=list[str] | None)
Place = kept("Place", model.Place, examples.PLACE, place_id=str)


class Cohort(Shape):
    """A group with its sessions and its members."""

    model_config = told(examples.COHORT)

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

    model_config = told(examples.COMPOSED["skipped"][0])

    employee_id: str
    reason: Reason


class Composed(Shape):
    """Whom a composition chose, and whom it passed over."""

    model_config = told(examples.COMPOSED)

    offered: list[str]
    skipped: list[Skipped]
    department_limit: int | None


class Person(Shape):
    """How somebody stands, and all her places."""

    model_config = told(examples.PERSON)

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

    model_config = told(examples.MOMENT)
