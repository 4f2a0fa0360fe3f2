"""Keys and tokens made for one run and valid for that run only."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from deploy.local.endpoints import Tokens

ROLES = ("office", "operator")


def made_up() -> str:
    """A secret nobody has seen before, safe in an address."""
    return secrets.token_urlsafe(24)


@dataclass(frozen=True)
class Credentials:
    """What the services of one run are told and must not share with another."""

    tokens: Tokens = field(default_factory=lambda: Tokens(office=made_up(), operator=made_up()))
    link_keys: str = field(default_factory=made_up)
    pseudonym_secret: str = field(default_factory=made_up)


def tokens_file(tokens: Mapping[str, str]) -> str:
    """The list of hashes that services compare with, as JSON; `tokens` by role."""
    entries = [
        {"sha256": hashlib.sha256(token.encode()).hexdigest(), "role": role, "name": role}
        for role, token in tokens.items()
    ]
    return json.dumps(entries, indent=2) + "\n"
