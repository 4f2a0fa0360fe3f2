"""Every message that crosses a service boundary: `hr`, `enrolment`, `notifications`, `evaluation`."""

from shared.events import enrolment, evaluation, hr, notifications
from shared.events.base import EVENT_TYPES, Event, Fact, LocalisedText, Reason

__all__ = ["EVENT_TYPES", "Event", "Fact", "LocalisedText", "Reason", "enrolment", "evaluation", "hr", "notifications"]
