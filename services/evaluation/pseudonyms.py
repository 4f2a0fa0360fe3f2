"""Names that cannot be read: the token in a link, and the link between one person's responses."""

import base64
import hashlib
import hmac


def hash_of(token: str) -> str:
    """Under which id the invitation of a link's token is kept. A token is 128 random bits as base64url."""
    return hashlib.sha256(token.encode()).hexdigest()


def draft_of(token: str) -> str:
    """Under which name a browser keeps what is filled in with a token: neither the token nor what is stored here.

    It is per link and not per wave, so that a colleague with a link of her own does not meet it on a shared computer.
    """
    return hashlib.sha256(f"draft\x1f{token}".encode()).hexdigest()[:32]


def link(secret: bytes, salt: str, employee_id: str, plan_id: str) -> str:
    """The pseudonym of a person in one cohort's plan: HMAC-SHA256 under a key made of the secret and the salt.

    The same person has the same pseudonym in each wave of the plan, another one in every other plan. Without the salt,
    which is kept per cohort and can be destroyed, or without the secret, which is not in the database, nobody can
    compute it: a plain hash of an id could be found by trying all 250 managers (EDPB Guidelines 01/2025).
    """
    key = hmac.digest(secret, bytes.fromhex(salt), "sha256")
    return hmac.digest(key, f"{employee_id}\x1f{plan_id}".encode(), "sha256").hex()


def token(secret: bytes, salt: str, nonce: str) -> str:
    """The token in somebody's link: 128 bits of HMAC-SHA256 over the chance kept in her invitation, as base64url.

    So a reminder can carry the same link without the token being kept. The key is another one than that of the
    pseudonyms, and it is destroyed with the salt.
    """
    key = hmac.digest(secret, b"token" + bytes.fromhex(salt), "sha256")
    return base64.urlsafe_b64encode(hmac.digest(key, nonce.encode(), "sha256")[:16]).decode().rstrip("=")
