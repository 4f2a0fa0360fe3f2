"""What an instrument is: each YAML file beside this module is one questionnaire in one wording."""

from math import ceil
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.events import LocalisedText

SCALE = (1, 2, 3, 4, 5)
"""Agreement, from "stämmer mycket dåligt" to "stämmer mycket bra"; "vet ej" is kept as nothing."""

_SECONDS_PER_ITEM = 20


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Provenance(_Strict):
    """Who wrote an instrument, where the wording comes from, and on which terms it may be used."""

    author: str
    source: str
    licence: str
    note: str = ""


class Item(_Strict):
    """One question."""

    id: str = Field(pattern="^[A-Z]{2,4}[0-9]{1,2}$")
    text: LocalisedText


class Part(_Strict):
    """A sub-index: its own mean over some of the items."""

    code: str = Field(pattern="^[a-z]+$")
    title: LocalisedText
    items: tuple[str, ...] = Field(min_length=1)


class Anchors(_Strict):
    """What the two ends of the scale mean, and the way out of it."""

    low: LocalisedText
    high: LocalisedText
    unknown: LocalisedText


class Instrument(_Strict):
    """A questionnaire in one wording: another wording is another `version`, and is not compared with this one."""

    code: str = Field(pattern="^[A-Z]{2,4}$")
    version: int = Field(ge=1)
    locked: bool
    """The wording has been asked, or is decided; it may only be changed as a new version."""
    title: LocalisedText
    intro: LocalisedText
    provenance: Provenance
    scale: Anchors
    waves: tuple[str, ...]
    items: tuple[Item, ...] = Field(min_length=1)
    parts: tuple[Part, ...] = ()

    @model_validator(mode="after")
    def _ids_fit(self) -> Self:
        ids = self.item_ids
        if len(set(ids)) != len(ids):
            raise ValueError("an item id is used twice: give each item its own")
        if wrong := [i for i in ids if not i.startswith(self.code)]:
            raise ValueError(f"items {wrong} do not begin with {self.code}")
        in_parts = [i for part in self.parts for i in part.items]
        if self.parts and sorted(in_parts) != sorted(ids):
            raise ValueError("the parts together must name every item exactly once")
        return self

    @property
    def item_ids(self) -> tuple[str, ...]:
        """The items in the order in which they are asked."""
        return tuple(item.id for item in self.items)


def minutes_to_answer(items: int) -> int:
    """About how long a form of so many items takes, in whole minutes: it is promised in the invitation."""
    return max(1, ceil(items * _SECONDS_PER_ITEM / 60))
