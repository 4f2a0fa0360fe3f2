"""What programs can ask evaluation for: waves and releases, always by the same rules as people."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query

from services.evaluation.anonymity import publishable_count
from services.evaluation.commands import cohorts
from services.evaluation.model import Release, Setup, Wave, WaveState
from services.evaluation.shapes import Result, Results
from services.evaluation.store import EvaluationTransaction, Reader
from shared.delivery import Delivery
from shared.web import Guard, Paging, Problem

Among = Annotated[str | None, Query(max_length=128)]


@dataclass(frozen=True)
class Doors:
    """The JSON doors."""

    reader: Reader
    delivery: Delivery[EvaluationTransaction]
    setup: Setup

    async def waves(self, paging: Annotated[Paging, Depends()]) -> dict[str, Any]:
        """Waves with when they open and close; participation only where the number points at nobody."""
        waves = await self.reader.page(Wave, limit=paging.limit, after=paging.after)
        return paging.page([await self._wave(wave) for wave in waves], "wave_id")

    async def releases(
        self,
        paging: Annotated[Paging, Depends()],
        programme: Among = None,
        revision: Annotated[int | None, Query(ge=1)] = None,
        cohort: Among = None,
        stage: Annotated[Literal["T0", "T1", "T2", "T3", "T4", "P"] | None, Query()] = None,
    ) -> Any:
        """Published results by id: all, or those of a programme, a revision of it, a cohort or a stage."""
        wanted = {"programme": programme, "revision": revision, "cohort_id": cohort, "stage": stage}
        among = {field: value for field, value in wanted.items() if value is not None}
        found = await self.reader.page(Release, limit=paging.limit, after=paging.after, among=among)
        return paging.page([self._release(release) for release in found], "release_id")

    async def release(self, release_id: str) -> Any:
        """One published result."""
        found = await self.reader.get(Release, release_id)
        if found is None:
            raise Problem(
                404, "no-release", "No such release", "It is published when the wave that it is about has closed."
            )
        return self._release(found)

    async def _wave(self, wave: Wave) -> dict[str, Any]:
        asked, answered = await self._participation(wave)
        k = self.setup.k
        return {
            "wave_id": wave.id,
            **wave.model_dump(mode="json", exclude={"id", "counted", "version", "members_told"}),
            "counts": {"asked": publishable_count(asked, k=k), "answered": publishable_count(answered, k=k)},
        }

    async def _participation(self, wave: Wave) -> tuple[int, int]:
        asked, answered = await self.reader.participation(wave.id)
        if wave.state is not WaveState.open:
            return asked, answered
        counted = await self.delivery.run(lambda tx: cohorts.count_participation(wave.id, asked, answered, tx))
        return (counted.invited, counted.answered) if counted else (0, 0)

    def _release(self, release: Release) -> dict[str, Any]:
        url = f"{self.setup.public_url}/results/{release.cohort_id}"
        return {"release_id": release.id, **release.model_dump(mode="json", exclude={"id"}), "url": url}


def routes(doors: Doors, guard: Guard) -> APIRouter:
    """The addresses of the doors."""
    readers = [Depends(guard.needs("office", "auditor"))]
    router = APIRouter(prefix="/api", tags=["evaluation"], dependencies=readers)
    router.add_api_route("/waves", doors.waves)
    router.add_api_route("/releases", doors.releases, response_model=Results)
    router.add_api_route("/releases/{release_id}", doors.release, response_model=Result)
    return router
