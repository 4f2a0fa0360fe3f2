"""`ledstjarna doctor`: one line for each thing that was looked at, and for each that is not well how to mend it."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import groupby
from typing import Annotated, Final

import typer

from deploy.ctl.asking import RunDir, asked, stack_in
from deploy.ctl.doctor import broker, certificates, clocks, database, disk, drift, mail, permissions
from deploy.ctl.findings import CODES, Finding, as_data, coloured, worst
from deploy.ctl.office.asking import as_json
from deploy.ctl.office.showing import heading_of
from deploy.local.endpoints import Endpoints

Check = Callable[[Endpoints], Awaitable[list[Finding]]]

CHECKS: Final[tuple[Check, ...]] = (
    broker.check,
    permissions.check,
    drift.check,
    database.check,
    mail.check,
    clocks.check,
    certificates.check,
    disk.check,
)


def doctor(
    *,
    json: Annotated[bool, typer.Option("--json", help="Print it for a program.")] = False,
    run_dir: RunDir = None,
) -> None:
    """Look at what the services stand on: broker, its users' rights, its topology, database, indexes, mail server,
    clocks, certificates, disk; and say how to mend what is not well.

    Nothing is changed, taken or sent. Exit code 0: all is well; 1: something should be mended today; 2: something does
    not work.
    """
    findings = asked(examine(stack_in(run_dir)))
    if json:
        as_json(as_data(findings))
    else:
        _show(findings)
    raise typer.Exit(CODES[worst(findings)])


async def examine(stack: Endpoints) -> list[Finding]:
    """All findings, those of one theme together, in the order of the checks."""
    all_found = [one for found in await asyncio.gather(*(check(stack) for check in CHECKS)) for one in found]
    themes = list(dict.fromkeys(one.theme for one in all_found))
    return sorted(all_found, key=lambda one: themes.index(one.theme))


def _show(findings: list[Finding]) -> None:
    width = min(max(len(one.what) for one in findings), 40)
    for theme, group in groupby(findings, key=lambda one: one.theme):
        heading_of(theme.capitalize())
        for one in group:
            typer.echo(f"  {coloured(one.level)}  {one.what:<{width}}  {one.says}")
            if one.mend:
                typer.echo(f"{' ' * 8}To mend it: {one.mend}")
    poor = sum(one.level != "ok" for one in findings)
    typer.echo(f"\n{f'{poor} of {len(findings)} are not well.' if poor else 'All is well.'}")
