"""Groups proposed and accepted as the office does it, on a real database: `python -m tests.bench.proposals [LARGE]`.

Around the rules that `grouping` measures: the queue is read, the proposal kept, and every seat offered. The queue and
the cohorts are those of `grouping`.
"""

import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from deploy.local.mongo import Mongo
from services.enrolment import handlers
from services.enrolment.commands import proposals
from services.enrolment.model import Cohort, Employee, Place, Proposal
from services.enrolment.rules.grouping import Candidate
from services.enrolment.rules.refusal import Refusal
from services.enrolment.store import INDEXES, EnrolmentTransaction
from shared.delivery import connect
from shared.links import Links
from shared.model import Document
from tests.bench.grouping import Case, line, rooms
from tests.harness import Harness, harness
from tests.unit.enrolment.arrange import NOW, STOCKHOLM, a_cohort, a_place, a_programme, an_employee, hr_says

R = TypeVar("R")
SMALL, LARGE = Case(250, 18, 10, seconds=5), Case(10_000, 700, 12, seconds=120)
AT_A_TIME = 2000
GROUP = {"min": 8, "max": 15, "max_share_per_department": 0.4}


def employee(person: Candidate, place: Place) -> Employee:
    """Somebody of the queue in the staff register."""
    leave = {"from": "2026-10-01", "to": "2026-12-20"} if person.hindrances else None  # one in ten
    return an_employee(person.employee_id).having(
        record=hr_says(person.employee_id, unit_id=person.department, manager_id=person.manager_id, absent=leave),
        open_places=(place.id,),
        places={"FLC": 1},
    )


def documents(case: Case) -> Iterable[Document]:
    """A queue, an hour between one and the next, and the cohorts that it is for."""
    programme = a_programme(group=GROUP)
    yield programme
    model, cohort = a_place(), a_cohort(content=programme.content)
    for number, person in enumerate(line(case)):
        place = model.having(
            id=f"FLC:{person.employee_id}:1",
            employee_id=person.employee_id,
            queued_at=NOW - timedelta(hours=case.people - number),
        )
        yield place
        yield employee(person, place)
    for room in rooms(case):
        sessions = tuple(
            session.model_copy(update={"session_id": f"{room.cohort_id}:{session.module}"})
            for session in cohort.sessions
        )
        yield cohort.having(id=room.cohort_id, sessions=sessions)


async def timed(
    what: str, service: Harness[EnrolmentTransaction], work: Callable[[EnrolmentTransaction], Awaitable[R | Refusal]]
) -> R:
    """Do it in a transaction, and print how long that took."""
    began = time.perf_counter()
    done = await service.delivery.run(work)
    print(f"{what:10} {time.perf_counter() - began:6.1f} s", flush=True)
    if isinstance(done, Refusal):
        raise SystemExit(done.detail)
    return done


async def measure(case: Case, service: Harness[EnrolmentTransaction]) -> None:
    """Propose and accept."""
    everything = list(documents(case))
    for start in range(0, len(everything), AT_A_TIME):
        part = everything[start : start + AT_A_TIME]

        async def keep(tx: EnrolmentTransaction, part: list[Document] = part) -> None:
            tx.save(*part)

        await service.delivery.run(keep)
    print(f"{case}:", flush=True)
    cohorts = [each.id for each in everything if isinstance(each, Cohort)]
    made: Proposal = await timed(
        "proposed", service, lambda tx: proposals.propose(tx, "FLC", cohorts, seed=0, wishes=(), by=None)
    )
    await timed("accepted", service, lambda tx: proposals.accept(tx, made.id))
    print(f"{sum(len(each.employees) for each in made.groups)} offered, {len(made.passed)} told why not", flush=True)


async def main() -> None:
    """One size, or both."""
    with tempfile.TemporaryDirectory() as directory:
        mongo = Mongo(Path(directory))
        await mongo.start()
        try:
            for case in (SMALL, LARGE) if "LARGE" in sys.argv else (SMALL,):
                async with harness(
                    connect(mongo.url_of(f"bench_{case.people}")),
                    name="enrolment",
                    transaction=partial(
                        EnrolmentTransaction, links=Links(["a key"], "https://l.example"), zone=STOCKHOLM
                    ),
                    subscriptions=(handlers.hr, handlers.notifications, handlers.evaluation),
                    timers=handlers.timers,
                    indexes=INDEXES,
                    start=NOW,
                ) as service:
                    await measure(case, service)
        finally:
            await mongo.stop()
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    asyncio.run(main())
