"""What every log line says about what is being handled."""

from shared.telemetry import ABOUT, tell_about


def test_a_line_names_what_is_being_handled_and_its_own_words_count() -> None:
    token = ABOUT.set({"queue": "enrolment.hr", "event_id": "1"})
    told = tell_about(None, "info", {"event": "x", "event_id": "2"})
    ABOUT.reset(token)
    assert told == {"queue": "enrolment.hr", "event_id": "2", "event": "x"}
    assert tell_about(None, "info", {"event": "x"}) == {"event": "x"}
