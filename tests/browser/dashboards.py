"""The dashboards of a running stack, as a browser shows them.

`python -m tests.browser.dashboards RUN_DIR` makes the pictures of `docs/pictures` anew, from a stack that was started
with `./start --dashboards --run-dir RUN_DIR`.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from deploy.grafana.everything import DASHBOARDS
from deploy.local.endpoints import Endpoints
from tests.browser.eyes import HERE, missing

PICTURES = HERE.parent.parent / "docs" / "pictures"
COLOURS = 200
"""How many colours a picture needs; more make it larger, not better."""


def looked(jobs: Sequence[dict[str, object]]) -> list[dict[str, Any]]:
    """What the browser tells of each look at the page."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as told:
        told.write(json.dumps(list(jobs)))
        told.flush()
        command = [str(shutil.which("node")), str(HERE / "dashboards.js"), told.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise RuntimeError(f"The browser gave up: {done.stderr}")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def pictured(page: str, range_: str) -> Iterator[dict[str, object]]:
    """One job for each dashboard, and the first once more in dark mode."""
    for dashboard in DASHBOARDS:
        for scheme in ("light", "dark") if dashboard is DASHBOARDS[0] else ("light",):
            name = f"dashboard-{dashboard.name}" + ("-dark" if scheme == "dark" else "")
            url = f"{page}/#dashboard={dashboard.name}&range={range_}&every=not+by+itself"
            yield {"url": url, "name": name, "scheme": scheme, "out": str(PICTURES / f"{name}.png")}


def main() -> None:
    """Make the pictures anew."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.dashboards", description=__doc__)
    parser.add_argument("run_dir", type=Path, metavar="RUN_DIR")
    parser.add_argument("--range", default="15m", help="the time shown: 5m, 15m, 1h, 6h, 24h, 7d (default: 15m)")
    told = parser.parse_args()
    page = Endpoints.read(told.run_dir).dashboards
    if page is None:
        parser.error("this stack shows no dashboards: start it with --dashboards")
    if needed := missing():
        raise SystemExit(needed)
    for seen in looked(list(pictured(page, told.range))):
        print(json.dumps(seen, ensure_ascii=False, indent=1))
    for file in PICTURES.glob("dashboard-*.png"):
        Image.open(file).convert("RGB").quantize(COLOURS).save(file, optimize=True)


if __name__ == "__main__":
    main()
