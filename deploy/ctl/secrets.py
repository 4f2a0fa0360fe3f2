"""The secrets of a deployment as files: made once, mounted where services and broker read them, never committed."""

import json
from pathlib import Path

import typer

from deploy.local.credentials import made_up, tokens_file
from shared.topology import PUBLISHERS, definitions

BROKER = "rabbitmq:5672"
"""Where the broker is for the containers of docker-compose.yml."""
_USERS = (*PUBLISHERS, "operator", "monitor")
_ROLES = ("office", "operator")


def write_secrets(directory: Path) -> None:
    """Make every password, token and key that docker-compose.yml names, each in a file of its own.

    The directory is for its owner only; the files in it can be read by all, because containers get them one by one
    and run as another user. Nothing is ever written over: links and sign-ins in use would stop working.

    Raises:
        typer.BadParameter: the directory holds something already.
    """
    if directory.exists() and any(directory.iterdir()):
        raise typer.BadParameter(f"{directory} holds files already; name a new directory, secrets are never replaced.")
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    for name, content in _made().items():
        file = directory / name
        file.write_text(content, encoding="utf-8")
        file.chmod(0o444)


def _made() -> dict[str, str]:
    passwords = {user: made_up() for user in _USERS}
    tokens = {role: made_up() for role in _ROLES}
    return {
        "definitions.json": json.dumps(definitions(passwords), indent=2),
        "link_keys": made_up(),
        "pseudonym_secret": made_up() + made_up(),
        "tokens.json": tokens_file(tokens),
        **{f"{role}_token": token for role, token in tokens.items()},
        **{f"{user}_amqp_url": f"amqp://{user}:{password}@{BROKER}/" for user, password in passwords.items()},
    }
