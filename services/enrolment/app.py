"""Where enrolment is put together: the only place in it that makes things."""

from functools import partial
from pathlib import Path

from services.enrolment import api, handlers, metrics, pages, tracing
from services.enrolment.api.door import Door
from services.enrolment.migrations import MIGRATIONS
from services.enrolment.settings import Settings
from services.enrolment.store import INDEXES, EnrolmentTransaction
from shared.heartbeat import LOOK_SECONDS, Heart
from shared.links import Links
from shared.service import Service


def make(settings: Settings) -> Service[EnrolmentTransaction]:
    """The service, ready to serve."""
    links = Links(settings.link_keys, settings.public_url)
    service = Service(
        "enrolment",
        settings,
        transaction=partial(EnrolmentTransaction, links=links, zone=settings.zone, calendar=settings.calendar),
        subscriptions=(handlers.hr, handlers.notifications, handlers.evaluation),
        timers=handlers.timers,
        indexes=INDEXES,
        migrations=MIGRATIONS,
        templates=Path(__file__).parent / "templates",
    )
    service.again_and_again(
        "count_places", metrics.LOOK_SECONDS, partial(metrics.look, service.database, service.clock)
    )
    service.again_and_again("heartbeat", LOOK_SECONDS, Heart(service.delivery).beat_if_due)
    service.app.include_router(api.routes(Door(service.delivery, service.guard, settings.zone)))
    service.app.include_router(pages.routes(service.delivery, links, service.pages, settings.zone))
    tracing.add_to(service.trace, service.delivery)
    return service


def main() -> None:
    """Serve until told to stop."""
    make(Settings()).serve()


if __name__ == "__main__":
    main()
