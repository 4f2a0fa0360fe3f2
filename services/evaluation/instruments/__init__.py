"""What an instrument is: each YAML file beside this module is one questionnaire in one wording."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from math import ceil
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.events import LocalisedText

SCALE = (1, 2, 3, 4, 5)
"""Agreement, from "stämmer mycket dåligt" to "stämmer mycket bra"; "vet ej" is kept as nothing."""

Respondents = Literal["managers", "employees"]
"""Who answers: the managers of a group, or those whom they lead."""

WaveName = Literal["T0", "P", "T1", "T2", "T3", "T4"]
"""When it is asked: before, after a session, after the programme, and three, six and twelve months later."""


class Kind(StrEnum):
    """How an item is answered."""

    agreement = "agreement"
    """1 to 5."""
    likelihood = "likelihood"
    """0 to 10."""
    people = "people"
    """A number of people of the group: 0 to its size less one."""
    yes_no = "yes_no"
    """1 for yes, 0 for no."""
    text = "text"
    """Own words, kept apart from every other answer."""
    task = "task"
    """Own words that a reader scores 0 to 3 without knowing who wrote them, when or in which group."""


NUMBERS: Mapping[Kind, Sequence[int]] = {Kind.agreement: SCALE, Kind.likelihood: range(11), Kind.yes_no: (1, 0)}
"""What can be chosen, where it is the same for everybody. A count ends at the size of the group."""

IN_WORDS = (Kind.text, Kind.task)

SECONDS: Mapping[Kind, int] = {Kind.text: 20, Kind.task: 90}
"""A task is meant to be done; what else is asked in own words, half of the people leave out."""

_SECONDS_PER_ITEM = 10
"""So a pulse is promised to take a minute, and the longest form seven."""


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
    kind: Kind = Kind.agreement
    text: LocalisedText
    hint: LocalisedText | None = None


class Part(_Strict):
    """A sub-index: its own mean over some of the items."""

    code: str = Field(pattern="^[a-z_]+$")
    title: LocalisedText
    items: tuple[str, ...] = Field(min_length=1)


class Section(_Strict):
    """Items asked together: in which waves, of whom, and with an introduction of their own where they need one."""

    waves: tuple[WaveName, ...] = Field(min_length=1)
    of: Respondents
    items: tuple[str, ...] = ()
    """All of the instrument where none are named."""
    intro: LocalisedText | None = None

    @model_validator(mode="after")
    def _is_ever_asked(self) -> Self:
        if self.of == "employees" and "P" in self.waves:
            raise ValueError("employees are not at the sessions: take P out of waves")
        return self


class Anchors(_Strict):
    """What the two ends of the scale mean, and the way out of it."""

    low: LocalisedText
    high: LocalisedText
    unknown: LocalisedText
    steps: tuple[LocalisedText, ...] = Field(default=(), max_length=5)
    """What each of the five answers is called, from the lowest, where the source has a word for each."""

    @model_validator(mode="after")
    def _five_or_none(self) -> Self:
        if self.steps and len(self.steps) != len(SCALE):
            raise ValueError(f"steps names {len(self.steps)} answers: name all five, from the lowest, or leave it out")
        return self

    def word(self, step: int) -> LocalisedText | None:
        """What an answer of 1 to 5 is called, if it has a name."""
        if self.steps:
            return self.steps[step - 1]
        return {SCALE[0]: self.low, SCALE[-1]: self.high}.get(step)


class Instrument(_Strict):
    """A questionnaire in one wording: another wording is another `version`.

    Answers to two versions are compared only where the newer names the older in `compares_with`.
    """

    code: str = Field(pattern="^[A-Z]{2,4}$")
    version: int = Field(ge=1)
    locked: bool
    """The wording has been asked, or is decided; it may only be changed as a new version."""
    compares_with: tuple[int, ...] = ()
    title: LocalisedText
    intro: LocalisedText
    provenance: Provenance
    scale: Anchors
    sections: tuple[Section, ...] = Field(min_length=1)
    items: tuple[Item, ...] = Field(min_length=1)
    index: tuple[str, ...] = ()
    """Items whose mean is the instrument's index; all that are answered by agreement where none are named."""
    parts: tuple[Part, ...] = ()

    @model_validator(mode="after")
    def _ids_fit(self) -> Self:
        ids = self.item_ids
        if len(set(ids)) != len(ids):
            raise ValueError("an item id is used twice: give each item its own")
        if wrong := [i for i in ids if not i.startswith(self.code)]:
            raise ValueError(f"items {wrong} do not begin with {self.code}")
        in_parts = [i for part in self.parts for i in part.items]
        if len(set(in_parts)) != len(in_parts):
            raise ValueError("an item is in two parts: each may be in one")
        named = {*in_parts, *self.index, *(i for section in self.sections for i in section.items)}
        if unknown := sorted(named - set(ids)):
            raise ValueError(f"parts, index or sections name {unknown}, which are no items of this file")
        if late := [version for version in self.compares_with if version >= self.version]:
            raise ValueError(f"compares_with names {late}: only versions before this one can be compared with")
        return self

    @property
    def item_ids(self) -> tuple[str, ...]:
        """The items in the order of the file."""
        return tuple(item.id for item in self.items)

    @cached_property
    def _by_id(self) -> Mapping[str, Item]:
        return {item.id: item for item in self.items}

    @property
    def index_items(self) -> tuple[str, ...]:
        """The items whose mean is the index."""
        return self.index or tuple(item.id for item in self.items if item.kind is Kind.agreement)

    def asked_in(self, wave: str, of: Respondents) -> tuple[tuple[Section, tuple[Item, ...]], ...]:
        """The sections that are asked in a wave, with their items in order."""
        by_id = self._by_id
        sections = [section for section in self.sections if wave in section.waves and section.of == of]
        return tuple((section, tuple(by_id[i] for i in section.items or self.item_ids)) for section in sections)

    def items_in(self, wave: str, of: Respondents) -> tuple[Item, ...]:
        """The items that are asked in a wave, in order."""
        return tuple(item for _, items in self.asked_in(wave, of) for item in items)

    def compares(self, other: "Instrument") -> bool:
        """Whether answers to the two wordings may be compared."""
        newer, older = (self, other) if self.version >= other.version else (other, self)
        return self.code == other.code and (newer.version == older.version or older.version in newer.compares_with)


class Library(Mapping[str, Instrument]):
    """Every wording there is. By its code alone, an instrument is the newest of its wordings."""

    def __init__(self, editions: Sequence[Instrument]) -> None:
        self._editions = {(one.code, one.version): one for one in editions}
        self._newest = {one.code: one for one in sorted(editions, key=lambda one: (one.code, one.version))}

    def __getitem__(self, code: str) -> Instrument:
        return self._newest[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._newest)

    def __len__(self) -> int:
        return len(self._newest)

    @property
    def editions(self) -> tuple[Instrument, ...]:
        """All wordings, also those that are not asked any more."""
        return tuple(self._editions.values())

    def edition(self, code: str, version: int) -> Instrument:
        """One wording.

        Raises:
            KeyError: there is none; files of wordings that have been asked must be kept.
        """
        return self._editions[code, version]


def minutes_to_answer(items: Sequence[Item]) -> int:
    """About how long a form takes, in whole minutes: it is promised in the invitation."""
    return max(1, ceil(sum(SECONDS.get(item.kind, _SECONDS_PER_ITEM) for item in items) / 60))
