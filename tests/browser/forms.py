"""Every form of a survey as somebody finds it behind her link: evaluation's real doors on a real database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
import uvicorn

from deploy.local.ports import HOST, free_port
from services.evaluation import handlers, pseudonyms
from services.evaluation.instruments import Respondents
from services.evaluation.model import InstrumentRef, Invitation, LinkKey, Wave, WaveState
from services.evaluation.store import CLUSTERED, INDEXES, EvaluationTransaction
from shared.documents import Database
from tests.flow.evaluation.town import T0_IS_OPEN, doors
from tests.harness import Harness, harness
from tests.unit.evaluation.arrange import INSTRUMENTS, SETUP, TITLE

KINDS: dict[str, tuple[str, Respondents]] = {
    **{wave: (wave, "managers") for wave in ("T0", "P", "T1", "T2", "T3", "T4")},
    "employees": ("T0", "employees"),
}
"""Every form there is: in which wave, and of whom."""

LINKS_EACH = 8


def token_of(kind: str, number: int = 0) -> str:
    """The token of one person's link."""
    return f"{kind}-{number}".ljust(22, "x")


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
        await service.delivery.run(_open_all)
        yield service


async def _open_all(tx: EvaluationTransaction) -> None:
    tx.save(LinkKey(id="FLC-1", salt="00" * 32))
    for kind, (wave, of) in KINDS.items():
        opened = _wave(kind, wave, of)
        tx.save(opened)
        for number in range(LINKS_EACH):
            tx.save(_invitation(token_of(kind, number), opened.id, f"E{number}"))


def _wave(kind: str, wave: str, of: Respondents) -> Wave:
    refs = [InstrumentRef(code=one.code, version=one.version) for one in INSTRUMENTS.values() if one.items_in(wave, of)]
    return Wave(
        id=f"FLC-1:{kind}",
        wave=wave,
        of=of,
        cohort_id="FLC-1",
        programme="FLC",
        revision=1,
        title=TITLE,
        state=WaveState.open,
        opens_at=T0_IS_OPEN,
        closes_at=T0_IS_OPEN + timedelta(days=10),
        instruments=tuple(refs),
        size=14,
    )


def _invitation(token: str, wave_id: str, person: str) -> Invitation:
    manager = "M1" if wave_id.endswith("employees") else None
    return Invitation(id=pseudonyms.hash_of(token), wave_id=wave_id, employee_id=person, manager_id=manager)


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
