"""What a form and its receipt say about themselves: how long it takes, who is meant, and who will never see what."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from services.evaluation.instruments import Item, Kind, minutes_to_answer
from services.evaluation.model import Setup, Wave
from services.evaluation.words import Words

Mode = Literal["confidential", "anonymous"]


class Receipt(NamedTuple):
    """The words of a receipt: its first, and more under headings of their own."""

    text: str
    more: tuple[tuple[str, str], ...]


def mode_of(wave: Wave) -> Mode:
    """Which word is true: answers that a key joins to others of the same person are confidential, never anonymous."""
    return "anonymous" if wave.is_anonymous else "confidential"


def about_form(w: Words, wave: Wave, items: Sequence[Item], setup: Setup) -> dict[str, Any]:
    """What stands above the questions."""
    is_about_manager = wave.of == "employees"
    return {
        "eyebrow": w["form_employees"] if is_about_manager else w[f"form_{wave.wave}"],
        "heading": w["form_title_employees"] if is_about_manager else w["form_title"].format(title=w.text(wave.title)),
        "about": w["about_manager"] if is_about_manager else None,
        "count": len(items),
        "length": w["form_length"].format(
            questions=w.many("question", len(items)),
            time=w.many("minute", minutes_to_answer(items)),
            closes=w.moment(wave.closes_at, setup.zone),
        ),
        "mode": mode_of(wave),
        "k": setup.k,
    }


def receipt(w: Words, wave: Wave, setup: Setup) -> Receipt:
    """What happens now with the answers, when there are results, and who never sees what."""
    kinds = {item.kind for item in wave.items(setup.instruments)}
    closes = w.moment(wave.closes_at, setup.zone)
    results = w["receipt_results_T0"] if wave.wave == "T0" else w["receipt_results"].format(closes=closes)
    read = [w[f"receipt_{kind}"] for kind in (Kind.text, Kind.task) if kind in kinds]
    more = [
        (w["receipt_results_title"], results),
        (w["receipt_never_title"], w["receipt_never"].format(k=setup.k)),
        *([(w["receipt_words_title"], " ".join(read))] if read else []),
    ]
    return Receipt(w[f"receipt_{mode_of(wave)}"], tuple(more))
