"""Three calendar readers in Python agree on our mails; `./check --interop` asks three more, and real calendars."""

import pytest

from tests.interop.cases import KINDS, MOMENTS, TITLES, case
from tests.interop.readers import IN_PYTHON


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reader", IN_PYTHON)
def test_reader_finds_what_was_meant(reader: str, kind: str) -> None:
    chosen = [case(kind, moment) for moment in MOMENTS] + [case(kind, title=title) for title in TITLES]
    for one in chosen:
        assert IN_PYTHON[reader](one.calendar) == one.meant, one.name
