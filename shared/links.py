"""Signed links: who holds the link may do the one thing that it was made for."""

from collections.abc import Sequence

from itsdangerous import BadSignature, URLSafeSerializer


class Links:
    """Signs and reads the values that travel in links.

    Args:
        keys: secrets, newest first; links signed with any of them are good, new ones use the newest.
        base_url: where the service is reached from outside, without a trailing slash.
    """

    def __init__(self, keys: Sequence[str], base_url: str) -> None:
        self._keys = list(reversed(keys))
        self.base_url = base_url.rstrip("/")

    def sign(self, purpose: str, value: str) -> str:
        """A token that carries `value`; good for `purpose` only."""
        return str(URLSafeSerializer(self._keys, salt=purpose).dumps(value))

    def read(self, purpose: str, token: str) -> str | None:
        """The value that was signed for `purpose`, or nothing if the token is not ours."""
        try:
            value = URLSafeSerializer(self._keys, salt=purpose).loads(token)
        except BadSignature:
            return None
        return value if isinstance(value, str) else None
