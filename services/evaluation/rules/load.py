"""How often anybody is asked, whatever programmes she is in: answers are a favour that is used up."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from services.evaluation.model import Wave

QUARTER: Final = timedelta(days=90)

FIRST: Final = ("T0", "T1", "T3")
"""The waves on which the answer to the main question rests. Of managers, they come before every other."""


def has_room(wave: Wave, asked: Iterable[Wave], ahead: Iterable[Wave], now: datetime, limit: int) -> bool:
    """Whether somebody may be asked in this wave now, so that no 90 days hold more than `limit` surveys of hers.

    `asked` are the waves in which she has been asked, `ahead` those of her groups that are planned. What is not among
    the first things to ask leaves room for those of them that are ahead. As an employee she is asked once in 90 days.
    """
    others = [one for one in asked if one.id != wave.id and now - one.opens_at < QUARTER]
    if wave.of == "employees" and any(one.of == "employees" for one in others):
        return False
    kept_for = () if _is_first(wave) else (one.opens_at for one in ahead if _is_first(one))
    moments = sorted([now, *(at for at in kept_for if now <= at < now + QUARTER)])
    every = [*(one.opens_at for one in others), *moments]
    return all(sum(at - QUARTER < one <= at for one in every) <= limit for at in moments)


def _is_first(wave: Wave) -> bool:
    return wave.of == "managers" and wave.wave in FIRST
