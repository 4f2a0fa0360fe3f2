"""What evaluation's pages say, in Swedish and English."""

from datetime import datetime
from functools import lru_cache
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

    def many(self, name: str, number: int) -> str:
        """So many of something."""
        return self[f"{name}_one"] if number == 1 else self[f"{name}_many"].format(number=number)

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
        return _moment(moment, zone, self.language)


@lru_cache(maxsize=256)
def _moment(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Kept, because everybody in a wave is told the same moment, and to write it takes longer than the receipt."""
    local = moment.astimezone(zone)
    if language == "en":
        return format_datetime(local, "EEEE d MMMM 'at' HH:mm", locale="en_GB")
    return format_datetime(local, "EEEE d MMMM 'kl.' HH.mm", locale="sv_SE")


def words(language: str) -> Words:
    """The phrases in a language; Swedish where we do not have it."""
    return Words(language if language in LANGUAGES else "sv")


_PHRASES: dict[str, tuple[str, str]] = {
    "recommendations": ("Förslag till ändring", "Recommended changes"),
    "header": ("Ledstjärna · utvärdering", "Ledstjärna · evaluation"),
    "other_language": ("In English", "På svenska"),
    # the blind reader
    "task_title": ("Bedöm en text", "Score a text"),
    "task_how": (
        "Texten är skriven av en chef. Du ser inte vem, när eller i vilken grupp, och en text i taget. Välj det högsta "
        "som stämmer. Den första bedömningen gäller.",
        "The text was written by a manager. You do not see who, when or in which group, and one text at a time. Choose "
        "the highest that fits. The first score counts.",
    ),
    "task_left": ("{left} texter väntar.", "{left} texts are waiting."),
    "task_score": ("Vad innehåller texten?", "What does the text hold?"),
    "task_send": ("Spara och visa nästa", "Save and show the next"),
    "task_none": (
        "Just nu finns ingen text att bedöma. Texter kommer när en frågeomgång är stängd.",
        "There is no text to score just now. Texts come when a round has closed.",
    ),
    # the form
    "form_title": ("Frågor om {title}", "Questions about {title}"),
    "form_T0": ("Innan programmet börjar", "Before the programme begins"),
    "form_T1": ("Efter programmet", "After the programme"),
    "form_P": ("Efter en träff", "After a session"),
    "form_T2": ("Tre månader efter programmet", "Three months after the programme"),
    "form_T3": ("Ett halvår efter programmet", "Half a year after the programme"),
    "form_T4": ("Ett år efter programmet", "A year after the programme"),
    "yes": ("Ja", "Yes"),
    "no": ("Nej", "No"),
    "form_employees": ("Om ledarskapet i vardagen", "About leadership in everyday work"),
    "form_title_employees": ("Frågor om din närmaste chef", "Questions about your immediate manager"),
    "about_manager": (
        "Frågorna gäller den som var din närmaste chef när du fick länken. Du svarar för att kommunen ska se om "
        "ledarprogrammen märks i vardagen.",
        "The questions are about whoever was your immediate manager when you got the link. Your answers show the "
        "municipality whether its leadership programmes are noticed in everyday work.",
    ),
    "question_one": ("1 fråga", "1 question"),
    "question_many": ("{number} frågor", "{number} questions"),
    "minute_one": ("1 minut", "1 minute"),
    "minute_many": ("{number} minuter", "{number} minutes"),
    "form_length": (
        "{questions}, ungefär {time}. Du kan svara till {closes}.",
        "{questions}, about {time}. You can answer until {closes}.",
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
    "anonymous": ("Dina svar är anonyma", "Your answers are anonymous"),
    "anonymous_why": (
        "Vi sparar att du har svarat, så att länken inte kan användas igen, men inget som visar vilka svar som är "
        "dina. Det finns ingen nyckel mellan dig och svaren. Resultatet visas först när tiden att svara är slut, och "
        "bara för grupper om minst {k} personer.",
        "We keep that you have answered, so that the link cannot be used again, but nothing that shows which answers "
        "are yours. There is no key between you and the answers. The result is shown only when the time to answer is "
        "over, and only for groups of at least {k} people.",
    ),
    "how_to_answer": (
        "Välj det svar som stämmer bäst. Du kan hoppa över frågor.",
        "Choose the answer that fits best. You can skip questions.",
    ),
    "choose": ("Välj antal", "Choose a number"),
    "no_names": (
        "Skriv inte namn eller sådant som pekar ut någon.",
        "Do not write names or anything that points someone out.",
    ),
    "at_most": ("Högst 2\N{NO-BREAK SPACE}000 tecken.", "At most 2,000 characters."),
    "left": ("{n} tecken kvar av 2\N{NO-BREAK SPACE}000.", "{n} characters left of 2,000."),
    "draft": (
        "Det du fyller i sparas bara i den här webbläsaren, så att du kan fortsätta senare. Vi får inget förrän du "
        "skickar, och då tas det bort här.",
        "What you fill in is kept in this browser only, so that you can go on later. We get nothing until you send, "
        "and then it is removed here.",
    ),
    "shared": (
        "Jag använder en delad dator: spara inget i webbläsaren",
        "I use a shared computer: keep nothing in the browser",
    ),
    "restored": ("Det du hade fyllt i är tillbaka.", "What you had filled in is back."),
    "answered_of": ("{answered} av {count} besvarade", "{answered} of {count} answered"),
    "check": ("Vad är kvar?", "What is left?"),
    "unanswered": (
        "Inget är skickat än. Du kan hoppa över frågor; de här har inget svar:",
        "Nothing has been sent yet. You can skip questions; these have no answer:",
    ),
    "all_answered": (
        "Alla frågor har ett svar. Inget är skickat än.",
        "Every question has an answer. Nothing has been sent yet.",
    ),
    "to_send": ("Till knappen som skickar", "To the button that sends"),
    "question": ("Fråga {number}", "Question {number}"),
    "fault": ("Fel", "Error"),
    "errors": ("Inget är skickat än", "Nothing has been sent yet"),
    "not_offered": ("Välj ett av alternativen.", "Choose one of the options."),
    "too_long": (
        "Texten är för lång. Korta den till högst 2\N{NO-BREAK SPACE}000 tecken.",
        "The text is too long. Shorten it to at most 2,000 characters.",
    ),
    "question_of": ("Fråga {number} av {count}", "Question {number} of {count}"),
    "send": ("Skicka svaren", "Send the answers"),
    "send_note": ("När du har skickat kan svaren inte ändras.", "Once sent, the answers cannot be changed."),
    "empty": (
        "Svara på minst en fråga och skicka sedan.",
        "Answer at least one question, then send.",
    ),
    "invalid": (
        "Rätta det som står här och skicka igen. Resten av det du fyllt i är kvar.",
        "Correct what is listed here and send again. The rest of what you filled in is still there.",
    ),
    # after it, and instead of it
    "receipt_title": ("Tack, dina svar är mottagna", "Thank you, your answers have arrived"),
    "receipt_confidential": (
        "Svaren är konfidentiella: de är sparade utan ditt namn, men så länge mätningarna pågår finns en nyckel som "
        "hör ihop dina svar före och efter. Du behöver inte göra något mer och kan stänga sidan.",
        "The answers are confidential: they are kept without your name, but as long as the measurements go on there is "
        "a key that joins your answers from before and after. There is nothing more to do: you can close this page.",
    ),
    "receipt_anonymous": (
        "Svaren är anonyma: de är sparade utan ditt namn och utan tid, och det finns ingen nyckel mellan dig och dem. "
        "Vi vet att du har svarat, men inte vad. Du behöver inte göra något mer och kan stänga sidan.",
        "The answers are anonymous: they are kept without your name and without the time, and there is no key between "
        "you and them. We know that you have answered, but not what. There is nothing more to do: you can close this "
        "page.",
    ),
    "receipt_results_title": ("När kommer resultatet?", "When does the result come?"),
    "receipt_results_T0": (
        "Tillsammans med svaren efter programmet, så att före och efter kan jämföras. Frågar vi inget efteråt kommer "
        "det när tiden att svara är slut.",
        "Together with the answers after the programme, so that before and after can be compared. If nothing is asked "
        "afterwards, it comes when the time to answer is over.",
    ),
    "receipt_results": (
        "Tidigast {closes}, när tiden att svara är slut. Till dess visas det inte för någon.",
        "At the earliest {closes}, when the time to answer is over. Until then it is shown to nobody.",
    ),
    "receipt_never_title": ("Vem får se mina svar?", "Who will see my answers?"),
    "receipt_never": (
        "Systemet visar aldrig enskilda svar, varken för din chef, för dem som ordnar programmet eller för dina "
        "kollegor. En siffra visas bara om den vilar på minst {k} personer.",
        "The system never shows single answers: not to your manager, nor to those who run the programme, nor to your "
        "colleagues. A figure is shown only if it rests on at least {k} people.",
    ),
    "receipt_words_title": ("Och det jag har skrivit med egna ord?", "And what I have written in my own words?"),
    "receipt_text": (
        "Det är sparat för sig, skilt från dina andra svar. Någon läser det, utan att se vem som har skrivit, innan "
        "något av det kan visas.",
        "It is kept by itself, apart from your other answers. Somebody reads it, without seeing who wrote it, before "
        "any of it can be shown.",
    ),
    "receipt_task": (
        "Uppgiften bedöms av någon som inte ser vem som har skrivit, när eller i vilken grupp, och visas inte för "
        "andra.",
        "The task is scored by somebody who does not see who wrote it, when or in which group, and it is shown to "
        "nobody else.",
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
