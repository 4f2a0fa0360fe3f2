"""The secrets of a deployment as files: made once, mounted where services and servers read them, never committed.

What nobody can reckon (passwords, keys, tokens) is made once and stays. What follows from it (the broker's
definitions, the database's list of users, the addresses for the command) is written anew each time, because a new
version may have new queues or users.
"""

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from deploy.local.credentials import ROLES, made_up, tokens_file
from deploy.local.endpoints import FILE, Endpoints, Tokens
from deploy.mongo.init_rs import REPLICA_SET
from deploy.mongo.users import ROLES as MONGO_USERS
from deploy.mongo.users import ROOT
from shared.topology import PUBLISHERS, SERVICES, definitions

AMQP_USERS = (*PUBLISHERS, "operator", "monitor")
EDITED = {
    "smtp_url": "smtp://mailpit:1025",
    "imap_url": "",
    "tokens.json": "[]",
    "alertmanager_smtp_password": "",
    "alertmanager_on_call_token": "",
    "alertmanager_watchdog_token": "",
}
"""What whoever runs the deployment changes by hand, and what stands there until then."""


def write_secrets(directory: Path) -> list[str]:
    """Make every password, token and key that docker-compose.yml names and that is not there yet; the names of them.

    The directory is for its owner only; the files in it can be read by all, because containers get them one by one
    and run as another user. What is there is kept as it is: links and sign-ins in use would stop working.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    made = [name for name, make in _secrets().items() if _write_new(directory / name, make)]
    made += [name for name in EDITED if _write_new(directory / name, partial(str, EDITED[name]), mode=0o644)]
    made += [f"{role}_token" for role in ROLES if _let_in(directory, role)]
    for name, content in _following(directory).items():
        write(directory / name, content)
    return made


def addresses_by_tls(directory: Path, ca: str) -> dict[str, str]:
    """The address of each server for each user, by file name, by TLS that the file `ca` vouches for."""
    amqp = {f"{user}_amqp_url": _amqp_url(user, _password(directory, f"{user}_amqp_url"), ca) for user in AMQP_USERS}
    mongo = {
        f"{user}_mongo_url": _mongo_url(user, _password(directory, f"{user}_mongo_url"), ca)
        for user in (*MONGO_USERS, ROOT)
    }
    return amqp | mongo


def endpoints(directory: Path, urls: Mapping[str, str]) -> dict[str, str]:
    """What the command wants to know when it runs inside the composition, by file name.

    `endpoints.json` is for every day, with the right to read the database; `endpoints_root.json` is for repairs.
    """
    everyday = _endpoints(directory, urls)
    root = everyday.model_copy(update={"mongo": urls["root_mongo_url"]})
    return {FILE: everyday.model_dump_json(indent=2), "endpoints_root.json": root.model_dump_json(indent=2)}


def _endpoints(directory: Path, urls: Mapping[str, str]) -> Endpoints:
    return Endpoints(
        amqp=urls["hr_amqp_url"],
        amqp_users={user: urls[f"{user}_amqp_url"] for user in AMQP_USERS},
        management="http://rabbitmq:15672",
        broker_metrics="http://rabbitmq:15692/metrics",
        mongo=urls["backup_mongo_url"],
        smtp=(directory / "smtp_url").read_text().strip(),
        prometheus="http://prometheus:9090",
        alertmanager="http://alertmanager:9093",
        enrolment="http://enrolment:8000",
        notifications="http://notifications:8000",
        evaluation="http://evaluation:8000",
        tokens=Tokens(**{role: (directory / f"{role}_token").read_text() for role in ROLES}),
        run_dir=Path("/run/secrets"),
    )


def _following(directory: Path) -> dict[str, str]:
    """The files that follow from what has been made."""
    passwords = {user: _password(directory, f"{user}_amqp_url") for user in AMQP_USERS}
    urls = {file.name: file.read_text() for file in directory.glob("*_url")}
    return {
        "definitions.json": json.dumps(definitions(passwords), indent=2),
        "mongo_root_password": _password(directory, "root_mongo_url"),
        "mongo_users.json": json.dumps({user: _password(directory, f"{user}_mongo_url") for user in MONGO_USERS}),
        **endpoints(directory, urls),
    }


def _secrets() -> dict[str, Callable[[], str]]:
    return {
        "link_keys": made_up,
        "pseudonym_secret": lambda: made_up() + made_up(),
        "root_mongo_url": partial(_mongo_url, ROOT),
        "mongo_keyfile": lambda: base64.b64encode(secrets.token_bytes(512)).decode(),
        "grafana_password": made_up,
        **{f"{user}_amqp_url": partial(_amqp_url, user) for user in AMQP_USERS},
        **{f"{user}_mongo_url": partial(_mongo_url, user) for user in MONGO_USERS},
    }


def _amqp_url(user: str, password: str = "", ca: str = "") -> str:
    scheme, port, trust = ("amqps", 5671, f"?cafile={ca}") if ca else ("amqp", 5672, "")
    return f"{scheme}://{user}:{password or made_up()}@rabbitmq:{port}/{trust}"


def _mongo_url(user: str, password: str = "", ca: str = "") -> str:
    database = user if user in SERVICES else ""
    trust = f"&tls=true&tlsCAFile={ca}" if ca else ""
    options = f"replicaSet={REPLICA_SET}&authSource=admin{trust}"
    return f"mongodb://{user}:{password or made_up()}@mongo:27017/{database}?{options}"


def _password(directory: Path, name: str) -> str:
    password = urlsplit((directory / name).read_text().strip()).password
    if not password:
        raise ValueError(f"{directory / name} names no password: put the address back as it was, or delete the file.")
    return password


def _let_in(directory: Path, role: str) -> bool:
    """Make a role's token and add its hash to those that are let in; whether it was missing."""
    token = made_up()
    if not _write_new(directory / f"{role}_token", partial(str, token)):
        return False
    known = json.loads((directory / "tokens.json").read_text())
    write(directory / "tokens.json", json.dumps(known + json.loads(tokens_file({role: token})), indent=2), mode=0o644)
    return True


def _write_new(file: Path, make: Callable[[], str], mode: int = 0o444) -> bool:
    if file.exists():
        return False
    write(file, make(), mode)
    return True


def write(file: Path, content: str, mode: int = 0o444) -> None:
    """Write a file, complete or not at all."""
    unfinished = file.with_name(f".{file.name}")
    unfinished.unlink(missing_ok=True)
    unfinished.write_text(content, encoding="utf-8")
    unfinished.chmod(mode)
    unfinished.rename(file)
