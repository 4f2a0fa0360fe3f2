"""Names that people in a Swedish municipality bear, and the mail addresses made of them."""

import random
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

DOMAIN: Final = "kommun.example"

_WORDS: Final = Path(__file__).with_name("words")

_UNDECOMPOSED: Final = str.maketrans({"đ": "d", "ø": "o", "ł": "l", "ı": "i", "ß": "ss", "æ": "ae", "'": ""})


class Name(NamedTuple):
    """What a person is called."""

    given: str
    family: str


@cache
def words(of: str) -> tuple[str, ...]:
    """The lines of one of the sample's word lists."""
    return tuple((_WORDS / f"{of}.txt").read_text("utf-8").splitlines())


def someone(rng: random.Random) -> Name:
    """A name; one in twenty has a double family name."""
    family = rng.choice(words("family_names"))
    if rng.random() < 0.05:
        family = f"{family} {rng.choice(words('family_names'))}"
    return Name(rng.choice(words("given_names")), family)


def plain(text: str) -> str:
    """The text in a–z and hyphens, as mail addresses are made of names: Åsa becomes asa."""
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_UNDECOMPOSED))
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    return "-".join(letters.split())


class Addresses:
    """Hands out mail addresses, no one twice: the second Åsa Öberg is asa.oberg2."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    def address_for(self, name: Name) -> str:
        """A free address for somebody of this name."""
        local = f"{plain(name.given)}.{plain(name.family)}"
        self._taken[local] += 1
        number = self._taken[local]
        return f"{local}{number if number > 1 else ''}@{DOMAIN}"
