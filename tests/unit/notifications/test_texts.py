"""What mails say: the same facts as text and as a page, in the reader's language, readable by everybody."""

import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from services.notifications.mails import Mailroom
from services.notifications.texts import ROOM, Text
from shared.events import LocalisedText
from tests.unit.notifications.samples import LINK, MAILROOM, MAILS, SENDER, STOCKHOLM, appointment, calendar_mail, card

EACH = pytest.mark.parametrize(("kind", "language"), [(kind, language) for kind in MAILS for language in ("sv", "en")])
MOMENTS = {
    "sv": re.compile(r"\b[a-zö]+dag \d+ [a-z]+ \d{4}(?: kl\. \d\d\.\d\d(?:–\d\d\.\d\d)?)?"),
    "en": re.compile(r"\b[A-Z][a-z]+day \d+ [A-Z][a-z]+ \d{4}(?:(?: at|,) \d\d:\d\d(?:–\d\d:\d\d)?)?"),
}
"""Days as people write them, with the time if there is one."""

ANY_DATE = re.compile(r"\b\d{4}\b|\d\d[.:]\d\d|\d{1,2}/\d{1,2}")
SWEDISH = re.compile(r"\b(och|är|du|programmet|träffen|svara)\b", re.IGNORECASE)
ENGLISH = re.compile(r"\b(and|is|you|the|session|answer)\b", re.IGNORECASE)


