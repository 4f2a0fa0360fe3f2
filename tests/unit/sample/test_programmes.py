"""The sample's programme files are ones that the office could apply as they are."""

import pytest

from deploy.sample.office import PROGRAMMES
from deploy.sample.watch import group_rules
from deploy.sample.years import FULL, SHORT
from services.enrolment import programme_file

FILES = sorted(PROGRAMMES.rglob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PROGRAMMES)))
def test_enrolment_reads_the_file_without_a_complaint(file) -> None:  # type: ignore[no-untyped-def]
    assert {"T0", "T1", "T3"} <= set(programme_file.read(file.read_text("utf-8")).evaluation.waves)


@pytest.mark.parametrize("plan", [FULL, SHORT], ids=["full", "short"])
def test_every_group_has_a_programme_and_is_composed_after_it_was_planned(plan) -> None:  # type: ignore[no-untyped-def]
    for group in plan.groups:
        assert group.programme in group_rules()
        together = {name: grouping.on for grouping in plan.groupings for name in grouping.cohorts}
        assert plan.applied_on < group.planned_on < (group.composed_on or together[group.cohort_id]) < group.first_day


def test_the_revised_programme_keeps_the_rules_for_groups() -> None:
    first, revised = (
        programme_file.read((PROGRAMMES / name).read_text("utf-8"))
        for name in ("first_line.yaml", "revised/first_line.yaml")
    )
    assert first.group == revised.group
    assert first.modules != revised.modules
