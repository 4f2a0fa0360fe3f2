"""Every form of a survey as somebody finds it behind her link: evaluation's real doors on a real database.

`python -m tests.browser.forms` makes the pictures of `docs/pictures` anew.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import httpx
import uvicorn
from PIL import Image

from deploy.local.mongo import Mongo
from deploy.local.ports import HOST, free_port
from services.evaluation import handlers
from services.evaluation.store import CLUSTERED, INDEXES, EvaluationTransaction
from shared.delivery import connect
from shared.documents import Database
from tests.browser.eyes import COLOURS, looked, missing
from tests.flow.evaluation.every_form import KINDS, open_all, token_of
from tests.flow.evaluation.town import T0_IS_OPEN, doors
from tests.harness import Harness, harness
from tests.unit.evaluation.arrange import SETUP


@asynccontextmanager
async def a_town_with_every_form(database: Database) -> AsyncIterator[Harness[EvaluationTransaction]]:
    """Each kind of wave is open, and some people have links to it."""
    async with harness(
        database,
        name="evaluation",
        transaction=partial(EvaluationTransaction, setup=SETUP),
        subscriptions=(),
        timers=handlers.timers,
        indexes=INDEXES,
        clustered=CLUSTERED,
        start=T0_IS_OPEN,
    ) as service:
        await service.delivery.run(open_all)
        yield service


@asynccontextmanager
async def served(service: Harness[EvaluationTransaction]) -> AsyncIterator[str]:
    """The doors at an address that a browser can open."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(doors(service), HOST, port, log_config=None, access_log=False))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    try:
        yield f"http://{HOST}:{port}"
    finally:
        server.should_exit = True
        await task


async def written(base: str, directory: Path) -> list[dict[str, str]]:
    """Every form in both languages as a file, and what may come instead of it: jobs for `eyes.js`."""
    files: dict[str, str] = {}
    async with httpx.AsyncClient(base_url=base, trust_env=False) as web:
        for lang in ("sv", "en"):
            for kind in KINDS:
                files[f"{kind}-{lang}"] = (await web.get(f"/s/{token_of(kind)}", params={"lang": lang})).text
            for name, sent in AFTERWARDS.items():
                link = f"/s/{token_of('T1', 1 if lang == 'sv' else 2)}"
                files[f"{name}-{lang}"] = (await web.post(link, params={"lang": lang}, data=sent)).text
    jobs = []
    for name, html in files.items():
        (directory / f"{name}.html").write_text(html)
        jobs.append({"file": str(directory / f"{name}.html"), "name": name})
    return jobs


FILLED = {"UM1": "4", "UM2": "unknown", "UM3": "5", "UM6": "Vi gör det tryggt att åldras hemma."}
AFTERWARDS = {
    "left": FILLED | {"step": "check"},
    "error": FILLED | {"UM4": "9", "NV1": "14", "RX9": "x" * 2001, "step": "send"},
    "empty": {"step": "send"},
    "receipt": FILLED | {"step": "send"},
    "answered": FILLED,
}
"""What is sent in, one after the other, and the name of the page that it leads to."""

PICTURES = Path(__file__).parent.parent.parent / "docs" / "pictures"
SHOWN = {
    "survey-light": ("T1-sv", "light"),
    "survey-dark": ("T1-sv", "dark"),
    "survey-error": ("error-sv", "light"),
    "survey-receipt": ("receipt-sv", "light"),
}
"""The pictures: of which page, in which colours."""


async def pictures() -> None:
    """Make the pictures anew, as a small phone shows the pages."""
    with tempfile.TemporaryDirectory() as name:
        async with (
            Mongo(Path(name)) as mongo,
            a_town_with_every_form(connect(mongo.url_of("pictures"))) as service,
            served(service) as base,
        ):
            pages = {page["name"]: page["file"] for page in await written(base, Path(name))}
        jobs = [
            {"file": pages[page], "scheme": scheme, "name": shown, "out": str(PICTURES / f"{shown}.png")}
            | {"width": 360, "height": 1080}
            for shown, (page, scheme) in SHOWN.items()
        ]
        looked("picture", jobs, Path(name))
    for job in jobs:
        Image.open(str(job["out"])).convert("RGB").quantize(COLOURS).save(str(job["out"]), optimize=True)


if __name__ == "__main__":
    if needed := missing():
        raise SystemExit(needed)
    asyncio.run(pictures())