class Page(HTMLParser):
    """A page as somebody hears it read out: its words, its links, its structure."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.links: dict[str, str] = {}
        self.attributes: dict[str, dict[str, str | None]] = {}
        self._skipped, self._link = 0, ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes[tag] = dict(attrs)
        self._skipped += tag in ("style", "title")
        self._link = (dict(attrs).get("href") or "") if tag == "a" else self._link

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= tag in ("style", "title")
        self._link = "" if tag == "a" else self._link

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.words += data.split()
            if self._link:
                self.links[self._link] = data

    @property
    def text(self) -> str:
        return " ".join(self.words)


def words(kind: str, language: str = "sv") -> Text:
    return MAILROOM.words(MAILS[kind], card(language))


def places_in(facts: object) -> set[str]:
    """Every place that a mail has to tell."""
    if isinstance(facts, dict):
        own = {str(facts["location"])} if facts.get("location") else set()
        return own.union(*map(places_in, facts.values()))
    return set().union(*map(places_in, facts)) if isinstance(facts, tuple | list) else set()


def sentences(text: str) -> set[str]:
    """What a text says, one by one, without its lines, bullets and addresses."""
    lines = (line.removeprefix("- ").strip() for line in text.replace(":\n", ":\n\n").splitlines())
    blocks = "\n".join(line for line in lines if "http" not in line).split("\n\n")
    return {one for block in blocks for one in re.split(r"(?<=[.!?]) ", " ".join(block.split())) if one}


@EACH
def test_page_says_everything_that_the_text_says(kind: str, language: str) -> None:
    said = words(kind, language)
    heard = Page(said.html).text
    told = sentences(said.plain) - {"Svara på erbjudandet här:", "Svara på enkäten här:", "Svara på frågan här:"}
    told -= {"Answer the offer here:", "Answer the survey here:", "Answer the question here:"}
    missing = [one for one in told if one not in heard]
    assert missing == []


@EACH
def test_text_says_every_fact_of_the_page(kind: str, language: str) -> None:
    said = words(kind, language)
    text, heard = " ".join(said.plain.split()), Page(said.html)
    assert Counter(MOMENTS[language].findall(text)) == Counter(MOMENTS[language].findall(heard.text))
    for place in places_in(MAILS[kind].model_dump()):
        assert (place in text, place in heard.text) == (True, True)
    assert [line for line in said.plain.splitlines() if "http" in line] == list(heard.links)


@EACH
def test_moments_are_written_as_people_write_them(kind: str, language: str) -> None:
    text = " ".join(word for word in words(kind, language).plain.split() if "http" not in word)
    assert ANY_DATE.findall(MOMENTS[language].sub("", text)) == []


@EACH
def test_text_is_narrow_except_for_links_alone_on_their_line(kind: str, language: str) -> None:
    for line in words(kind, language).plain.splitlines():
        assert len(line) < 78 or line.startswith("https://")


@EACH
def test_mail_is_in_one_language_and_says_which(kind: str, language: str) -> None:
    said = words(kind, language)
    foreign = ENGLISH if language == "sv" else SWEDISH
    assert foreign.findall(said.subject + said.plain + Page(said.html).text) == []
    assert Page(said.html).attributes["html"] == {"lang": language, "dir": "ltr"}


@EACH
def test_page_has_one_heading_a_title_and_no_pictures_or_scripts(kind: str, language: str) -> None:
    said = words(kind, language)
    page = Page(said.html)
    assert (page.tags.count("h1"), page.tags.count("title")) == (1, 1)
    assert not {"img", "script", "link", "iframe", "form"} & set(page.tags)
    assert page.attributes["table"]["role"] == "presentation"


@EACH
def test_sentences_are_kept_apart(kind: str, language: str) -> None:
    assert re.findall(r"[a-zåäö][.!?][A-ZÅÄÖ]", Page(words(kind, language).html).text) == []


@pytest.mark.parametrize(
    ("kind", "says"),
    [("offer", "Svara på erbjudandet"), ("survey", "Svara på enkäten"), ("approval", "Svara på frågan")],
)
def test_link_says_what_happens(kind: str, says: str) -> None:
    assert list(Page(words(kind).html).links.values()) == [says]


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("offer", "Erbjudande om plats: Ny som chef. Svara senast tisdag 8 september 2026"),
        ("offer_expired", "Erbjudandet har gått ut: Ny som chef"),
        ("offer_withdrawn", "Erbjudandet gäller inte längre: Ny som chef"),
        ("approval", "Kan Eva Lind delta i Ny som chef? Svara senast tisdag 8 september 2026"),
        ("invite", "Inbjudan: Ny som chef: Uppdraget och målen"),
        ("update", "Ändrad: Ny som chef: Uppdraget och målen"),
        ("cancel", "Inställt: Ny som chef: Uppdraget och målen"),
        ("reminder", "Påminnelse: Ny som chef: Uppdraget och målen"),
        ("survey", "Enkät: Ny som chef. Svara senast tisdag 24 november 2026"),
    ],
)
def test_subject_says_what_it_is_about(kind: str, subject: str) -> None:
    assert words(kind).subject == subject


def test_text_of_an_invitation_reads_like_this() -> None:
    assert words("invite").plain == (
        "Hej Åsa!\n\n"
        "Välkommen till träffen ”Uppdraget och målen” i programmet Ny som chef.\n\n"
        "Tid:\nonsdag 25 november 2026 kl. 13.00–15.00\n\n"
        "Plats:\nStadshuset, sal A\n\n"
        "Träffen läggs in i din kalender. Om tiden eller platsen ändras uppdaterar vi\n"
        "samma kalenderpost. Kan du inte komma? Svara på det här mejlet och berätta\n"
        "det för oss.\n\n"
        "Har du frågor? Svara på det här mejlet, så hjälper vi dig.\n\n"
        "Ledarutveckling\nStorköpings kommun\n"
    )


@pytest.mark.parametrize(
    ("cause", "says"),
    [
        ("session", "är inställd."),
        ("cohort", "Din grupp i programmet Ny som chef är inställd."),
        ("place", "Du har inte längre en plats i den här gruppen"),
    ],
)
def test_cancellation_tells_an_empty_room_from_a_lost_place(cause: str, says: str) -> None:
    said = MAILROOM.words(calendar_mail(kind="cancel", cause=cause), card())
    assert says in said.plain
    assert said.subject.startswith("Din plats är avbokad" if cause == "place" else "Inställt")


def test_question_about_somebody_whom_we_do_not_know_yet_names_nobody() -> None:
    question = MAILS["approval"].model_copy(update={"person": None})
    said = MAILROOM.words(question, card())
    assert said.subject.startswith("Kan en av dina medarbetare delta i Ny som chef?")
    assert "En av dina medarbetare står i kö" in said.plain


def test_change_of_the_title_alone_is_told_as_such() -> None:
    renamed = appointment(title=LocalisedText(sv="Målen", en="Goals"))
    said = MAILROOM.words(calendar_mail(kind="update", appointment=renamed, before=appointment()), card())
    assert "har ändrats" in said.plain
    assert "Tidigare tid:" not in said.plain


def test_what_people_wrote_is_never_markup() -> None:
    nasty = LocalisedText(sv='<b onclick="x">Mål</b>', en="x")
    said = MAILROOM.words(calendar_mail(appointment=appointment(title=nasty, location="<script>")), card())
    assert "<script>" not in said.html
    assert "<b " not in said.html
    assert '<b onclick="x">Mål</b>' in said.plain


def test_language_that_we_do_not_write_gets_swedish() -> None:
    assert MAILROOM.words(MAILS["offer"], card("fi")) == words("offer", "sv")


def test_meeting_over_midnight_names_both_days() -> None:
    late = Mailroom(SENDER, STOCKHOLM, "Storköpings kommun").words(
        calendar_mail(appointment=appointment(appointment().starts_at.replace(hour=22))), card()
    )
    assert "onsdag 25 november 2026 kl. 23.00 – torsdag 26 november 2026 kl. 01.00" in " ".join(late.plain.split())


def test_every_word_of_the_templates_has_its_swedish() -> None:
    options = {"**": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}
    methods = [("**.txt", "jinja2"), ("**.html", "jinja2")]
    used = {message for _, _, message, _, _ in extract_from_dir(ROOM / "templates", methods, options)}
    with (ROOM / "locale/sv/LC_MESSAGES/mails.po").open("rb") as file:
        translated = {message.id: message.string for message in read_po(file) if message.id}
    assert set(translated) == used
    assert all(translated.values())


def test_link_is_on_its_own_line() -> None:
    assert LINK in words("offer").plain.splitlines()
