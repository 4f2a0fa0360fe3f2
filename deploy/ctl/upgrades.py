"""`ledstjarna migrate`: the databases of a stack are brought to what this version keeps."""

from typing import Annotated

import typer
from rich.console import Console

from deploy.ctl.asking import RunDir, asked, give_up, stack_in
from deploy.ctl.joining import needed
from deploy.local.outside import with_database
from deploy.migrate import CannotMigrateError, migrate, sentence
from shared.topology import SERVICES


def migrate_stack(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what is to be changed.")] = False,
    service: Annotated[list[str] | None, typer.Option(help="Only this one; can be repeated.")] = None,
    run_dir: RunDir = None,
) -> None:
    """Bring the databases to what this version keeps. Killed, it goes on where it was; twice is as good as once."""
    chosen = service or list(SERVICES)
    if unknown := set(chosen) - set(SERVICES):
        give_up(f"There is no service {', '.join(sorted(unknown))}: the services are {', '.join(SERVICES)}.")
    address = stack_in(run_dir).mongo
    databases = {name: with_database(needed(address, "the database"), name) for name in chosen}
    out = Console(highlight=False)
    try:
        asked(migrate(databases, lambda name, how: out.print(sentence(name, how), soft_wrap=True), dry_run=dry_run))
    except CannotMigrateError as error:
        out.print(str(error), soft_wrap=True)
        raise typer.Exit(1) from error
    out.print("Nothing was changed." if dry_run else f"As new as this version needs: {', '.join(chosen)}.")
