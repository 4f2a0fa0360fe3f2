"""The words that dashboards are said in. `export` turns them into what Grafana and the local page read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

COLUMNS: Final = 24
"""How many parts the width of a dashboard has, as in Grafana."""

RATE: Final = "$__rate_interval"
"""The window of a rate; whoever shows the dashboard puts in one that is wide enough for what it shows."""

INDEX: Final = "README"
"""The page of docs/runbooks that leads to the others, for what has no alert of its own."""

JOB: Final = "$job"
"""The service that the reader has chosen."""

Kind = Literal["stat", "graph", "heatmap", "table", "text"]
Unit = Literal["number", "times", "seconds", "since", "share", "per second", "bytes", "yes or no"]
"""What a value counts: `number` whole things; `since` is an instant in seconds since 1970, shown as how long ago."""

Level = Literal["plain", "good", "warn", "bad"]


@dataclass(frozen=True)
class Query:
    """One question to Prometheus; `legend` names its answers, with {{label}} where a label's value stands."""

    expr: str
    legend: str = ""


@dataclass(frozen=True)
class Threshold:
    """From this value on, what is shown is judged so."""

    at: float
    level: Level


@dataclass(frozen=True)
class Panel:
    """One thing to look at.

    Args:
        description: what it shows, and what it means when it moves.
        runbook: the page of docs/runbooks that says what to do.
        below: how a value below all thresholds is judged.
        empty_when: when there is rightly no answer; without it, no answer is a fault of the panel.
        columns: of a table: which labels it shows, and their headings; `Value` stands for the value.
        words: what is shown instead of a number.
        width: of COLUMNS; 0 is an equal share of what its row has left.
    """

    title: str
    description: str
    kind: Kind
    queries: tuple[Query, ...]
    runbook: str
    unit: Unit = "number"
    thresholds: tuple[Threshold, ...] = ()
    below: Level = "plain"
    empty_when: str = ""
    stacked: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[int, str] = field(default_factory=dict)
    text: str = ""
    width: int = 0


@dataclass(frozen=True)
class Row:
    """Panels that stand side by side under a heading."""

    title: str
    panels: tuple[Panel, ...]
    height: int = 8
    """In steps of 30 pixels, as in Grafana."""


@dataclass(frozen=True)
class Dashboard:
    """Panels that answer one question together."""

    name: str
    title: str
    description: str
    rows: tuple[Row, ...]
    asks_for_job: bool = False
    """Whether the reader chooses a service."""

    @property
    def panels(self) -> tuple[Panel, ...]:
        """All panels in the order they are read."""
        return tuple(panel for row in self.rows for panel in row.panels)


def warn(at: float) -> Threshold:
    """From here on somebody should look when she has time."""
    return Threshold(at, "warn")


def bad(at: float) -> Threshold:
    """From here on somebody waits who should not."""
    return Threshold(at, "bad")


def age_of(metric: str, by: str = "") -> str:
    """How old the oldest is, in seconds; 0 when there is none. All replicas count the same: the highest is right."""
    over = f" by ({by})" if by else ""
    return f"max{over} ((time() - {metric}) * ({metric} > bool 0))"


def quantile(share: float, histogram: str, by: str = "", window: str = RATE, where: str = "") -> str:
    """The value below which so large a share of what a histogram has seen in the window lies."""
    labels = f"{by}, le" if by else "le"
    counted = "increase" if window != RATE else "rate"
    return f"histogram_quantile({share}, sum by ({labels}) ({counted}({histogram}_bucket{where}[{window}])))"
