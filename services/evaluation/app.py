"""Where evaluation is put together, and started: `python -m services.evaluation.app`."""

from functools import partial
from pathlib import Path

from services.evaluation import api, handlers, key_watch, pages, reading
from services.evaluation.anonymity import threshold
from services.evaluation.instruments.files import HERE, read_instruments
from services.evaluation.model import Setup
from services.evaluation.settings import Settings
from services.evaluation.store import CLUSTERED, INDEXES, EvaluationTransaction, Reader
from shared.service import Service
from shared.workdays import WorkCalendar


def make(settings: Settings) -> Service[EvaluationTransaction]:
    """The service, ready to serve."""
    setup = Setup(
        instruments=read_instruments(HERE, *([settings.instruments] if settings.instruments else [])),
        secret=settings.pseudonym_secret.get_secret_value().encode(),
        public_url=settings.public_url.rstrip("/"),
        zone=settings.zone,
        k=threshold(settings.smallest_group),
        keep_days=settings.keep_answers_days,
        surveys_a_quarter=settings.surveys_a_quarter,
        calendar=WorkCalendar(no_mails=settings.no_mails),
    )
    service = Service(
        "evaluation",
        settings,
        transaction=partial(EvaluationTransaction, setup=setup),
        subscriptions=(handlers.hr, handlers.enrolment, handlers.notifications),
        timers=handlers.timers,
        indexes=INDEXES,
        templates=Path(__file__).parent / "templates",
        home="/results",
        clustered=CLUSTERED,
    )
    reader = Reader(service.database)
    survey = pages.SurveyDoors(reader, service.delivery, service.clock, service.pages, setup)
    results = pages.ResultDoors(reader, service.pages, setup)
    service.app.include_router(pages.routes(survey, results, service.guard))
    service.app.include_router(
        reading.routes(reading.TaskDoors(reader, service.delivery, service.pages, setup), service.guard)
    )
    service.background("watch the link keys", partial(key_watch.run, reader))
    service.app.include_router(api.routes(api.Doors(reader, service.delivery, setup), service.guard))
    return service


def main() -> None:
    """Serve until told to stop."""
    make(Settings()).serve()


if __name__ == "__main__":
    main()
