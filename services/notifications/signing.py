"""DKIM signatures (RFC 6376), for those whose relay does not sign."""

from pathlib import Path
from typing import Any

import dkim

ONCE = (b"content-type", b"mime-version", b"date", b"message-id")
TWICE = (b"from", b"to", b"subject")
"""Named once more than they occur, so that nobody can add another without breaking the signature."""


class Signer:
    """Signs for one domain with one RSA key.

    The parts' own headers are in the body and signed with it; Content-Type of the whole names the boundary.
    """

    def __init__(self, key: bytes, selector: str, domain: str) -> None:
        self._key = key
        self._selector = selector.encode("ascii")
        self._domain = domain.encode("ascii")
        self.sign(b"From: a@b.example\r\n\r\n")  # a key that cannot sign is noticed at start

    @classmethod
    def with_key_in(cls, file: Path, selector: str, domain: str) -> "Signer":
        """The signer whose private key stands in a file.

        Raises:
            ValueError: there is none that can sign.
        """
        try:
            return cls(file.read_bytes(), selector, domain)
        except (OSError, dkim.DKIMException) as error:
            raise ValueError(
                f"LEDSTJARNA_DKIM_KEY_FILE cannot sign ({type(error).__name__}): "
                "name a file with an RSA key of 2048 bits in PEM"
            ) from None

    def sign(self, content: bytes) -> bytes:
        """The mail with its signature on top. The same mail gets the same signature."""
        signature: bytes = _Timeless(content).sign(
            self._selector,
            self._domain,
            self._key,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[*TWICE, *TWICE, *ONCE],
        )
        return signature + content


class _Timeless(dkim.DKIM):  # type: ignore[misc]
    """A signature that does not tell when it was made, which would differ from time to time."""

    def gen_header(self, fields: list[tuple[bytes, bytes]], *others: Any) -> bytes:
        """The header, without its time."""
        return bytes(super().gen_header([field for field in fields if field[0] != b"t"], *others))
