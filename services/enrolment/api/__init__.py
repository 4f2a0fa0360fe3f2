"""The door for programs: JSON over HTTP, one module a resource.

To add a resource: a module with `routes(door: Door) -> APIRouter`, and its name in `RESOURCES`.
"""

from typing import Final

from fastapi import APIRouter

from services.enrolment.api import (
    approvals,
    changes,
    cohorts,
    goals,
    networks,
    people,
    places,
    posts,
    programmes,
    proposals,
    sessions,
    staff_imports,
)
from services.enrolment.api.door import Door

RESOURCES: Final = (
    programmes,
    goals,
    changes,
    cohorts,
    posts,
    sessions,
    people,
    places,
    approvals,
    networks,
    staff_imports,
    proposals,
)


def routes(door: Door) -> APIRouter:
    """All addresses under /api."""
    router = APIRouter(prefix="/api")
    for resource in RESOURCES:
        router.include_router(resource.routes(door))
    return router
