"""What the office may propose: each kind of change a typed command, read and checked before anything is done."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from services.enrolment.programme_file import MAX_CHARACTERS, Title
from services.enrolment.rules import written
from services.enrolment.rules.written import told_as
from shared.events.base import Id, Line


def _within_reach(moment: datetime) -> datetime:
    if not 2000 <= moment.year < 2200:
        raise ValueError("is no time to meet: correct the year")
    return moment


Moment = Annotated[written.Moment, AfterValidator(_within_reach)]
"""A moment that the office has written; without offset it is local."""

Names = Annotated[tuple[Annotated[Line, Field(min_length=1)], ...], Field(max_length=20)]
Place = Annotated[Line, Field(min_length=1)]
NO_CODE: Final = "is no code of a module: write letters a to z, digits and . _ ~ -, at most 31"


class Command(BaseModel):
    """One thing to be done. A key that we do not know is an error, since it is most likely misspelt."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ReviseProgramme(Command):
    """Let a programme read like `file` (YAML, or JSON), in answer to the recommendations that it `addresses`."""

    file: Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS)]
    addresses: Annotated[tuple[Id, ...], Field(max_length=50)] = ()


class AdoptRevision(Command):
    """Let a cohort go on by a revision of its programme, the newest if none is named."""

    cohort_id: Id
    revision: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


class RescheduleSession(Command):
    """Hold a session at another time, and elsewhere if a location is given; past another module only with `force`."""

    cohort_id: Id
    session_id: Id
    starts_at: Moment
    ends_at: Moment | None = None
    location: Place | None = None
    force: bool = False


class CancelSession(Command):
    """Call a session off; the reason is told to all who would have come."""

    cohort_id: Id
    session_id: Id
    reason: Title


class AddSession(Command):
    """A session besides those that there are, once more for a module or with a title of its own."""

    cohort_id: Id
    module: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._~-]{0,30}$"), told_as(NO_CODE)]
    title: Title | None = None
    starts_at: Moment
    ends_at: Moment
    location: Place


class ChangePlace(Command):
    """Another room for one session, or for all to come if none is named."""

    cohort_id: Id
    session_id: Id | None = None
    location: Place


class SetFacilitators(Command):
    """Who leads a cohort and may see it."""

    cohort_id: Id
    facilitators: Names


class CancelCohort(Command):
    """Call a whole cohort off; its people are first in line for the next."""

    cohort_id: Id
    reason: Title


class RetireProgramme(Command):
    """Let a programme take no more people."""

    code: Id


class Proposal(BaseModel):
    """Something to be done, of one `kind`, and why the office wants it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    note: Annotated[str, Field(max_length=2000)] = ""


class ToReviseProgramme(Proposal):
    """Publish or revise a programme."""

    kind: Literal["revise_programme"]
    command: ReviseProgramme


class ToAdoptRevision(Proposal):
    """Bring a running cohort to another revision."""

    kind: Literal["adopt_revision"]
    command: AdoptRevision


class ToRescheduleSession(Proposal):
    """Move a session."""

    kind: Literal["reschedule_session"]
    command: RescheduleSession


class ToCancelSession(Proposal):
    """Call a session off."""

    kind: Literal["cancel_session"]
    command: CancelSession


class ToAddSession(Proposal):
    """Add a session."""

    kind: Literal["add_session"]
    command: AddSession


class ToChangePlace(Proposal):
    """Meet elsewhere."""

    kind: Literal["change_place"]
    command: ChangePlace


class ToSetFacilitators(Proposal):
    """Have others lead a cohort."""

    kind: Literal["set_facilitators"]
    command: SetFacilitators


class ToCancelCohort(Proposal):
    """Call a cohort off."""

    kind: Literal["cancel_cohort"]
    command: CancelCohort


class ToRetireProgramme(Proposal):
    """Bring a programme to an end."""

    kind: Literal["retire_programme"]
    command: RetireProgramme


AnyProposal = Annotated[
    ToReviseProgramme
    | ToAdoptRevision
    | ToRescheduleSession
    | ToCancelSession
    | ToAddSession
    | ToChangePlace
    | ToSetFacilitators
    | ToCancelCohort
    | ToRetireProgramme,
    Field(discriminator="kind"),
]
_READER: TypeAdapter[AnyProposal] = TypeAdapter(AnyProposal)


def read(kind: str, command: dict[str, Any]) -> Command:
    """The command that a change keeps."""
    return _READER.validate_python({"kind": kind, "command": command}).command


def kind_of(command: Command) -> str:
    """The kind under which the command is proposed: its name as one writes names in JSON."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in type(command).__name__).removeprefix("_")
