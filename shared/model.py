"""Frozen things that a transaction can save: documents, and timers for what is due later."""

from datetime import datetime
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field

from shared.events import Event


class Document(BaseModel):
    """A stored thing as it stands; it is changed by saving another one under the same id."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True)

    collection: ClassVar[str]
    """Name of the MongoDB collection in which these are kept."""

    passing: ClassVar[frozenset[str]] = frozenset()
    """Stored beside its fields only until it is saved again."""

    id: str = Field(alias="_id")

    @classmethod
    def stored_names(cls) -> frozenset[str]:
        """What its fields are called in the database."""
        return frozenset(field.alias or name for name, field in cls.model_fields.items())

    def having(self, **changes: Any) -> Self:
        """The same thing with other values; a name that is no field is a programming error.

        Raises:
            ValueError: a changed name is not a field.
        """
        unknown = changes.keys() - type(self).model_fields.keys()
        if unknown:
            raise ValueError(f"{type(self).__name__} has no {', '.join(sorted(unknown))}")
        return self.model_copy(update=changes)


class Timer(Document):
    """Something to be done at `due_at`. There is one per kind and subject: saving it again moves it."""

    collection: ClassVar[str] = "timers"
    passing: ClassVar[frozenset[str]] = frozenset({"lease"})

    kind: str
    subject: str
    due_at: datetime
    data: dict[str, Any] = {}

    @classmethod
    def of(cls, kind: str, subject: str, due_at: datetime, **data: Any) -> Self:
        """A timer of `kind` about `subject`; `data` is handed to the handler (JSON values only)."""
        return cls(id=timer_id(kind, subject), kind=kind, subject=subject, due_at=due_at, data=data)


def timer_id(kind: str, subject: str) -> str:
    """Where the one timer of this kind about this subject is kept."""
    return f"{kind}|{subject}"


Thing = Document | Event
"""What a transaction saves: a document into the state, an event into the outbox."""
