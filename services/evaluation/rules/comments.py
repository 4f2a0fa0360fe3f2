"""Comments in own words: which may be read by whom, in which order, and when they may be published (I10)."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.evaluation.anonymity import SMALLEST_COMMENTS, threshold
from services.evaluation.model import Comment, PublishedComments, Reading, Wave, WaveState

_WORD = re.compile(r"\w+(?:[-’']\w+)*")
_ENDS_SENTENCE = re.compile(r"(?:^|[.!?:…]|\n)[\s\"”»(–-]*$")


class Refusal(StrEnum):
    """Why something cannot be done with a comment."""

    unknown = "comment_unknown"
    published = "comment_published"
    unread = "comment_left"
    no_reason = "no_reason"


@dataclass(frozen=True)
class Question:
    """What was written on one question of a wave, and how far the reading has come."""

    wave: Wave
    item: str
    comments: tuple[Comment, ...]
    """In the order of their ids. These are random and given when each was sent, so the order tells nothing of when or
    who, and stays the same each time the page is shown."""
    readings: Mapping[str, Reading]

    @property
    def id(self) -> str:
        """Where what is published of it is kept."""
        return published_id(self.wave.id, self.item)

    @property
    def is_final(self) -> bool:
        """Whether it has been published."""
        return any(reading.final for reading in self.readings.values())

    @property
    def unread(self) -> int:
        """How many nobody has decided on."""
        return sum(comment.id not in self.readings for comment in self.comments)


def fewest(k: int) -> int:
    """So many comments on a question at least, or nobody reads them: among fewer, one knows who writes like that."""
    return max(SMALLEST_COMMENTS, threshold(k))


def published_id(wave_id: str, item: str) -> str:
    """Where the published comments on a question of a wave are kept."""
    return f"{wave_id}:{item}"


def questions(
    waves: Iterable[Wave], comments: Sequence[Comment], readings: Mapping[str, Reading], *, k: int
) -> Iterator[Question]:
    """The questions whose comments may be read: of closed waves, with enough of them. How many there are in others is
    not told."""
    for wave in waves:
        if wave.state is not WaveState.closed:
            continue
        items = sorted({comment.item for comment in comments if comment.wave_id == wave.id})
        for item in items:
            found = sorted(
                (comment for comment in comments if (comment.wave_id, comment.item) == (wave.id, item)),
                key=lambda comment: comment.id,
            )
            if len(found) >= fewest(k):
                yield Question(
                    wave, item, tuple(found), {one.id: readings[one.id] for one in found if one.id in readings}
                )


def settled(question: Question) -> list[Reading] | Refusal:
    """The decisions on a question as final ones; not before everything has been read."""
    if question.unread:
        return Refusal.unread
    return [question.readings[comment.id].having(final=True) for comment in question.comments]


def published(question: Question, today: date) -> PublishedComments:
    """What was let through, to be shown from now on."""
    texts = [one.text for one in question.comments if question.readings[one.id].withheld is None]
    return PublishedComments(
        id=question.id,
        cohort_id=question.wave.cohort_id,
        wave=question.wave.wave,
        item=question.item,
        texts=tuple(texts),
        published_on=today,
    )


def maybe_names(text: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it may be a name: a word with a capital that no sentence begins with.

    A hint for whoever reads, not a filter: names at the beginning of a sentence or without a capital are not found.
    """
    pieces: list[tuple[str, bool]] = []
    at = 0
    for word in _WORD.finditer(text):
        if not word[0][0].isupper() or _ENDS_SENTENCE.search(text[: word.start()]):
            continue
        pieces += [(text[at : word.start()], False), (word[0], True)]
        at = word.end()
    return [piece for piece in (*pieces, (text[at:], False)) if piece[0]]
