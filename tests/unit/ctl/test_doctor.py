"""What the doctor makes of clocks that are apart, certificates that end, and a disk that fills."""

from datetime import UTC, datetime, timedelta

import pytest

from deploy.ctl.doctor import certificates, clocks, disk
from deploy.local.endpoints import Endpoints, Tokens

NOW = datetime(2026, 11, 25, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("apart", "level"), [(0, "ok"), (-1.5, "ok"), (2, "ok"), (5, "warn"), (-5, "warn"), (40, "bad"), (-40, "bad")]
)
def test_a_clock_may_be_apart_by_what_a_date_header_leaves_open(apart: float, level: str) -> None:
    told = NOW + timedelta(seconds=apart)
    assert clocks.judged("broker", told, NOW, NOW + timedelta(milliseconds=20)).level == level


@pytest.mark.parametrize(("days", "level"), [(300, "ok"), (20, "warn"), (2, "bad"), (-1, "bad")])
def test_a_certificate_that_ends_soon_is_renewed_in_time(days: int, level: str) -> None:
    ends = NOW + timedelta(days=days, hours=1)
    found = certificates.judged("localhost:443", {"notAfter": f"{ends:%b %d %H:%M:%S %Y} GMT"}, NOW)
    assert found.level == level


@pytest.mark.parametrize(("gib", "level"), [(10, "ok"), (1, "warn"), (0.2, "bad")])
def test_a_disk_that_fills_is_told_before_anything_ends(gib: float, level: str) -> None:
    assert disk.judged(int(gib * 1024**3)).level == level


def test_every_address_that_is_reached_by_tls_is_looked_at() -> None:
    stack = Endpoints.model_validate(
        {
            "amqp_users": {"hr": "amqps://hr:x@broker.example/"},
            "enrolment": "https://ledarskap.example/enrolment",
            "notifications": "http://127.0.0.1:80",
            "smtp": "smtp://relay.example?starttls=1",
            "tokens": Tokens(office="o", operator="p"),
            "run_dir": "/tmp",  # noqa: S108 — nothing is written there
        }
    )
    assert set(certificates.secured(stack)) == {
        ("broker.example", 5671, False),
        ("ledarskap.example", 443, False),
        ("relay.example", 587, True),
    }
