"""One person's way from HR's word to the mail in her hands, as an operator traces it through a running stack."""

import asyncio
import json
from datetime import date
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from deploy.ctl.main import app
from deploy.local.outside import Outside
from deploy.local.stack import Stack
from shared.events.hr import UnitChanged
from shared.publishing import BrokerPublisher
from tests.integration.wiring import HrSystem, until
from tests.unit.enrolment.arrange import hr_says

WAITING = 12
PROGRAMME = "deploy/sample/programmes/first_line.yaml"


async def says(run_dir: Path, *arguments: str) -> tuple[int, str]:
    result = await asyncio.to_thread(CliRunner().invoke, app, [*arguments, "--run-dir", str(run_dir)])
    return result.exit_code, result.output


async def steps_of(run_dir: Path, wanted: str) -> list[dict[str, Any]]:
    return list(json.loads((await says(run_dir, "trace", wanted, "--json"))[1])["steps"])


async def hr_tells(stack: Stack) -> None:
    hr = BrokerPublisher(str(stack.endpoints.amqp))
    await hr.start()
    for number in range(WAITING):
        await HrSystem(hr).says(UnitChanged(unit_id=f"D{number}", version=1, name=f"Department {number}"))
        await HrSystem(hr).says(hr_says(f"E{number}", unit_id=f"D{number}", effective_from=date(2026, 8, 17)))
    await hr.stop()


async def offered_a_place(stack: Stack) -> str:
    """Somebody who has got a mail that offers her a place."""
    run_dir = stack.run_dir
    await hr_tells(stack)
    for told in (
        ("goal", "set", "G1", "--sv", "Välfärd", "--en", "Welfare"),
        ("goal", "set", "G4", "--sv", "Ledning", "--en", "Leading"),
        ("programme", "apply", PROGRAMME, "--confirm", str(WAITING)),
        ("clock", "advance", "1h"),
        (
            "cohort",
            "schedule",
            "A",
            "--programme",
            "FLC",
            "--first-day",
            "2026-11-03",
            "--start",
            "09:00",
            "--room",
            "A",
        ),
        ("cohort", "compose", "A"),
        ("clock", "advance", "1d"),
    ):
        code, output = await says(run_dir, *told)
        assert code == 0, (told, output)

    async def mailed() -> bool:
        found = json.loads((await says(run_dir, "mail", "list", "--kind", "offer", "--json"))[1])
        return any(each["state"] == "sent" for each in found)

    await until(mailed)
    found = json.loads((await says(run_dir, "mail", "list", "--kind", "offer", "--json"))[1])
    return str(found[0]["employee_id"])


async def test_a_person_s_way_through_all_services_is_told_in_order(tmp_path: Path) -> None:
    async with Stack(tmp_path, outside=Outside()) as stack:
        who = await offered_a_place(stack)
        steps = await steps_of(tmp_path, who)
        in_short = [(step["service"], step["kind"], step["what"]) for step in steps]
        expected = [
            ("enrolment", "received", "hr.employee.changed.v1"),
            ("enrolment", "announced", "enrolment.person.queued.v1"),
            ("enrolment", "announced", "enrolment.place.offered.v1"),
            ("notifications", "received", "enrolment.place.offered.v1"),
            ("notifications", "mail", "offer made"),
            ("notifications", "mail", "offer taken by the mail server"),
            ("notifications", "announced", "notifications.message.delivered.v1"),
        ]
        assert [each for each in in_short if each in expected] == expected, in_short
        mail = next(step["id"] for step in steps if step["what"] == "offer made")
        chain = await steps_of(tmp_path, mail)
        assert ("enrolment", "announced", "enrolment.place.offered.v1") in {
            (step["service"], step["kind"], step["what"]) for step in chain
        }, "a mail leads to the chain that it came from"
        code, text = await says(tmp_path, "trace", mail)
        assert code == 0
        lines = text.splitlines()
        offered = next(number for number, line in enumerate(lines) if "announced enrolment.place.offered.v1" in line)
        made = next(number for number, line in enumerate(lines) if "mail: offer made" in line)
        assert offered < made
        assert lines[offered].index("announced") < lines[made].index("mail:"), "what followed stands further in"
        assert "on the machine" in text, "the simulated clock is not the machine's"
        assert (await says(tmp_path, "trace", "E404"))[0] == 1
        assert "30 days" in (await says(tmp_path, "trace", "E404"))[1]
        await stack.stop_part("evaluation")
        assert (await says(tmp_path, "trace", who))[0] == 2
        await stack.start_part("evaluation")
