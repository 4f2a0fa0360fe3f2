"""What kind of people the simulated ones are: whether and when they answer, and what they think.

Everything is drawn from the seed and the person, never from the order in which things reach her.
"""

import random
from typing import Literal

from deploy.sample.municipality import MANAGERS

Decision = Literal["accept", "decline", "ignore"]


def drawn(seed: int, *about: object) -> random.Random:
    """A lot of its own for each question about each person."""
    return random.Random("|".join(str(part) for part in (seed, *about)))


def decides(seed: int, employee_id: str, number: int, level: str) -> Decision:
    """What she makes of her `number`th offer: of a hundred, 78 accept, 12 decline, 10 never answer.

    The management group does as its chief wishes.
    """
    lot = drawn(seed, employee_id, "offer", number).random()
    if level in MANAGERS[2:]:
        return "accept" if lot < 0.95 else "decline"
    return "accept" if lot < 0.78 else "decline" if lot < 0.90 else "ignore"


def approves(seed: int, employee_id: str, number: int) -> Literal["approve", "refuse", "ignore"]:
    """What a line manager makes of the `number`th question whether one of hers may go: of a hundred, 84 approve, 6
    refuse, 10 never answer."""
    lot = drawn(seed, employee_id, "approval", number).random()
    return "approve" if lot < 0.84 else "refuse" if lot < 0.90 else "ignore"


def looks_too_late(seed: int, employee_id: str, number: int) -> bool:
    """Whether somebody who let an offer pass opens it when it has run out, and wants to wait for the next."""
    return drawn(seed, employee_id, "late", number).random() < 0.6


def regrets(seed: int, employee_id: str, number: int) -> bool:
    """Whether she changes her yes to a no some days later."""
    return drawn(seed, employee_id, "regret", number).random() < 0.04


def days_until_she_answers(seed: int, employee_id: str, what: str, number: int, longest: int) -> int:
    """How long she lets a mail lie."""
    return drawn(seed, employee_id, what, number, "days").randint(0, longest)


def takes_part_in_survey(seed: int, employee_id: str, number: int) -> bool:
    """Whether she answers her `number`th survey: 85 of a hundred do."""
    return drawn(seed, employee_id, "survey", number).random() < 0.85


def attends(seed: int, employee_id: str, session_id: str) -> bool:
    """Whether she comes to a session of hers: 95 of a hundred do."""
    return drawn(seed, employee_id, "attends", session_id).random() < 0.95


def answers_from_calendar(seed: int, employee_id: str, uid: str) -> Literal["ACCEPTED", "TENTATIVE", "DECLINED"] | None:
    """What she makes of an entry in her calendar: of a hundred, 70 are left as they are, 27 accepted, 2 put down as
    tentative, and one is declined."""
    lot = drawn(seed, employee_id, "calendar", uid).random()
    if lot < 0.70:
        return None
    return "ACCEPTED" if lot < 0.97 else "TENTATIVE" if lot < 0.99 else "DECLINED"
