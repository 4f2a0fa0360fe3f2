"""Drawings of published figures: levels over time, parts on a scale, cohorts beside each other, and shares of a whole.

All are 420 units wide, narrow enough that their text can be read on a phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor

from services.evaluation.reports.layout import Box, Chart, Dot, Line, Shape, Table, Text
from services.evaluation.words import Words

WIDTH = 420
LEFT, RIGHT = 150, 400
"""Where a scale begins and ends; left of it stand the names."""
LABEL_END = 138
TOP, STEP = 38, 44
SCALE = (0, 25, 50, 75, 100)


@dataclass(frozen=True)
class Point:
    """A value with its interval, where it has one; `beside` is another estimate of the same, drawn hollow above it."""

    label: str
    value: float
    written: str
    low: float | None = None
    high: float | None = None
    beside: "Point | None" = None


@dataclass(frozen=True)
class Said:
    """What a drawing is called, what it says in words, and its numbers."""

    id: str
    title: str
    description: str
    table: Table


def profile(said: Said, points: Sequence[Point]) -> Chart:
    """Values on the scale of 0 to 100, one below the other."""
    shapes: list[Shape] = []
    height = TOP + STEP * len(points) + 16
    for tick in SCALE:
        x = _across(tick, 0, 100)
        shapes += [Line(x, 14, x, height - 22, "grid"), Text(x, height - 4, str(tick), look="tick")]
    for row, point in enumerate(points):
        y = TOP + STEP * row
        shapes += [Text(LABEL_END, y + 5, point.label, "end"), *_mark(point, y, 0, 100)]
        shapes.append(Text(_across(point.value, 0, 100), y - 13, point.written, look="value"))
    return _chart(said, height, shapes)


def forest(said: Said, points: Sequence[Point], w: Words) -> Chart:
    """Estimates below each other, with what is known of them alone above what is known with the others' help."""
    low, high = _range(points)
    step = 10 if high - low <= 60 else 20
    height = 30 + 34 * len(points) + 24
    shapes: list[Shape] = []
    for tick in range(low, high + 1, step):
        x = _across(tick, low, high)
        look = "axis" if tick == 0 else "grid"
        shapes += [Line(x, 14, x, height - 22, look), Text(x, height - 4, w.whole(tick), look="tick")]
    for row, point in enumerate(points):
        y = 34 + 34 * row
        shapes.append(Text(LABEL_END, y + 5, point.label, "end"))
        if point.beside is not None:
            shapes += _mark(point.beside, y - 8, low, high, "hollow")
        shapes += _mark(point, y + 4, low, high)
    return _chart(said, height, shapes)


def slope(said: Said, lines: Sequence[tuple[str, Sequence[tuple[int, Point]]]], ticks: Sequence[str]) -> Chart:
    """Levels of 0 to 100 over time: each line has points at numbered times; its name stands at its last point."""
    height, top, bottom = 250, 20, 218
    shapes: list[Shape] = []
    for value in SCALE:
        y = _up(value, top, bottom)
        shapes += [Line(44, y, 404, y, "grid"), Text(36, y + 5, str(value), "end", "tick")]
    places = [70 + (380 - 70) * time / max(1, len(ticks) - 1) for time in range(len(ticks))]
    shapes += [Text(x, 242, tick, look="tick") for x, tick in zip(places, ticks, strict=True)]
    for number, (name, points) in enumerate(lines):
        side = -1 if number == 0 else 1
        look = "solid" if number == 0 else "hollow"
        at = [(places[time] + 6 * number, _up(point.value, top, bottom), point) for time, point in points]
        shapes += [Line(a[0], a[1], b[0], b[1], "trend") for a, b in pairwise(at)]
        for x, y, point in at:
            if point.low is not None and point.high is not None:
                ends = _up(point.low, top, bottom), _up(point.high, top, bottom)
                shapes += [Line(x, ends[0], x, ends[1], "whisker")]
                shapes += [Line(x - 6, end, x + 6, end, "whisker") for end in ends]
            aside, anchor = (12, "start") if x < places[-1] else (-12, "end")
            shapes += [Dot(x, y, look), Text(x + aside, y + 14 * side + 4, point.written, anchor, "value")]
        if name and at:
            shapes.append(Text(at[0][0] - 16, at[0][1] + 34 * side + 5, name, "start"))
    return _chart(said, height, shapes)


def shares(said: Said, parts: Sequence[tuple[str, int]]) -> Chart:
    """How a whole of people divides: pieces of one bar, with their numbers in them and their names below."""
    whole = max(1, sum(count for _, count in parts))
    shapes: list[Shape] = []
    x = 10.0
    for row, (label, count) in enumerate(parts):
        width = 400 * count / whole
        look = ("solid", "plain", "soft")[row % 3]
        if count:
            shapes.append(Box(x, 12, width, 34, look))
            shapes.append(Text(x + width / 2, 34, str(count), look="on_solid" if look == "solid" else "value"))
        y = 72 + 26 * row
        shapes += [Box(10, y - 13, 16, 16, look), Text(34, y, f"{label}: {count}", "start")]
        x += width
    return _chart(said, 66 + 26 * len(parts), shapes)


def _chart(said: Said, height: float, shapes: Sequence[Shape]) -> Chart:
    return Chart(said.id, said.title, said.description, height, tuple(shapes), said.table)


def _mark(point: Point, y: float, low: float, high: float, look: str = "solid") -> list[Shape]:
    shapes: list[Shape] = []
    if point.low is not None and point.high is not None:
        ends = _across(point.low, low, high), _across(point.high, low, high)
        line = "whisker" if look == "solid" else "faint"
        shapes.append(Line(ends[0], y, ends[1], y, line))
        shapes += [Line(end, y - 5, end, y + 5, line) for end in ends]
    return [*shapes, Dot(_across(point.value, low, high), y, look)]


def _range(points: Sequence[Point]) -> tuple[int, int]:
    """Whole tens that hold zero and every estimate with its interval."""
    seen = [each for point in points for each in (point, point.beside) if each is not None]
    values = [value for each in seen for value in (each.value, each.low, each.high) if value is not None]
    return floor(min(0, *values) / 10) * 10, ceil(max(10, *values) / 10) * 10


def _across(value: float, low: float, high: float) -> float:
    inside = min(high, max(low, value))
    return round(LEFT + (RIGHT - LEFT) * (inside - low) / (high - low), 1)


def _up(value: float, top: float, bottom: float) -> float:
    inside = min(100.0, max(0.0, value))
    return round(bottom - (bottom - top) * inside / 100, 1)
