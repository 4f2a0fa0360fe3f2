"""What programs can ask evaluation for: waves and releases, always by the same rules as people."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from services.evaluation import commands
from services.evaluation.anonymity import publishable_count
from services.evaluation.model import Release, Setup, Wave, WaveState
from services.evaluation.store import EvaluationTransaction, Reader
from shared.delivery import Actor, Delivery
from shared.web import Guard, Paging, Problem


def routes(reader: Reader, delivery: Delivery[EvaluationTransaction], guard: Guard, setup: Setup) -> APIRouter:
    """The JSON doors."""
    router = APIRouter(prefix="/api", tags=["evaluation"])
    reads = Annotated[Actor, Depends(guard.needs("office", "auditor"))]
    paging = Annotated[Paging, Depends()]

    @router.get("/waves")
    async def list_waves(_: reads, page: paging) -> dict[str, Any]:
        """Waves with when they open and close; participation only where the number points at nobody."""
        waves = await reader.page(Wave, limit=page.limit, after=page.after)
        return page.page([await _wave(wave) for wave in waves], "wave_id")

    async def _wave(wave: Wave) -> dict[str, Any]:
        asked, answered = await _participation(wave)
        view = wave.model_dump(mode="json", exclude={"id", "counted", "version"})
        counts = {
            "asked": publishable_count(asked, k=setup.k),
            "answered": publishable_count(answered, k=setup.k),
        }
        return {"wave_id": wave.id, **view, "counts": counts}

    async def _participation(wave: Wave) -> tuple[int, int]:
        asked, answered = await reader.participation(wave.id)
        if wave.state is not WaveState.open:
            return asked, answered
        counted = await delivery.run(lambda tx: commands.count_participation(wave.id, asked, answered, tx))
        return (counted.invited, counted.answered) if counted else (0, 0)

    @router.get("/releases")
    async def list_releases(_: reads, page: paging) -> dict[str, Any]:
        """Published results, by id."""
        found = await reader.page(Release, limit=page.limit, after=page.after)
        return page.page([_release(release) for release in found], "release_id")

    @router.get("/releases/{release_id}")
    async def get_release(release_id: str, _: reads) -> dict[str, Any]:
        """One published result."""
        release = await reader.get(Release, release_id)
        if release is None:
            raise Problem(404, "no-release", "No such release", "It is published when the cohort's last wave closes.")
        return _release(release)

    def _release(release: Release) -> dict[str, Any]:
        view = release.model_dump(mode="json", exclude={"id"})
        return {"release_id": release.id, **view, "url": f"{setup.public_url}/results/{release.cohort_id}"}

    return router
