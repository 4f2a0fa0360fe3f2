"""What mails say: templates with English text, and Swedish by catalogue, made into a subject, a text and a page."""

import gettext
import io
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.notifications.look import Look
from shared.events import LocalisedText

ROOM = Path(__file__).parent
LANGUAGES = {"sv": "sv_SE", "en": "en_GB"}
COLUMNS = 76


@dataclass(frozen=True, slots=True)
class Text:
    """A mail's words: what stands in the list of mails, and the same facts as text and as a page."""

    subject: str
    plain: str
    html: str


class Texts:
    """The words of every kind of mail in every language, with times by the municipality's wall clock."""

    def __init__(self, zone: ZoneInfo, municipality: str, look: Look) -> None:
        self._rooms = {language: _environment(language, zone, municipality, look) for language in LANGUAGES}

    def render(self, kind: str, language: str, **values: Any) -> Text:
        """The words of one mail; Swedish where we do not write the language.

        What the text template sets at its top (`subject`, `lead`) is said by the page in the same words.
        """
        room = self._rooms.get(language) or self._rooms["sv"]
        plain = room.get_template(f"{kind}.txt").make_module(values)
        said = {name: str(value).strip() for name, value in vars(plain).items() if not name.startswith("_")}
        html = room.get_template(f"{kind}.html").render(values, **said)
        return Text(said["subject"], _tidy(str(plain)), html)


class _Styled(FileSystemLoader):
    """Templates whose elements carry their styles themselves, since many mail programs read no style sheet.

    That is done when a template is loaded, not for each mail. So a rule of the style sheet must hold for an element by
    its own name and classes, whatever template it ends up in.
    """

    def __init__(self, look: Look) -> None:
        super().__init__(ROOM / "templates")
        sheet, _, _ = super().get_source(Environment(), "mail.css")  # noqa: S701 — only colours go in
        self._sheet = Environment(undefined=StrictUndefined).from_string(sheet).render(look.model_dump())  # noqa: S701
        self._inliner = CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False)

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """One template's source."""
        source, file, is_fresh = super().get_source(environment, template)
        if "<html" in source:
            source = self._inliner.inline(source.replace("</head>", f"<style>{self._sheet}</style></head>"))
        elif template.endswith(".html"):
            source = self._inliner.inline_fragment(source, self._sheet)
        return source, file, is_fresh


def _environment(language: str, zone: ZoneInfo, municipality: str, look: Look) -> Environment:
    room = Environment(
        loader=_Styled(look),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    room.install_gettext_translations(_catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    room.policies["ext.i18n.trimmed"] = True
    room.globals |= {"municipality": municipality, "language": language, "look": look}
    said: dict[str, Callable[..., str]] = {
        "said": partial(_said, language),
        "day": lambda moment: _day(moment.astimezone(zone), language),
        "moment": lambda moment: _moment(moment.astimezone(zone), language),
        "span": lambda meeting: _span(meeting.starts_at.astimezone(zone), meeting.ends_at.astimezone(zone), language),
        "wrap": _wrap,
        "bullet": partial(_wrap, indent="  "),
    }
    room.filters |= said
    return room


def _catalogue(language: str) -> gettext.NullTranslations:
    """The translations, compiled in memory; the templates' own English where there is no catalogue."""
    file = ROOM / "locale" / language / "LC_MESSAGES" / "mails.po"
    if not file.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _said(language: str, text: LocalisedText) -> str:
    return " ".join(text.in_language(language).split())


@lru_cache(maxsize=4096)
def _day(local: datetime, language: str) -> str:
    """For example: onsdag 25 november 2026."""
    return format_date(local.date(), "EEEE d MMMM y", locale=LANGUAGES[language])


def _time(local: datetime, language: str) -> str:
    return f"{local:%H:%M}" if language == "en" else f"{local:%H.%M}"


def _moment(local: datetime, language: str) -> str:
    """For example: onsdag 25 november 2026 kl. 13.00."""
    at = " at " if language == "en" else " kl. "
    return _day(local, language) + at + _time(local, language)


@lru_cache(maxsize=4096)
def _span(starts: datetime, ends: datetime, language: str) -> str:
    """For example: onsdag 25 november 2026 kl. 13.00–15.00."""
    if starts.date() != ends.date():
        return f"{_moment(starts, language)} – {_moment(ends, language)}"
    at = ", " if language == "en" else " kl. "
    return f"{_day(starts, language)}{at}{_time(starts, language)}–{_time(ends, language)}"


@lru_cache(maxsize=4096)
def _wrap(text: str, indent: str = "") -> str:
    line = " ".join(text.split())
    if len(line) <= COLUMNS:
        return line
    return textwrap.fill(line, COLUMNS, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _tidy(text: str) -> str:
    """At most one empty line between paragraphs, none at the start, one line break at the end."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines).strip("\n") + "\n"
