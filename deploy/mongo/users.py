"""Who may do what in MongoDB: a service reads and writes its own database and sees no other."""

from collections.abc import Mapping
from typing import Any, Final

from pymongo import MongoClient

from shared.topology import SERVICES

Client = MongoClient[dict[str, Any]]

ROOT: Final = "root"
"""Makes the others; no service ever signs in as root."""

ROLES: Final[Mapping[str, tuple[str, str]]] = {
    **{service: ("readWrite", service) for service in SERVICES},
    "monitor": ("clusterMonitor", "admin"),
    "backup": ("backup", "admin"),
}
"""The one role of each user, and the database in which it holds."""


def make_users(client: Client, passwords: Mapping[str, str]) -> None:
    """Give every user of `passwords` her password and her rights, whether or not she was there before."""
    there = {user["user"] for user in client.admin.command("usersInfo")["users"]}
    for name, password in passwords.items():
        role, database = ROLES[name]
        command = "updateUser" if name in there else "createUser"
        client.admin.command(command, name, pwd=password, roles=[{"role": role, "db": database}])


def make_root(client: Client, password: str) -> None:
    """Make the first user of a server that has none, which is let in from the machine itself until then."""
    client.admin.command("createUser", ROOT, pwd=password, roles=[{"role": "root", "db": "admin"}])
