"""How fast mails go out: what the relay and the mail systems behind it bear, and which mail in hand may go next."""

import asyncio
import re
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic

from services.notifications.model import Letter, Message

InHand = tuple[Message, Letter]

OTHERS = "*"
"""Stands for every domain that is not named; each of them has the limit for itself."""

LIMIT = re.compile(r"(?P<domain>[^\s=,]+)=(?P<mails>\d+(\.\d+)?)/min(:(?P<at_once>[1-9]\d*))?")


@dataclass(frozen=True, slots=True)
class Limit:
    """What one recipient domain bears; nothing at once means as many as there are connections."""

    per_minute: float
    at_once: int | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast we may be. Nothing a minute means as fast as the relay takes them."""

    per_minute: float | None = None
    burst: int = 1
    domains: Mapping[str, Limit] = field(default_factory=dict)


def limits(text: str) -> dict[str, Limit]:
    """Limits written as `outlook.com=30/min:2,*=120/min`: mails a minute, and after a colon how many at once.

    Raises:
        ValueError: it is not written so.
    """
    found: dict[str, Limit] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        limit = LIMIT.fullmatch(part)
        if limit is None or not float(limit["mails"]):
            raise ValueError(f"{part!r} is no limit: write domain=MAILS/min or domain=MAILS/min:AT_ONCE")
        at_once = limit["at_once"]
        found[limit["domain"].lower()] = Limit(float(limit["mails"]), int(at_once) if at_once else None)
    return found


class Bucket:
    """Lets through so many a minute, and `burst` together after a calm while (the generic cell rate algorithm)."""

    def __init__(self, per_minute: float, burst: int, tick: Callable[[], float]) -> None:
        self._gap = 60 / per_minute
        self._slack = self._gap * (burst - 1)
        self._tick = tick
        self._full_until = tick()

    @property
    def wait(self) -> float:
        """Seconds until the next may go."""
        return max(0.0, self._full_until - self._slack - self._tick())

    @property
    def room(self) -> int:
        """How many may go now."""
        ahead = max(0.0, self._full_until - self._tick())
        return max(0, int((self._slack - ahead) / self._gap + 1 + 1e-6))

    def take(self, count: int = 1) -> None:
        """Let so many through, now or when their time comes."""
        self._full_until = max(self._full_until, self._tick()) + count * self._gap


class Traffic:
    """The mails in hand. Each is taken when it may go, so that a slow domain keeps no other waiting."""

    def __init__(self, pace: Pace, tick: Callable[[], float] = monotonic) -> None:
        self._pace = pace
        self._tick = tick
        self._relay = Bucket(pace.per_minute, pace.burst, tick) if pace.per_minute else None
        self._domains: dict[str, Bucket] = {}
        self._turns: dict[str, float] = {}
        self._under_way: Counter[str] = Counter()
        self._waiting: deque[InHand] = deque()
        self._changed = asyncio.Event()

    @property
    def wait(self) -> float:
        """Seconds until the relay may be given another mail."""
        return self._relay.wait if self._relay else 0.0

    def room(self, at_most: int) -> int:
        """How many mails the relay may be given now."""
        return min(at_most, self._relay.room) if self._relay else at_most

    def admit(self, message: Message, letter: Letter) -> float:
        """Count a mail for its domain; seconds until its turn, if it has to wait. Then it is asked about again."""
        domain = domain_of(letter)
        limit = self._limit(domain)
        if limit is None:
            return 0.0
        now = self._tick()
        turn = self._turns.pop(message.id, None)
        if turn is None:
            bucket = self._domains.setdefault(domain, Bucket(limit.per_minute, 1, self._tick))
            turn = now + bucket.wait
            bucket.take()
        if turn <= now:
            return 0.0
        self._turns[message.id] = turn
        return turn - now

    def put(self, message: Message, letter: Letter) -> None:
        """Let a mail wait for a connection."""
        if self._relay:
            self._relay.take()
        self._waiting.append((message, letter))
        self._changed.set()

    async def take(self) -> InHand:
        """The next mail whose domain bears another one now."""
        while (found := self._next()) is None:
            self._changed.clear()
            await self._changed.wait()
        return found

    def take_more(self, at_most: int) -> list[InHand]:
        """Others that may go now, too."""
        more: list[InHand] = []
        while len(more) < at_most and (found := self._next()) is not None:
            more.append(found)
        return more

    def done(self, letter: Letter) -> None:
        """The mail is not under way any more."""
        self._under_way[domain_of(letter)] -= 1
        self._changed.set()

    def give_up(self) -> list[str]:
        """Forget the mails that nobody has taken, and tell which they were."""
        waiting = [message.id for message, _ in self._waiting]
        self._waiting.clear()
        return waiting

    def _next(self) -> InHand | None:
        found = next((one for one in self._waiting if self._fits(domain_of(one[1]))), None)
        if found is not None:
            self._waiting.remove(found)
            self._under_way[domain_of(found[1])] += 1
        return found

    def _limit(self, domain: str) -> Limit | None:
        return self._pace.domains.get(domain, self._pace.domains.get(OTHERS))

    def _fits(self, domain: str) -> bool:
        limit = self._limit(domain)
        return limit is None or limit.at_once is None or self._under_way[domain] < limit.at_once


def domain_of(letter: Letter) -> str:
    """The domain that a letter goes to."""
    return letter.address.rpartition("@")[2].lower()
