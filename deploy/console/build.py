"""Building the page of dashboards: once for each state of its sources, with Node; nothing is fetched to show it."""

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

from deploy.local.extras import OLDEST_NODE, scripts_made_ready

HERE: Final = Path(__file__).resolve().parent
DIST: Final = HERE / "dist"
_STATIC: Final = ("index.html", "style.css")


def built(tell: Callable[[str], None], dist: Path = DIST) -> str:
    """Build the page if it is not; nothing, or what somebody has to do first."""
    stamp, state = dist / ".built", _state()
    if stamp.exists() and stamp.read_text() == state:
        return ""
    if hindrance := scripts_made_ready("deploy/console", tell):
        return f"The page of dashboards is built with Node {OLDEST_NODE}: {hindrance}, and start again."
    tell("builds the page of dashboards")
    shutil.rmtree(DIST, ignore_errors=True)
    done = subprocess.run(
        ["npm", "run", "build"], cwd=HERE, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        return "The page of dashboards could not be built: run 'npm run build' in deploy/console and see what it says."
    for name in _STATIC:
        shutil.copy(HERE / "src" / name, DIST / name)
    stamp.write_text(state)
    return ""


def _state() -> str:
    """A digest of all that the page is built from."""
    digest = hashlib.sha256()
    for file in (HERE / "package.json", HERE / "package-lock.json", *sorted((HERE / "src").iterdir())):
        digest.update(f"{file.name}\0".encode() + file.read_bytes())
    return digest.hexdigest()
