"""The lists of migrations, and where the one-shot job finds the databases."""

from pathlib import Path

import pytest

from deploy import migrate
from shared.topology import SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_are_numbered_without_a_gap(service: str) -> None:
    numbers = [each.number for each in migrate.migrations_of(service)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_job_reads_addresses_from_the_environment_and_from_files_of_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "SECRETS", tmp_path)
    monkeypatch.setenv("LEDSTJARNA_ENROLMENT_MONGO_URL", "mongodb://a/enrolment")
    (tmp_path / "evaluation_mongo_url").write_text("mongodb://b/evaluation\n")
    assert migrate.addresses() == {"enrolment": "mongodb://a/enrolment", "evaluation": "mongodb://b/evaluation"}


def test_a_job_without_any_address_says_which_are_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(migrate, "SECRETS", tmp_path)
    assert migrate.main() == 2
    assert "LEDSTJARNA_NOTIFICATIONS_MONGO_URL" in capsys.readouterr().err
