"""What the office reads on its pages: kinds, states and answers in Swedish."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from services.notifications.model import Invitation, Message, Promise, State

KINDS = {
    "offer": "Erbjudande",
    "offer_expired": "Erbjudande har gått ut",
    "offer_withdrawn": "Erbjudande gäller inte längre",
    "approval": "Fråga till chef",
    "invite": "Kalenderinbjudan",
    "update": "Ändrad kalenderinbjudan",
    "cancel": "Avbokning i kalendern",
    "reminder": "Påminnelse",
    "forwarded": "Vidarebefordrat mejl",
    "overview": "Översikt",
    "survey": "Frågeformulär",
}
STATES = {
    State.waiting.value: "väntar på adress",
    State.pending.value: "väntar på rätt tid",
    State.rendered.value: "ska skickas",
    State.leased.value: "på väg",
    State.transmitting.value: "skickas just nu",
    State.sent.value: "skickat",
    State.deferred.value: "försöker igen senare",
    State.failed.value: "gick inte att skicka",
    State.ambiguous.value: "oklart om det kom fram",
    State.superseded.value: "ersatt av ett nyare",
    State.expired.value: "blev för sent",
    State.withdrawn.value: "behövdes inte längre",
}
PROMISES = {Promise.invite: "inbjudan saknas", Promise.offer: "erbjudandet kom inte fram i tid"}
ANSWERS = {"accepted": "ja", "declined": "nej", "tentative": "kanske"}
DEEDS = {"resend": "skickade samma mejl igen", "reinvite": "bjöd in på nytt"}

REFUSED = {
    "not-over": "Mejlet är fortfarande på väg. Vänta tills det är klart.",
    "ended": "Det som står i mejlet gäller inte längre. Det skickas inte igen.",
    "too-late": "Det är för sent för det som står i mejlet.",
    "superseded": "Mejlet stämmer inte längre. Leta efter ett nyare.",
    "suppressed": "Mejl till adressen kommer tillbaka. Rätta den i personalsystemet, eller häv spärren.",
    "left": "Personen har slutat. Inget skickas.",
    "no-letter": "Det finns inget färdigt mejl. Rätta adressen i personalsystemet och bjud in på nytt.",
    "other-address": "Personen har fått en ny adress. Bjud in på nytt i stället.",
    "private": "Länken i mejlet är bara till för den som fick det. Det skickas inte igen.",
    "no-entry": "Personen har ingen kommande träff som inbjudan gäller. Det finns inget att bjuda in till.",
}
RESENT = "Mejlet skickas igen."
LIFTED = "Spärren är hävd. Mejl skickas till adressen igen."
REINVITED = "En ny inbjudan skickas. Den gamla tas bort ur kalendern."
CONFIRM = {
    "resend": (
        "Skicka samma mejl igen?",
        "Precis samma mejl skickas en gång till. Den som redan har det kan få det två gånger.",
        "Ja, skicka igen",
    ),
    "reinvite": (
        "Bjuda in på nytt?",
        "Den gamla inbjudan tas bort ur kalendern och en ny skickas. Gör det om personen saknar träffen i kalendern.",
        "Ja, bjud in på nytt",
    ),
}


def state_of(message: Message) -> str:
    """Where a message is, in words."""
    if message.bounced_at is not None:
        return "kom tillbaka"
    return STATES.get(message.state.value, message.state.value)


def moment(at: datetime, zone: ZoneInfo) -> str:
    """For example: 25 november 2026 kl. 13.00."""
    local = at.astimezone(zone)
    return f"{format_date(local.date(), 'd MMMM y', locale='sv_SE')} kl. {local:%H.%M}"


def happened(message: Message, invitation: Invitation | None) -> list[tuple[datetime, str]]:
    """What has happened to a message, as far as it is known when."""
    found = [(message.created_at, "Meddelandet skapades.")]
    if message.sent_at is not None:
        reply = f" Servern svarade: {message.reply}" if message.reply else ""
        found.append((message.sent_at, f"Mejlservern tog emot mejlet.{reply}"))
    if message.bounced_at is not None:
        found.append((message.bounced_at, "Mejlet kom tillbaka."))
    if invitation and invitation.message_id == message.id and invitation.answer and invitation.answered_at:
        found.append((invitation.answered_at, f"Svar från kalendern: {ANSWERS[invitation.answer]}."))
    return found
