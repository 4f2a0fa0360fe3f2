"""Every complaint in docs/complaints.md has tests, and they are where the page says."""

import re
from pathlib import Path

ROW = re.compile(r"^\| (\d+) \|", re.MULTILINE)
TEST = re.compile(r"`(tests/\S+\.py)::(test_\w+)`")


def test_every_complaint_names_tests_that_exist(root: Path) -> None:
    rows = [line for line in (root / "docs/complaints.md").read_text("utf-8").splitlines() if ROW.match(line)]
    assert [int(row.split("|")[1]) for row in rows] == list(range(1, 10))
    for row in rows:
        named = TEST.findall(row)
        assert named, row
        for file, name in named:
            assert f"def {name}(" in (root / file).read_text("utf-8"), f"{file} has no {name}"
