"""Where notifications is put together. Start it with `python -m services.notifications.app`."""

from pathlib import Path
from uuid import uuid4

from services.notifications import handlers, pages
from services.notifications.api import Doors, routes
from services.notifications.inbound import Inbox, LmtpDoor, Mailbox, MailboxDoor
from services.notifications.mailer import DATA_SECONDS, Connection
from services.notifications.mails import Mailroom
from services.notifications.migrations import MIGRATIONS
from services.notifications.records import Records
from services.notifications.sender import LEASE, Sender
from services.notifications.settings import Settings
from services.notifications.store import INDEXES, MailQueue, NotificationsTransaction
from services.notifications.tracing import MailStory
from services.notifications.watch import Watch
from shared.documents import Unit
from shared.service import Service


def make(settings: Settings) -> Service[NotificationsTransaction]:
    """The service with all its parts."""
    mailroom = Mailroom(
        settings.mailbox, settings.zone, settings.municipality, look=settings.look, signer=settings.signer
    )

    def transaction(unit: Unit) -> NotificationsTransaction:
        return NotificationsTransaction(unit, mailroom=mailroom, calm=settings.calm, wake=sender.wake)

    service = Service(
        "notifications",
        settings,
        transaction=transaction,
        subscriptions=(handlers.hr, handlers.enrolment, handlers.evaluation),
        timers=handlers.timers,
        indexes=INDEXES,
        migrations=MIGRATIONS,
        templates=Path(__file__).parent / "templates",
        home="/messages",
    )
    queue = MailQueue(service.database, uuid4().hex, LEASE)
    token = settings.token
    connections = [
        Connection(settings.relay, settings.mailbox.address, DATA_SECONDS, settings.bounce_domain, token)
        for _ in range(settings.smtp_connections)
    ]
    sender = Sender(queue, connections, service.delivery, service.clock, settings.shortest_pause, pace=settings.pace)
    service.background("send mails", sender.run)
    service.busy_while(queue.count_due)
    _open_doors(service, settings)
    records = Records(service.database)
    service.background("look after promises", Watch(records, service.delivery, service.clock).run)
    service.trace.also(MailStory(records).tell)
    doors = Doors(records, service.delivery)
    office = pages.OfficePages(doors, service.pages, service.links, settings.zone)
    service.app.include_router(routes(doors, service.guard))
    service.app.include_router(pages.routes(office, service.guard))
    return service


def _open_doors(service: Service[NotificationsTransaction], settings: Settings) -> None:
    """Let mail come in where it is to."""
    if settings.reception is None:
        return
    inbox = Inbox(service.delivery, settings.reception)
    if settings.lmtp_address:
        service.background("listen for mail", LmtpDoor(inbox, *settings.lmtp_address).run)
    if settings.imap_url:
        service.background("empty the mailbox", MailboxDoor(inbox, Mailbox.at(settings.imap_url)).run)


def main() -> None:
    """Run the service."""
    make(Settings()).serve()


if __name__ == "__main__":
    main()
