"""Make one MongoDB server a replica set of one, which transactions need; done once, harmless when done again.

Run as `python -m deploy.mongo.init_rs HOST:PORT`; the address is the one by which the services will find the server.
"""

import sys
import time

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

REPLICA_SET = "rs0"
_ALREADY_INITIATED = 23


def initiate(member: str, *, within_seconds: float = 60.0) -> None:
    """Return when `member` is the primary of its set. Raises TimeoutError."""
    deadline = time.monotonic() + within_seconds
    client: MongoClient[dict[str, object]]
    with MongoClient(member, directConnection=True, serverSelectionTimeoutMS=1000) as client:
        while not _is_primary(client, member):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{member} did not become primary within {within_seconds:.0f} s; look at its log.")
            time.sleep(0.5)


def _is_primary(client: MongoClient[dict[str, object]], member: str) -> bool:
    try:
        if client.admin.command("hello")["isWritablePrimary"]:
            return True
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [{"_id": 0, "host": member}]})
    except OperationFailure as failure:
        if failure.code != _ALREADY_INITIATED:
            raise
    except PyMongoError:  # not up yet
        pass
    return False


if __name__ == "__main__":
    initiate(sys.argv[1])
