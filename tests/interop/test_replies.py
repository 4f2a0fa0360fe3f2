"""Answers that another program writes to our invitations say what we need to know about them."""

from typing import Literal

import pytest

from tests.interop.cases import calendar_of, contents, made
from tests.interop.gnus import answered
from tests.interop.readers import by_icalendar
from tests.unit.notifications.samples import ASA

ANSWERS = ("accepted", "tentative", "declined")


@pytest.mark.parametrize("answer", ANSWERS)
def test_answer_names_our_entry_its_revision_and_who_answers(answer: Literal["accepted", "declined"]) -> None:
    asked = made(contents("update", sequence=11))
    read = by_icalendar(calendar_of(answered(asked.mail, ASA, answer)))
    assert (read.method, read.partstat) == ("REPLY", answer.upper())
    assert (read.uid, read.sequence, read.attendee) == (asked.meant.uid, 11, ASA.address)
