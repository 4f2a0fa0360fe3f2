"""Ask every panel of a running stack: `python -m deploy.grafana.asked RUN_DIR` prints which have no answer.

It ends with 0 when every panel has one, or is rightly empty; with 1 when one has none or its query is refused.
"""

import argparse
import asyncio
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from deploy.grafana.everything import DASHBOARDS
from deploy.grafana.panels import JOB, RATE, Dashboard, Panel
from deploy.local.endpoints import Endpoints
from deploy.local.prometheus import EVERY_SECONDS
from shared.topology import SERVICES

POINTS: Final = 240
"""How many instants of the time asked about are looked at, as on the page."""

LOOKED_BACK_SECONDS: Final = 1800
"""Over how long graphs are asked unless told: a sample year and what came after it."""


@dataclass(frozen=True)
class Answer:
    """How one panel's question was answered."""

    dashboard: str
    panel: Panel
    job: str
    values: int
    """How many values came that are numbers."""
    refused: str = ""

    @property
    def well(self) -> bool:
        """Whether a reader would see something, or rightly nothing."""
        return not self.refused and (self.values > 0 or bool(self.panel.empty_when))

    def __str__(self) -> str:
        where = f"{self.dashboard}: {self.panel.title}" + (f" ({self.job})" if self.job else "")
        if self.refused:
            return f"REFUSED {where}: {self.refused}"
        if self.values:
            return f"ok      {where}: {self.values} values"
        return f"{'empty  ' if self.panel.empty_when else 'NOTHING'} {where}" + (
            f": {self.panel.empty_when}" if self.panel.empty_when else ""
        )


async def answers(prometheus: str, *, seconds: int, every_seconds: int) -> list[Answer]:
    """Ask Prometheus what every panel asks, over so many seconds; rates are wide enough for how often it asks."""
    step = max(seconds // POINTS, every_seconds)
    window = f"{max(4 * every_seconds, step + every_seconds)}s"
    found = []
    async with httpx.AsyncClient(base_url=prometheus, trust_env=False, timeout=30) as client:
        for dashboard, panel, job in _questions():
            asked = [query.expr.replace(RATE, window).replace(JOB, job) for query in panel.queries]
            found.append(await _answer(client, Answer(dashboard.name, panel, job, 0), asked, seconds, step))
    return found


def _questions() -> Iterator[tuple[Dashboard, Panel, str]]:
    for dashboard in DASHBOARDS:
        for panel in dashboard.panels:
            if panel.queries:
                for job in SERVICES if dashboard.asks_for_job else ("",):
                    yield dashboard, panel, job


async def _answer(client: httpx.AsyncClient, answer: Answer, asked: list[str], seconds: int, step: int) -> Answer:
    now, values = int(time.time()), 0
    for query in asked:
        over = {"query": query, "start": now - seconds, "end": now, "step": step}
        drawn = answer.panel.kind in ("graph", "heatmap")
        told = (
            await client.post(f"/api/v1/query{'_range' if drawn else ''}", data=over if drawn else {"query": query})
        ).json()
        if told["status"] != "success":
            return Answer(answer.dashboard, answer.panel, answer.job, 0, f"{told['error']} in {query}")
        values += sum(_numbers(each) for each in told["data"]["result"])
    return Answer(answer.dashboard, answer.panel, answer.job, values)


def _numbers(series: dict[str, Any]) -> int:
    points = series.get("values") or [series["value"]]
    return sum(not math.isnan(float(value)) for _, value in points)


def main() -> int:
    """Ask, print, judge."""
    parser = argparse.ArgumentParser(prog="python -m deploy.grafana.asked", description=__doc__)
    parser.add_argument("run_dir", type=Path, metavar="RUN_DIR", help="of a stack started with --dashboards")
    parser.add_argument("--seconds", type=int, default=LOOKED_BACK_SECONDS, help="back (default: %(default)s)")
    parser.add_argument("--all", action="store_true", help="print panels with answers, too")
    told = parser.parse_args()
    prometheus = Endpoints.read(told.run_dir).prometheus
    if prometheus is None:
        parser.error("this stack runs no Prometheus: start it with --dashboards")
    found = asyncio.run(answers(prometheus, seconds=told.seconds, every_seconds=EVERY_SECONDS))
    for each in found:
        if told.all or not each.values:
            print(each)
    print(f"{len(found)} panels asked, {sum(not each.well for each in found)} without the answer they should have.")
    return 0 if all(each.well for each in found) else 1


if __name__ == "__main__":
    sys.exit(main())
