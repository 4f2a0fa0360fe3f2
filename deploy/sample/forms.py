"""Reading the form on a page as a browser does: what can be answered, and where the answer goes."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """A form that posts: the choices of each named field, those for own words, and what goes along unseen."""

    action: str = ""
    choices: dict[str, list[str]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    hidden: dict[str, str] = field(default_factory=dict)
    heading: str = ""
    """The page's, above it."""


def find_form(html: str) -> Form | None:
    """The first form on the page that posts, if there is one."""
    reader = _FormReader()
    reader.feed(html)
    if reader.found is not None:
        reader.found.heading = " ".join(reader.heading.split())
    return reader.found


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: Form | None = None
        self.heading = ""
        self._inside = False
        self._in_heading = False
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._in_heading = self._in_heading or tag == "h1"
        if tag == "form" and self.found is None and values.get("method", "").lower() == "post":
            self.found, self._inside = Form(values.get("action", "")), True
        elif self._inside and self.found:
            self._element(self.found, tag, values)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "h1":
            self._in_heading = False

    def handle_data(self, data: str) -> None:
        if self._in_heading:
            self.heading += data

    def _element(self, form: Form, tag: str, values: dict[str, str]) -> None:
        if tag == "option":
            form.choices.setdefault(self._select, []).append(values.get("value", ""))
        elif tag == "select":
            self._select = values.get("name", "")
        elif tag == "textarea":
            form.texts.append(values.get("name", ""))
        elif tag in ("input", "button") and values.get("name"):
            self._field(form, tag, values)

    def _field(self, form: Form, tag: str, values: dict[str, str]) -> None:
        kind = values.get("type", "submit" if tag == "button" else "text").lower()
        if kind == "hidden":
            form.hidden[values["name"]] = values.get("value", "")
        elif kind in ("radio", "submit"):
            form.choices.setdefault(values["name"], []).append(values.get("value", "on"))
        elif kind == "number":
            numbers = range(int(values.get("min", "0")), int(values.get("max", "10")) + 1)
            form.choices[values["name"]] = [str(number) for number in numbers]
