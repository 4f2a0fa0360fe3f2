"""Reading the form on a page as a browser does: what can be answered, and where the answer goes."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """A form that posts: the choices of each named field, and what goes along unseen."""

    action: str = ""
    choices: dict[str, list[str]] = field(default_factory=dict)
    hidden: dict[str, str] = field(default_factory=dict)


def find_form(html: str) -> Form | None:
    """The first form on the page that posts, if there is one."""
    reader = _FormReader()
    reader.feed(html)
    return reader.found


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: Form | None = None
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and self.found is None and values.get("method", "").lower() == "post":
            self.found, self._inside = Form(values.get("action", "")), True
        elif self._inside and tag in ("input", "button") and self.found and values.get("name"):
            self._field(self.found, tag, values)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False

    def _field(self, form: Form, tag: str, values: dict[str, str]) -> None:
        kind = values.get("type", "submit" if tag == "button" else "text").lower()
        if kind == "hidden":
            form.hidden[values["name"]] = values.get("value", "")
        elif kind in ("radio", "submit"):
            form.choices.setdefault(values["name"], []).append(values.get("value", "on"))
