"""What is left of a place when its holder has been erased: enough to count groups by, nothing about her."""

from typing import Final

from services.enrolment.model import Place
from shared.events.base import LocalisedText, Reason

ERASED: Final = ("employees", "career", "places.reasons", "places.skips", "places.approval", "audit")
"""Everything that said something about her."""

FORGOTTEN: Final = Reason(
    code="Erased", text=LocalisedText(sv="Uppgifterna är gallrade.", en="The details have been erased.")
)


def bare(place: Place) -> Place:
    """The place with its programme, group, state and times only."""
    return place.having(
        version=place.version + 1,
        reason=FORGOTTEN,
        nominated_by=None,
        approval=None,
        asked_before=(),
        position=None,
        acting_for=None,
        undelivered=None,
        answers=(),
        skips=(),
        history=tuple(each.model_copy(update={"reason": None, "note": ""}) for each in place.history),
    )


def kept(places: int) -> tuple[Reason, ...]:
    """What is kept of her, and why."""
    sv = "Anställnings-id finns kvar, för att inget sent meddelande ska återskapa personen."
    en = "The employee id is kept, so that no late message brings the person back."
    kept_id = Reason(code="IdKept", text=LocalisedText(sv=sv, en=en))
    if not places:
        return (kept_id,)
    sv = "Platser och närvaro finns kvar utan namn och skäl, för att gruppers antal och resultat ska stämma."
    en = "Places and attendance are kept without names and reasons, so that the counts of groups stay right."
    return kept_id, Reason(code="CountsKept", text=LocalisedText(sv=sv, en=en))
