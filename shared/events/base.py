"""What every event has in common, and the register of all of them."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

_ID = r"^[A-Za-z0-9][A-Za-z0-9._:~-]{0,127}$"
_LINE = r"^[^\x00-\x1f\x7f\u2028\u2029]*$"

Id = Annotated[str, StringConstraints(pattern=_ID)]
"""An identifier that may stand in a URL, a header or a calendar UID as it is."""

Line = Annotated[str, StringConstraints(pattern=_LINE, max_length=300)]
"""One line of text: it can be put in a mail header, because it cannot break out of it."""

_PATTERN_WORDS = {
    _ID: "is no id: write letters a to z, digits and . _ : ~ -, at most 128",
    _LINE: "is not one line of text: leave line breaks and control characters out",
}


def complaint(error: Mapping[str, Any]) -> str:
    """What one of pydantic's errors says, for people and without what was sent (it may be personal)."""
    in_words = _PATTERN_WORDS.get(error.get("ctx", {}).get("pattern"))
    return in_words or str(error["msg"]).removeprefix("Value error, ")


Version = Annotated[int, Field(ge=1)]
"""The aggregate's version: a consumer that has seen a newer one ignores the older."""


class Fact(BaseModel):
    """A frozen piece of an event. Unknown fields are ignored, so that a newer sender can add some."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True)


class LocalisedText(Fact):
    """The same text in the two languages that managers are written to."""

    sv: str
    en: str

    def in_language(self, language: str) -> str:
        """The text in `language`; Swedish where we have no translation."""
        return self.en if language == "en" else self.sv


class Reason(Fact):
    """Why something was decided about a person, readable by programs (`code`) and by her (`text`)."""

    code: str
    text: LocalisedText


class Event(Fact):
    """A past-tense fact that crosses a service boundary, published as a CloudEvent in binary mode.

    `type` is the CloudEvents type and the routing key: `<owner>.<subject>.<fact>.v<N>`, never an id in it.
    `about` names the field that identifies the aggregate; it travels as `ce-subject`.
    """

    type: ClassVar[str]
    about: ClassVar[str]

    version: Version

    @property
    def subject(self) -> str:
        """Id of the aggregate that the event is about."""
        return str(getattr(self, self.about))

    @property
    def concerns(self) -> tuple[str, ...]:
        """Ids by which somebody may ask what happened: the aggregate's, and those of the person, the place, the mail,
        what the mail was about, and the change."""
        named = (getattr(self, name) for name in _concerned(type(self)))
        return tuple(dict.fromkeys((self.subject, *(one for one in named if one is not None))))


CONCERNED = ("employee_id", "place_id", "message_id", "regarding", "change_id")
"""Fields of events by which a trace is found. Whoever is named in a list is not among them: her mails are hers."""


@cache
def _concerned(kind: type[Event]) -> tuple[str, ...]:
    """Which of these fields events of this kind have; asked once, since it is needed for each event."""
    return tuple(name for name in CONCERNED if name in kind.model_fields)


E = TypeVar("E", bound=type[Event])
EVENT_TYPES: dict[str, type[Event]] = {}
"""Every event by its type name; filled by the modules of this package."""


def registered(event: E) -> E:
    """Class decorator: enter an event into `EVENT_TYPES`; the same name twice is a programming error."""
    if event.type in EVENT_TYPES:
        raise ValueError(f"two events are named {event.type}")
    EVENT_TYPES[event.type] = event
    return event
