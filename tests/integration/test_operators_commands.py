"""What an operator sees of a running stack, when all is well and when a part of it is not."""

import asyncio
import json
from pathlib import Path
from typing import Any

import aio_pika
from typer.testing import CliRunner

from deploy.ctl.main import app
from deploy.local.outside import Outside
from deploy.local.stack import Stack
from tests.integration.wiring import until


async def asks(run_dir: Path, command: str) -> dict[str, Any]:
    result = await asyncio.to_thread(CliRunner().invoke, app, [command, "--json", "--run-dir", str(run_dir)])
    told: dict[str, Any] = json.loads(result.stdout)
    assert result.exit_code == {"ok": 0, "warn": 1, "bad": 2}[told["level"]]
    return told


def poor(told: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["theme"], one["what"]) for one in told["findings"] if one["level"] != "ok"}


async def test_an_operator_sees_that_all_is_well_and_what_is_not(tmp_path: Path) -> None:
    async with Stack(tmp_path, outside=Outside()) as stack:

        async def all_is_well() -> bool:
            return bool((await asks(tmp_path, "status"))["level"] == "ok")

        await until(all_is_well, 120)
        assert poor(await asks(tmp_path, "doctor")) == set()
        text = (await asyncio.to_thread(CliRunner().invoke, app, ["status", "--run-dir", str(tmp_path)])).output
        assert text.rstrip().endswith("All is well.")
        await a_letter_that_nobody_can_read(stack)

        async def a_dead_letter_waits() -> bool:
            return ("dead letters", "enrolment.hr") in poor(await asks(tmp_path, "status"))

        await until(a_dead_letter_waits)
        await stack.stop_part("evaluation")
        await stack.stop_part("mail")
        seen = await asks(tmp_path, "status")
        assert ("services", "evaluation") in poor(seen)
        assert seen["next"].startswith("Next: start evaluation")
        assert {what for theme, what in poor(await asks(tmp_path, "doctor")) if theme == "mail server"}
        await stack.start_part("mail")
        await stack.start_part("evaluation")


async def a_letter_that_nobody_can_read(stack: Stack) -> None:
    connection = await aio_pika.connect(str(stack.endpoints.amqp))
    async with connection, connection.channel() as channel:
        exchange = await channel.get_exchange("hr", ensure=False)
        headers = {"ce-specversion": "1.0", "ce-id": "x1", "ce-type": "hr.employee.changed.v1", "ce-source": "/hr"}
        message = aio_pika.Message(b"{}", headers=headers, content_type="application/json", message_id="x1")  # type: ignore[arg-type]
        await exchange.publish(message, "hr.employee.changed.v1")
