"""Every example of a mail as a page in a real browser: what stands in the way of anybody, and a picture of it.

`python -m tests.browser.eyes` makes the pictures of `docs/mails` anew. It needs Debian's `chromium` and `nodejs`, and
`npm ci` in this directory.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image

from services.notifications.examples import EXAMPLES, reader
from services.notifications.mails import Mailroom, mailbox

HERE = Path(__file__).parent
PICTURES = HERE.parent.parent / "docs" / "mails"
COLOURS = 24
"""How many colours a picture needs; more make it larger, not better."""

SCHEMES = ("light", "dark")
MAILROOM = Mailroom(
    mailbox("Ledarutveckling <ledarutveckling@kommun.example>"), ZoneInfo("Europe/Stockholm"), "Storköpings kommun"
)


def missing() -> str | None:
    """What has to be installed before anything can be looked at; nothing if all is there."""
    if shutil.which("chromium") is None or shutil.which("node") is None:
        return "A browser is missing: run 'apt-get install chromium nodejs npm'."
    if not (HERE / "node_modules").is_dir():
        return "The judges are missing: run 'npm ci' in tests/browser."
    return None


def pages(directory: Path, languages: Sequence[str]) -> list[dict[str, str]]:
    """One job for every example in every language, in light and in dark mode."""
    jobs = []
    for kind, contents in EXAMPLES.items():
        for language in languages:
            file = directory / f"{kind}-{language}.html"
            file.write_text(MAILROOM.words(contents, reader(language)).html)
            jobs += [{"file": str(file), "name": f"{kind}-{language}-{scheme}", "scheme": scheme} for scheme in SCHEMES]
    return jobs


def looked(act: str, jobs: Sequence[Mapping[str, object]], directory: Path) -> list[dict[str, Any]]:
    """What the browser tells of each page."""
    told = directory / "jobs.json"
    told.write_text(json.dumps([dict(job) for job in jobs]))
    command = [str(shutil.which("node")), str(HERE / "eyes.js"), act, str(told)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise RuntimeError(f"The browser gave up: {done.stderr}")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def main() -> None:
    """Make the pictures anew, and the page that shows them."""
    if needed := missing():
        raise SystemExit(needed)
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        jobs = pages(Path(name), ["sv"])
        looked("picture", [{**job, "out": str(PICTURES / f"{job['name']}.png")} for job in jobs], Path(name))
    for file in PICTURES.glob("*.png"):
        Image.open(file).convert("RGB").quantize(COLOURS).save(file, optimize=True)
    (PICTURES / "README.md").write_text(_shown())


def _shown() -> str:
    lines = [
        "# The mails\n",
        "What people get, on a phone, in light and in dark mode. `ledstjarna mail preview KIND` shows the text and",
        "writes a mail to open; `python -m tests.browser.eyes` makes these pictures anew.\n",
    ]
    for kind, contents in EXAMPLES.items():
        lines += [
            f"## {kind}\n",
            f"{MAILROOM.words(contents, reader('sv')).subject}\n",
            *(f"![{kind} in {scheme} mode]({kind}-sv-{scheme}.png)" for scheme in SCHEMES),
            "",
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
