"""Why a message ended as it did, in both languages."""

from shared.events import LocalisedText, Reason


def _reason(code: str, sv: str, en: str) -> Reason:
    return Reason(code=code, text=LocalisedText(sv=sv, en=en))


LEFT_EMPLOYMENT = "LeftEmployment"
"""Enrolment's word for why a place has ended with an employment."""
LEFT = _reason("left", "Personen har slutat.", "The person has left.")
TOO_LATE = _reason("too_late", "Det blev för sent att skicka mejlet.", "It became too late to send the mail.")
ADDRESS = _reason(
    "address",
    "Adressen kan inte användas av någon mejlserver. Rätta den i personalsystemet.",
    "No mail server can take the address. Correct it in the HR system.",
)
UNCLEAR = _reason(
    "unclear",
    "Mejlservern svarade två gånger inte på om den tog emot mejlet.",
    "Twice the mail server did not say whether it took the mail.",
)
SUPERSEDED = _reason(
    "superseded", "Ett nyare mejl om samma sak ersätter det.", "A newer mail about the same thing replaces it."
)
TOLD_TOGETHER = _reason(
    "told_together", "Det står i ett mejl tillsammans med annat.", "It is told in one mail together with other news."
)
NO_LONGER_TRUE = _reason("no_longer_true", "Det gäller inte längre.", "It is no longer true.")
NO_INVITE = _reason(
    "no_invite",
    "Personen har ingen aktuell inbjudan till träffen.",
    "The person has no current invite to the session.",
)
NO_OFFER = _reason(
    "no_offer",
    "Det finns inget mejl om erbjudandet. Hör av dig till personen.",
    "There is no mail about the offer. Get in touch with the person.",
)
LATE_OFFER = _reason(
    "late_offer",
    "Erbjudandet skickades när mer än halva svarstiden hade gått.",
    "The offer was sent when more than half the time to answer had gone.",
)
NO_LETTER = _reason("no_letter", "Mejlets innehåll saknas.", "The content of the mail is missing.")
NO_CONTACT = _reason(
    "no_contact",
    "Adressen är inte känd. Lägg in den i personalsystemet.",
    "The address is not known. Enter it in the HR system.",
)
ON_ITS_WAY = _reason(
    "on_its_way",
    "Mejlservern har inte tagit emot mejlet ännu. Vi fortsätter att försöka.",
    "The mail server has not taken the mail yet. We go on trying.",
)


SUPPRESSED = _reason(
    "suppressed",
    "Adressen finns inte: ett tidigare mejl dit kom tillbaka. Rätta den i personalsystemet.",
    "There is no such address: an earlier mail to it came back. Correct it in the HR system.",
)


def bounced(status: str, *, hard: bool) -> Reason:
    """It came back after our own mail server had taken it."""
    if hard:
        return _reason(
            "no_mailbox",
            f"Mejlet kom tillbaka: adressen finns inte ({status}). Rätta den i personalsystemet.",
            f"The mail came back: there is no such address ({status}). Correct it in the HR system.",
        )
    said = f" ({status})" if status else ""
    return _reason(
        "bounced",
        f"Mejlet kom tillbaka: mottagarens mejlserver kunde inte lämna det{said}.",
        f"The mail came back: the recipient's mail server could not deliver it{said}.",
    )


def refused(reply: str) -> Reason:
    """The mail server has refused it for good."""
    return _reason(
        "refused", f"Mejlservern tog inte emot mejlet: {reply}", f"The mail server refused the mail: {reply}"
    )
