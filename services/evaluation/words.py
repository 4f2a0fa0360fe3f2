"""What evaluation's pages say, in Swedish and English."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from services.evaluation.reports.phrases import REPORTS
from shared.events import LocalisedText

LANGUAGES = ("sv", "en")


class Words:
    """The phrases of the pages in one language, by name."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __getitem__(self, name: str) -> str:
        sv, en = _PHRASES.get(name) or REPORTS[name]
        said = en if self.language == "en" else sv
        return said.replace(" %", "\u00a0%")  # Svenska skrivregler: no line ends before the sign

    def get(self, name: str, otherwise: str) -> str:
        """A phrase, or something else where we have none."""
        return self[name] if name in _PHRASES or name in REPORTS else otherwise

    def text(self, text: LocalisedText) -> str:
        """A text that exists in both languages."""
        return text.in_language(self.language)

    def number(self, value: float) -> str:
        """A number with one decimal, as it is written in the language."""
        written = f"{abs(value):.1f}"
        sign = "−" if value < 0 and float(written) else ""
        return sign + (written if self.language == "en" else written.replace(".", ","))

    def signed(self, value: float) -> str:
        """A change: always with its sign, unless it is nothing."""
        written = self.number(value)
        return f"+{written}" if value > 0 and not written.startswith("0,0") and written != "0.0" else written

    def whole(self, value: int) -> str:
        """A whole number, with a proper minus."""
        return str(value).replace("-", "−")

    def moment(self, moment: datetime, zone: ZoneInfo) -> str:
        """A day with its time, as people say it."""
        local = moment.astimezone(zone)
        if self.language == "en":
            return format_datetime(local, "EEEE d MMMM 'at' HH:mm", locale="en_GB")
        return format_datetime(local, "EEEE d MMMM 'kl.' HH.mm", locale="sv_SE")


def words(language: str) -> Words:
    """The phrases in a language; Swedish where we do not have it."""
    return Words(language if language in LANGUAGES else "sv")


_PHRASES: dict[str, tuple[str, str]] = {
    "header": ("Ledstjärna · utvärdering", "Ledstjärna · evaluation"),
    "other_language": ("In English", "På svenska"),
    # the form
    "form_title": ("Frågor om {title}", "Questions about {title}"),
    "form_T0": ("Innan programmet börjar", "Before the programme begins"),
    "form_T1": ("Efter programmet", "After the programme"),
    "form_P": ("Efter ett av tillfällena", "After one of the sessions"),
    "form_T2": ("Tre månader efter programmet", "Three months after the programme"),
    "form_T3": ("Ett halvår efter programmet", "Half a year after the programme"),
    "form_T4": ("Ett år efter programmet", "A year after the programme"),
    "yes": ("Ja", "Yes"),
    "no": ("Nej", "No"),
    "form_length": (
        "{count} frågor, ungefär {minutes} minuter. Du kan svara till {closes}.",
        "{count} questions, about {minutes} minutes. You can answer until {closes}.",
    ),
    "confidential": ("Dina svar är konfidentiella", "Your answers are confidential"),
    "confidential_why": (
        "Svaren sparas utan ditt namn och utan tid. En nyckel gör att dina svar före och efter programmet kan "
        "jämföras; därför säger vi konfidentiellt och inte anonymt. Resultatet visas först när tiden att svara är "
        "slut, och bara för grupper om minst {k} personer.",
        "The answers are kept without your name and without the time. A key makes it possible to compare your answers "
        "from before and after the programme; that is why we say confidential and not anonymous. The result is shown "
        "only when the time to answer is over, and only for groups of at least {k} people.",
    ),
    "how_to_answer": (
        "Välj hur väl varje påstående stämmer, från 1 till 5. Du kan hoppa över frågor.",
        "Choose how well each statement fits, from 1 to 5. You can skip questions.",
    ),
    "question_of": ("Fråga {number} av {count}", "Question {number} of {count}"),
    "send": ("Skicka svaren", "Send the answers"),
    "send_note": ("När du har skickat kan svaren inte ändras.", "Once sent, the answers cannot be changed."),
    "empty": (
        "Inget är skickat än. Svara på minst en fråga och skicka sedan.",
        "Nothing has been sent yet. Answer at least one question, then send.",
    ),
    "invalid": (
        "Inget är skickat än: ett av svaren gick inte att läsa. Välj bland alternativen och skicka igen.",
        "Nothing has been sent yet: one of the answers could not be read. Choose among the options and send again.",
    ),
    # after it, and instead of it
    "receipt_title": ("Tack, dina svar är mottagna", "Thank you, your answers have arrived"),
    "receipt": (
        "Svaren är konfidentiella: de är sparade utan ditt namn, men så länge mätningarna pågår finns en nyckel som "
        "hör ihop dina svar före och efter. Systemet visar aldrig enskilda svar för någon. Du kan stänga sidan.",
        "The answers are confidential: they are kept without your name, but as long as the measurements go on there is "
        "a key that joins your answers from before and after. The system never shows single answers to anybody. You "
        "can close this page.",
    ),
    "already_answered_title": ("Du har redan svarat", "You have already answered"),
    "already_answered": (
        "Tack. Varje länk kan användas en gång, och dina svar är mottagna. Du behöver inte göra något mer.",
        "Thank you. Each link can be used once, and your answers have arrived. There is nothing more to do.",
    ),
    "closed_title": ("Tiden att svara är slut", "The time to answer is over"),
    "closed": (
        "Den här frågeomgången är stängd. Du behöver inte göra något.",
        "This round of questions has closed. There is nothing you need to do.",
    ),
    "withdrawn_title": ("Du behöver inte svara", "You do not need to answer"),
    "withdrawn": (
        "Du är inte längre med i gruppen som frågorna gäller, så länken används inte mer.",
        "You are no longer in the group that the questions are about, so the link is not in use any more.",
    ),
    "unknown_title": ("Länken går inte att använda", "The link cannot be used"),
    "unknown": (
        "Kontrollera att hela länken från mejlet kom med: den slutar med 22 tecken. Hjälper det inte, svara på mejlet "
        "så hjälper vi dig.",
        "Check that the whole link from the mail is there: it ends with 22 characters. If that does not help, reply to "
        "the mail and we will help you.",
    ),
}
