"""The doors for people: pages behind signed links, one module a page. GET shows, POST acts.

A page never tells more than its reader may know: hers about herself, a manager's about her own reports as of today.
"""

from zoneinfo import ZoneInfo

from fastapi import APIRouter

from services.enrolment.pages.approval import ApprovalPage
from services.enrolment.pages.frame import Frame
from services.enrolment.pages.offer import OfferPage
from services.enrolment.pages.person import PersonPage
from services.enrolment.pages.team import TeamPage
from services.enrolment.store import EnrolmentTransaction
from shared.delivery import Delivery
from shared.links import Links
from shared.web import Pages


def routes(delivery: Delivery[EnrolmentTransaction], links: Links, pages: Pages, zone: ZoneInfo) -> APIRouter:
    """All addresses that mails and pages lead to."""
    frame = Frame(delivery, links, pages, zone)
    router = APIRouter(include_in_schema=False)
    for page in (OfferPage(frame), ApprovalPage(frame), PersonPage(frame), TeamPage(frame)):
        router.include_router(page.router)
    return router
