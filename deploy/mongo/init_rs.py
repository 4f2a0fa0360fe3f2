"""Make one MongoDB server a replica set of one, which transactions need, and give it its users.

Run as `python -m deploy.mongo.init_rs HOST:PORT`; the address is the one by which the services will find the server.
Harmless when done again: users then have the passwords that the file says.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.mongo.users import ROOT, Client, make_users

REPLICA_SET = "rs0"
_ALREADY_INITIATED = 23
_MAY_NOT_ASK = 13
_WRONG_PASSWORD = 18


def initiate(member: str, *, within_seconds: float = 60.0, **sign_in: Any) -> None:
    """Return when `member` is the primary of its set; `sign_in` is what MongoClient wants to be let in.

    Raises:
        TimeoutError: it did not become so.
        PermissionError: it does not let us in.
    """
    deadline = time.monotonic() + within_seconds
    with _client(member, sign_in) as client:
        while not is_primary(client, member):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{member} did not become primary within {within_seconds:.0f} s; look at its log.")
            time.sleep(0.5)


def is_primary(client: Client, member: str) -> bool:
    """Whether the server is the primary by now; one that is no replica set yet is told to be one."""
    try:
        if client.admin.command("hello")["isWritablePrimary"]:
            return True
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [{"_id": 0, "host": member}]})
    except OperationFailure as failure:
        if failure.code == _WRONG_PASSWORD:
            raise PermissionError(
                f"{member} does not know {ROOT} by this password: it was given another one when its data were made. "
                "Put that one into the file of secrets, or restore a backup into an empty volume."
            ) from None
        if failure.code not in (_ALREADY_INITIATED, _MAY_NOT_ASK):  # those who may not ask: it was initiated before
            raise
    except PyMongoError:  # not up yet
        pass
    return False


def _client(member: str, sign_in: dict[str, Any]) -> Client:
    return MongoClient(member, directConnection=True, serverSelectionTimeoutMS=1000, **sign_in)


def main() -> None:
    """What the composition runs once, before the services start."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("member", help="HOST:PORT by which services find the server")
    parser.add_argument("--root-password", type=Path, metavar="FILE", help="that of the server's first user")
    parser.add_argument("--users", type=Path, metavar="FILE", help="JSON of names and passwords of all others")
    parser.add_argument("--ca", type=Path, metavar="FILE", help="ask by TLS, and trust only whom this one vouches for")
    told = parser.parse_args()
    sign_in: dict[str, Any] = {"tls": True, "tlsCAFile": str(told.ca)} if told.ca else {}
    if told.root_password:
        sign_in |= {"username": ROOT, "password": told.root_password.read_text().strip()}
    initiate(told.member, **sign_in)
    if told.users:
        with _client(told.member, sign_in) as client:
            make_users(client, json.loads(told.users.read_text()))


if __name__ == "__main__":
    main()
