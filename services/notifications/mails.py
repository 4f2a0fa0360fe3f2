"""Mails as finished bytes: what is to be said, put into words, calendar entry and MIME for one person."""

from datetime import datetime
from email.headerregistry import Address
from email.utils import getaddresses
from zoneinfo import ZoneInfo

from services.notifications.contents import CalendarMail, CompletedMail, Contents
from services.notifications.invites import Entry, Mailbox, calendar
from services.notifications.look import DEFAULT_LOOK, Look
from services.notifications.mime import Attachment, Calendar, body, head, mailable, one_line
from services.notifications.model import Card
from services.notifications.signing import Signer
from services.notifications.texts import Text, Texts
from services.notifications.zones import vtimezone
from shared.pdf import as_pdf


class Mailroom:
    """Makes mails. The same input gives the same bytes; neither clock nor chance has a part in it."""

    def __init__(
        self,
        sender: Mailbox,
        zone: ZoneInfo,
        municipality: str,
        look: Look = DEFAULT_LOOK,
        signer: Signer | None = None,
    ) -> None:
        vtimezone(zone)  # a zone that cannot be written is noticed at start
        self.sender = sender
        self._zone = zone
        self._signer = signer
        self._texts = Texts(zone, municipality, look)

    def render(self, message_id: str, contents: Contents, card: Card, date: datetime) -> bytes:
        """The bytes of one mail. `message_id` becomes Message-ID and boundary, `date` the Date header.

        Raises:
            ValueError: the person's address cannot be written to.
            NoPangoError: a diploma goes with it, and this machine cannot make one.
        """
        to = Mailbox(one_line(card.name), self.address_of(card))
        text = self.words(contents, card)
        entry = self._calendar(contents, card.language, to) if isinstance(contents, CalendarMail) else None
        fields = {
            "Message-ID": f"<{message_id}@{self.sender.domain}>",
            "Content-Language": card.language if card.language == "en" else "sv",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "OOF, AutoReply",
            "X-Ledstjarna-Kind": contents.kind,
            "X-Ledstjarna-Message": message_id,
        }
        attached = self._diploma(contents, card) if isinstance(contents, CompletedMail) else None
        said = body(text.plain, text.html, entry, message_id, attached)
        mail = head(self.sender, to, text.subject, date, fields) + said
        return self._signer.sign(mail) if self._signer else mail

    def address_of(self, card: Card) -> str:
        """Her address as it stands in the envelope.

        Raises:
            ValueError: no mail server could take it.
        """
        address = mailable(card.email)
        if address is None:
            raise ValueError("no mail server can take the address: correct it in the HR system")
        return address

    def words(self, contents: Contents, card: Card) -> Text:
        """Subject, text and page of one mail."""
        is_silent = isinstance(contents, CalendarMail) and contents.silent
        template = "silent" if is_silent else contents.kind
        return self._texts.render(template, card.language, card=card, mail=contents, sender=self.sender)

    def _diploma(self, mail: CompletedMail, card: Card) -> Attachment:
        page = self._texts.page("diploma", card.language, card=card, mail=mail, sender=self.sender)
        return Attachment("diploma.pdf" if card.language == "en" else "intyg.pdf", "application/pdf", as_pdf(page))

    def _calendar(self, mail: CalendarMail, language: str, to: Mailbox) -> Calendar:
        entry = Entry(
            method="CANCEL" if mail.kind == "cancel" else "REQUEST",
            uid=mail.uid,
            sequence=mail.sequence,
            stamped_at=mail.stamped_at,
            starts_at=mail.appointment.starts_at,
            ends_at=mail.appointment.ends_at,
            summary=summary(mail, language),
            location=one_line(mail.appointment.location),
            description=one_line(mail.appointment.programme.in_language(language)),
            organizer=self.sender,
            attendee=to,
            answer_wanted=mail.answer_wanted,
            answer=mail.answer,
        )
        return Calendar(entry.method, calendar(entry, self._zone))


def summary(mail: CalendarMail, language: str) -> str:
    """The one line by which a session is known in a calendar: programme and session."""
    meeting = mail.appointment
    return one_line(f"{meeting.programme.in_language(language)}: {meeting.title.in_language(language)}")


def mailbox(text: str) -> Mailbox:
    """The mailbox written as `Name <name@domain>`, to be the sender of everything.

    Raises:
        ValueError: it is not one, or it has a `+`, which Outlook drops when somebody answers an invitation.
    """
    found = getaddresses([text])
    name, address = found[0] if len(found) == 1 else ("", "")
    if not mailable(address) or "+" in address:
        raise ValueError(f"{text!r} cannot be the sender: write it as 'Name <name@domain>', without a + in it")
    Address(display_name=name, addr_spec=address)
    return Mailbox(name, address)
