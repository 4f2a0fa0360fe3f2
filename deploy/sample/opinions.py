"""What the simulated people think and answer when asked: drawn from the seed and the person, never by order."""

import random
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from deploy.sample.temperament import drawn

EFFECT: Final = 8.0
"""How much everybody's understanding of mission and goals rises in a programme, on 0–100: the truth to be found."""

WEAK: Final = {"Chef i framtiden": ("RX5", "RX6")}
"""Items about what a programme does badly, by its title: this one does not go deep. That, too, is to be found."""

LEVELS: Final = {"UM": 55.0, "LU": 60.0, "RX": 74.0, "TR": 68.0, "NV": 66.0, "HME": 66.0, "BE": 61.0, "RI": 72.0}
"""What people of average mind feel about each subject before any programme, on 0–100."""

SPREAD: Final = {"UM": 12.0}
"""How far people differ in it; nine points where nothing else is said."""

WHIM: Final = {"RX": 19.0}
"""How far somebody's answer to one question strays from what she feels about its subject; eleven points elsewhere.
About a programme people differ most from question to question, so that a group seldom answers one all alike."""

GROWN: Final = ("T1", "T3", "T4")
"""When those who were in a programme are asked after it."""

WEAK_LEVEL: Final = 28.0

SENTENCES: Final = (
    "Vår enhet ger barnen en trygg start, så att fler klarar skolan.",
    "Jag ser till att vi planerar för lägre energianvändning i våra lokaler.",
    "Mål.",
    "Mitt uppdrag är att leda hemtjänsten så att äldre kan bo kvar hemma tryggt längre.",
)
COMMENTS: Final = (
    "Mer tid för samtal i små grupper.",
    "Behåll träffarna mellan seminarierna.",
    "Gärna fler exempel från vår egen vardag.",
    "Reflektionen var det bästa.",
    "Materialet kom för sent.",
)


def stage_of(asked: Collection[str]) -> str:
    """Which wave a form belongs to, by what it asks; `employees` for a form about somebody's manager."""
    codes = {_code(item) for item in asked}
    if {"BE1", "HME4"} & set(asked):
        return "employees"
    if "RX" in codes:
        return "T1" if "UM" in codes else "P"
    if "TR" in codes:
        return "T3" if "UM" in codes else "T2"
    return "T4" if {"UM", "NV"} <= codes else "T0"


def survey_answers(
    seed: int,
    employee_id: str,
    items: Mapping[str, Sequence[str]],
    *,
    texts: Collection[str] = (),
    heading: str = "",
    number: int = 0,
) -> dict[str, str]:
    """Her answers to the items of a form, each one of its choices, and a few words where it asks for them.

    Her answers hang together by a trait of hers; those about the mission have risen by `EFFECT` after a programme. Of
    employees, the second form of hers is about a manager who has been to one. Three of a hundred answers are "do not
    know", and half of the questions for own words are left empty.
    """
    stage = stage_of([*items, *texts])
    trait = drawn(seed, employee_id, "trait").gauss(0, 1)
    growth = drawn(seed, employee_id, "growth").gauss(EFFECT, 5)
    has_grown = stage in GROWN or (stage == "employees" and number > 0)
    weak = {item for title, some in WEAK.items() if title in heading for item in some}
    answers = {}
    for item, choices in items.items():
        level = WEAK_LEVEL + 9 * trait if item in weak else _level(item, trait, growth if has_grown else 0.0)
        lot = drawn(seed, employee_id, item, stage)
        answers[item] = _choose(level + lot.gauss(0, WHIM.get(_code(item), 11.0)), choices, lot)
    for item in texts:
        lot = drawn(seed, employee_id, item, stage)
        if lot.random() < 0.5:
            answers[item] = lot.choice(SENTENCES if item == "UM6" else COMMENTS)
    return answers


def _level(item: str, trait: float, growth: float) -> float:
    """What she feels about an item on 0–100. Looking back, she sees herself as worse than she said she was."""
    code = _code(item)
    level = LEVELS.get(code, 60.0) + SPREAD.get(code, 9.0) * trait
    if code == "UM":
        return level - 4 if int(item[2:]) > 10 else level + growth
    return level + growth / 2 if code in ("LU", "HME", "BE") else level


def _code(item: str) -> str:
    return item.rstrip("0123456789")


def _choose(level: float, choices: Sequence[str], lot: random.Random) -> str:
    """The choice nearest to what she feels on 0–100; or the one that is no number."""
    steps = sorted(int(choice) for choice in choices if choice.isdigit())
    feeling = min(100.0, max(0.0, level))
    nearest = steps[0] + round((steps[-1] - steps[0]) * feeling / 100)
    unsure = [choice for choice in choices if not choice.isdigit()]
    return unsure[0] if unsure and lot.random() < 0.03 else str(min(steps[-1], max(steps[0], nearest)))
