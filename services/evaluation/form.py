"""The form of a wave: what it asks, what can be chosen, and reading what was sent in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from services.evaluation.instruments import IN_WORDS, NUMBERS, Instrument, Item, Kind, Library, Section
from services.evaluation.model import Answers, Wave

LONGEST_TEXT = 2000
"""Characters of an answer in own words."""

DONT_KNOW = "unknown"
"""What the form sends for "vet ej"; what is left out is sent as nothing, or not at all. Both are kept as nothing."""

Fault = Literal["not_offered", "too_long"]
"""Why an answer cannot be taken."""


@dataclass(frozen=True, slots=True)
class Question:
    """One item as the form shows it, with what has been filled in."""

    number: int
    item: Item
    choices: Sequence[int]
    """The numbers that can be chosen; none where the answer is written in own words."""
    sent: str
    fault: Fault | None

    @property
    def is_answered(self) -> bool:
        """Whether something has been filled in; "don't know" is something."""
        return bool(self.sent.strip())


Chapter = tuple[Instrument, Sequence[tuple[Section, Sequence[Question]]]]


def chapters(wave: Wave, library: Library, sent: Mapping[str, str]) -> list[Chapter]:
    """All that is asked in a wave, in order: per instrument its sections with their questions, numbered throughout."""
    _, faults = read_answers(sent, wave, library)
    numbers = iter(range(1, len(wave.items(library)) + 1))

    def asked(items: Sequence[Item]) -> Iterator[Question]:
        for item in items:
            yield Question(next(numbers), item, choices(item, wave), sent.get(item.id, ""), faults.get(item.id))

    editions = [library.edition(ref.code, ref.version) for ref in wave.instruments]
    return [
        (one, [(section, list(asked(items))) for section, items in one.asked_in(wave.wave, wave.of)])
        for one in editions
    ]


def choices(item: Item, wave: Wave) -> Sequence[int]:
    """The numbers that can be chosen as an answer; none where it is written in own words."""
    return range(max(wave.size, 1)) if item.kind is Kind.people else NUMBERS.get(item.kind, ())


def read_answers(sent: Mapping[str, str], wave: Wave, library: Library) -> tuple[Answers, dict[str, Fault]]:
    """The answer to each item of the form, and what is wrong with those that cannot be taken.

    No number stands for "don't know" and for what was skipped.
    """
    numbers: dict[str, int | None] = {}
    written: dict[Kind, dict[str, str]] = {Kind.text: {}, Kind.task: {}}
    faults: dict[str, Fault] = {}
    for item in wave.items(library):
        value = _as_typed(sent.get(item.id, ""))
        if item.kind in IN_WORDS:
            if len(value) > LONGEST_TEXT:
                faults[item.id] = "too_long"
            elif value:
                written[item.kind][item.id] = value
        elif value in ("", DONT_KNOW):
            numbers[item.id] = None
        elif value in {str(number) for number in choices(item, wave)}:
            numbers[item.id] = int(value)
        else:
            faults[item.id] = "not_offered"
    return Answers(numbers=numbers, comments=written[Kind.text], tasks=written[Kind.task]), faults


def _as_typed(value: str) -> str:
    """A field as it was typed: browsers send a line break as two characters, and counted it as one."""
    return value.replace("\r\n", "\n").strip()
