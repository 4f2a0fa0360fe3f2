"""What HR sends: the same event in either mode of CloudEvents."""

from datetime import UTC, datetime

from deploy.ctl.publishing import Letter
from deploy.sample.hr import structured
from shared.cloudevents import unwrap, wrap
from shared.events.hr import UnitChanged


def test_a_letter_in_structured_mode_says_the_same() -> None:
    event = UnitChanged(unit_id="U1", version=3, name="Förskolan Åkerby")
    now = datetime(2026, 8, 17, tzinfo=UTC)
    headers = wrap(event, source="/hr", time=now, cause=None, event_id="1")
    binary = Letter("1", event.type, event.model_dump_json().encode(), dict(headers))
    other = structured(binary)
    one, another = (unwrap(x.headers, x.content_type, x.id, x.body) for x in (binary, other))
    assert one.open() == another.open() == event
    assert (one.id, one.type, one.correlation_id) == (another.id, another.type, another.correlation_id)
