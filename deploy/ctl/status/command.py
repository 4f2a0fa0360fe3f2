"""`ledstjarna status`: one look at everything, a short table for each theme, and what to do next."""

from itertools import groupby
from typing import Annotated

import typer

from deploy.ctl.asking import RunDir, asked, stack_in
from deploy.ctl.findings import CODES, Finding, as_data, coloured, next_step, worst
from deploy.ctl.office.asking import as_json
from deploy.ctl.office.showing import heading_of
from deploy.ctl.status.judging import judged
from deploy.ctl.status.looking import look


def status(
    *,
    json: Annotated[bool, typer.Option("--json", help="Print it for a program.")] = False,
    run_dir: RunDir = None,
) -> None:
    """How everything stands: services, heartbeat, outboxes, dead letters, queues, people who wait, mails, snapshots of
    the staff that are held, alerts.

    Exit code 0: all is well; 1: somebody should look today (dead letters, a held snapshot, a queue without consumer, a
    broken promise, a ticket); 2: people wait or something cannot be asked (a service or the broker is away, beats are
    lost, an outbox or mails are stuck, an alert that pages).
    """
    findings = judged(asked(look(stack_in(run_dir))))
    if json:
        as_json(as_data(findings))
    else:
        show(findings)
    raise typer.Exit(CODES[worst(findings)])


def show(findings: list[Finding]) -> None:
    """Print them, theme by theme, and what to do next."""
    width = max(len(one.what) for one in findings)
    for theme, group in groupby(findings, key=lambda one: one.theme):
        heading_of(theme.capitalize())
        for one in group:
            typer.echo(f"  {coloured(one.level)}  {one.what:<{width}}  {one.says}")
    typer.echo(f"\n{next_step(findings)}")
