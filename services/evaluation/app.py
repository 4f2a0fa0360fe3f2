"""Where evaluation is put together, and started: `python -m services.evaluation.app`."""

from functools import partial
from pathlib import Path

from services.evaluation import (
    api,
    comment_pages,
    form_counts,
    handlers,
    key_watch,
    pages,
    results,
    task_pages,
    tracing,
)
from services.evaluation.anonymity import threshold
from services.evaluation.instruments.files import HERE, read_instruments
from services.evaluation.intake import Intake
from services.evaluation.migrations import MIGRATIONS
from services.evaluation.model import Setup
from services.evaluation.recommendations import api as recommendation_api
from services.evaluation.recommendations import pages as recommendation_pages
from services.evaluation.recommendations import waiting
from services.evaluation.settings import Settings
from services.evaluation.store import CLUSTERED, INDEXES, EvaluationTransaction, Reader
from shared.service import Service
from shared.workdays import WorkCalendar

LOOK_SECONDS = 60.0
"""How often what operators see is counted."""


def make(settings: Settings) -> Service[EvaluationTransaction]:
    """The service, ready to serve."""
    setup = Setup(
        instruments=read_instruments(HERE, *([settings.instruments] if settings.instruments else [])),
        secret=settings.pseudonym_secret.get_secret_value().encode(),
        public_url=settings.public_url.rstrip("/"),
        zone=settings.zone,
        k=threshold(settings.smallest_group),
        surveys_a_quarter=settings.surveys_a_quarter,
        calendar=WorkCalendar(no_mails=settings.no_mails),
        keep_days=settings.keep_answers_days,
    )
    service = Service(
        "evaluation",
        settings,
        transaction=partial(EvaluationTransaction, setup=setup),
        subscriptions=(handlers.hr, handlers.enrolment, handlers.notifications),
        timers=handlers.timers,
        indexes=INDEXES,
        migrations=MIGRATIONS,
        templates=Path(__file__).parent / "templates",
        home="/results",
        clustered=CLUSTERED,
    )
    service.trace.only(tracing.sieve)
    reader = Reader(service.database)
    survey = pages.SurveyDoors(reader, Intake(service.delivery), service.clock, service.pages, setup)
    found = results.ResultDoors(reader, service.pages, setup)
    comments = comment_pages.CommentDoors(reader, service.delivery, service.pages, setup)
    tasks = task_pages.TaskDoors(reader, service.delivery, service.pages, setup)
    service.app.include_router(pages.routes(survey))
    service.app.include_router(comment_pages.routes(comments, service.guard))
    service.app.include_router(task_pages.routes(tasks, service.guard))
    service.app.include_router(results.routes(found, service.guard))
    service.again_and_again("watch_link_keys", LOOK_SECONDS, partial(key_watch.look, reader, service.clock))
    service.again_and_again("count_forms", LOOK_SECONDS, partial(form_counts.look, reader, setup.k))
    service.again_and_again("count_recommendations", LOOK_SECONDS, partial(waiting.look, reader))
    service.app.include_router(api.routes(api.Doors(reader, service.delivery, setup), service.guard))
    recommended = recommendation_api.Doors(reader, service.delivery, setup)
    shown = recommendation_pages.RecommendationPages(recommended, service.pages, service.links)
    service.app.include_router(recommendation_api.routes(recommended, service.guard))
    service.app.include_router(recommendation_pages.routes(shown, service.guard))
    return service


def main() -> None:
    """Serve until told to stop."""
    make(Settings()).serve()


if __name__ == "__main__":
    main()
