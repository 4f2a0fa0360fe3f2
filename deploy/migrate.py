"""Bring the services' databases to what this version keeps; done again, it goes on or finds nothing to do.

Run as `python -m deploy.migrate`, once before the services of a new version start and once after the old ones are gone.
Each address is read from LEDSTJARNA_<SERVICE>_MONGO_URL, or from a file <service>_mongo_url in the directory of
secrets; a service without one is left out. Exit code 0: all is done; 1: it could not be; 2: no address was given.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Final

from pymongo.errors import PyMongoError

from shared.delivery import connect
from shared.documents import Database
from shared.migrations import Migration, NewerDatabaseError, Progress, Runner, rehearse
from shared.settings import SECRETS
from shared.topology import SERVICES

VARIABLE: Final = "LEDSTJARNA_{}_MONGO_URL"

Told = Callable[[str, Progress], None]


class CannotMigrateError(Exception):
    """It cannot be done now; the message says what to do."""


def migrations_of(service: str) -> Sequence[Migration]:
    """A service's own migrations, in the order of their numbers."""
    known: Sequence[Migration] = import_module(f"services.{service}.migrations").MIGRATIONS
    return known


def addresses() -> dict[str, str]:
    """The address of each service's database, with the database as its path, of those that are told to us."""
    found = {}
    for service in SERVICES:
        file = SECRETS / f"{service}_mongo_url"
        address = os.environ.get(VARIABLE.format(service.upper())) or (
            file.read_text().strip() if file.is_file() else ""
        )
        if address:
            found[service] = address
    return found


async def migrate(databases: Mapping[str, str], tell: Told, *, dry_run: bool = False) -> None:
    """Run the migrations of these services, address by service; or only tell what there is to do.

    Raises:
        CannotMigrateError: a database is out of reach, or newer than we are.
    """
    for service, address in databases.items():
        database = connect(address)
        try:
            await _migrate(database, migrations_of(service), partial(tell, service), dry_run)
        except NewerDatabaseError as error:
            raise CannotMigrateError(f"{service}: {error}.") from error
        except PyMongoError as error:
            raise CannotMigrateError(f"The database of {service} does not do as we ask: {error}") from error
        finally:
            database.client.close()


async def _migrate(
    database: Database, migrations: Sequence[Migration], tell: Callable[[Progress], None], dry_run: bool
) -> None:
    if not dry_run:
        await Runner(database, migrations, tell).run()
        return
    for how in await rehearse(database, migrations):
        tell(how)


def sentence(service: str, how: Progress) -> str:
    """How a migration goes, in one line."""
    return f"{service} {how.number}: {how.what}: {how.changed} done, {how.left} left"


def main() -> int:
    """Migrate all databases whose addresses are given."""
    databases = addresses()
    if not databases:
        names = ", ".join(VARIABLE.format(service.upper()) for service in SERVICES)
        print(f"No database to migrate: set {names}.", file=sys.stderr)
        return 2
    try:
        asyncio.run(migrate(databases, lambda service, how: print(sentence(service, how), flush=True)))
    except CannotMigrateError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"As new as this version needs: {', '.join(databases)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
