"""The office's commands against a real stack."""

import asyncio
import json
from pathlib import Path

from typer.testing import CliRunner

from deploy.ctl.main import app
from deploy.local.outside import Outside
from deploy.local.stack import Stack

PROGRAMME = "deploy/sample/programmes/first_line.yaml"

SCHEDULE = ("--programme", "FLC", "--first-day", "2031-09-02", "--start", "09:00", "--room", "Rådhuset")


async def says(run_dir: Path, *arguments: str) -> tuple[int, str]:
    result = await asyncio.to_thread(CliRunner().invoke, app, [*arguments, "--run-dir", str(run_dir)])
    return result.exit_code, result.output


async def test_the_office_schedules_a_cohort_and_moves_a_session_from_a_shell(tmp_path: Path) -> None:
    parts = ("rabbitmq", "mongo", "enrolment")
    async with Stack(tmp_path, parts=parts, outside=Outside()):
        assert "would be new" in (await says(tmp_path, "programme", "preview", PROGRAMME))[1]
        assert (await says(tmp_path, "programme", "queue", "FLC"))[0] == 2
        for told in (
            ("goal", "set", "G1", "--sv", "Välfärd", "--en", "Welfare"),
            ("programme", "apply", PROGRAMME),
            ("cohort", "schedule", "A", *SCHEDULE),
        ):
            assert (await says(tmp_path, *told))[0] == 0
        code, moved = await says(tmp_path, "change", "propose", "move-session", "A", "A:M2", "--to", "2031-10-01 13:00")
        assert (code, "Wed 2031-10-01 13:00–16:00" in moved) == (0, True)
        (change,) = json.loads((await says(tmp_path, "change", "list", "--json"))[1])
        assert (await says(tmp_path, "change", "approve", change["change_id"], "--at-once"))[0] == 0
        assert (await says(tmp_path, "change", "drop", change["change_id"]))[0] == 1
