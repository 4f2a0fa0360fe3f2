"""The committed rules with all lengths of time shortened, so that an alert which waits an hour can be seen to fire."""

import math
import re

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"(?P<before>\[|\bfor: |\bkeep_firing_for: )(?P<number>\d+)(?P<unit>[smhd])")
_AGE = re.compile(r"(?P<before>age_seconds(?:\{[^}]*\})?\)? > (?:bool )?)(?P<number>\d+)\b")


def shorter(seconds: float) -> float:
    """What stands for so many seconds: 2.9 · seconds^0.3.

    A minute becomes 10 seconds, five minutes 16, a quarter of an hour 22, an hour 34, a day 88, three days 121. What
    was longer stays longer, and the shortest still hold several heartbeats, which go every five seconds at most.
    """
    return round(2.9 * math.pow(seconds, 0.3), 1)


def shortened(rules: str) -> str:
    """Rules with each `for`, `keep_firing_for`, range, and threshold of an age shortened, and nothing else changed."""

    def span(found: re.Match[str]) -> str:
        milliseconds = shorter(int(found["number"]) * _UNITS[found["unit"]]) * 1000
        return f"{found['before']}{milliseconds:.0f}ms"

    def age(found: re.Match[str]) -> str:
        return f"{found['before']}{shorter(int(found['number']))}"

    return _AGE.sub(age, _SPAN.sub(span, rules))


def without_times(rules: str) -> str:
    """Rules with a hole wherever a length of time stood: what is left must be the same."""
    spans = re.sub(r"(\[|\bfor: |\bkeep_firing_for: )\d+(?:ms|[smhd])", r"\1…", rules)
    return re.sub(r"(age_seconds(?:\{[^}]*\})?\)? > (?:bool )?)[\d.]+", r"\1…", spans)
