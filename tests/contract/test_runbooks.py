"""What runbooks tell people to type can be typed."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from deploy.ctl.main import app

ROOT = Path(__file__).parents[2]
RUNBOOKS = sorted((ROOT / "docs/runbooks").glob("*.md"))
BLOCK = re.compile(r"^ *```\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
INLINE_MENTION = re.compile(r"ledstjarna [a-z ]+")
"""A command that a sentence speaks of needs not be whole."""
INLINE = re.compile(r"`([^`\n]+)`")


def typed(runbook: Path) -> list[str]:
    """Every command that a runbook shows, in a block or in a line."""
    text = runbook.read_text()
    lines = [line.strip() for block in BLOCK.findall(text) for line in block.splitlines()]
    return lines + INLINE.findall(BLOCK.sub("", text))


def commands(program: str) -> list[tuple[str, str]]:
    """Every command line of a program, with the runbook that shows it."""
    found = [(file.name, line) for file in RUNBOOKS for line in typed(file) if line.startswith(f"{program} ")]
    assert found
    return found


@pytest.mark.parametrize(("runbook", "line"), commands("ledstjarna"))
def test_a_command_of_ours_is_there_with_its_options(runbook: str, line: str) -> None:
    command: Any = typer.main.get_command(app)
    words = shlex.split(line.partition(" | ")[0])[1:]
    while hasattr(command, "commands"):
        if not words and INLINE_MENTION.fullmatch(line):
            return
        name = words.pop(0)
        assert name in command.commands, f"{runbook}: {line}"
        command = command.commands[name]
    options = {name: parameter for parameter in command.params for name in parameter.opts if name.startswith("--")}
    needed = sum(1 for parameter in command.params if parameter.param_type_name == "argument" and parameter.required)
    values = 0
    while words:
        word = words.pop(0)
        if not word.startswith("--"):
            values += 1
            continue
        assert word in options, f"{runbook}: {line}"
        if not options[word].is_flag:
            assert words, f"{runbook}: {word} needs a value"
            words.pop(0)
    assert values >= needed or INLINE_MENTION.fullmatch(line), f"{runbook}: {line}"


@pytest.mark.parametrize(("runbook", "line"), commands("docker compose"))
def test_a_line_for_containers_names_a_service_that_there_is(runbook: str, line: str) -> None:
    composition: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    words = shlex.split(line)[2:]
    verb, rest = words[0], [word for word in words[1:] if not word.startswith("-")]
    named = [word for word in rest if not re.fullmatch(r"\d+[smh]?", word)]
    assert verb in {"ps", "logs", "up", "restart", "exec"}, f"{runbook}: {line}"
    services = named[:1] if verb == "exec" else named
    assert set(services) <= {*composition["services"], "SERVICE"}, f"{runbook}: {line}"


def test_links_between_runbooks_and_out_of_them_lead_somewhere() -> None:
    for file in RUNBOOKS:
        for target in re.findall(r"\]\(([^)#]+)\)", file.read_text()):
            assert (file.parent / target).exists(), f"{file.name}: {target}"
