"""The commands `ledstjarna mail …`: what a mail of each kind looks like, made as the service makes it."""

import email
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from pydantic import ValidationError

from deploy.ctl.asking import give_up
from services.notifications.contents import SurveyMail
from services.notifications.examples import EXAMPLES, WRITTEN, reader
from services.notifications.mails import Mailroom
from services.notifications.settings import MailSettings
from services.notifications.texts import LANGUAGES

SURVEYS = ("T0", "P", "T1", "T2", "T3", "T4", "T0:employees", "T3:employees")

app = typer.Typer(help="Mails: what they look like, what was sent, and how it fared.", no_args_is_help=True)


class PreviewSettings(MailSettings):
    """The settings of the mails, with a sender for those who have set none."""

    sender: str = "Ledarutveckling <ledarutveckling@kommun.example>"
    time_zone: str = "Europe/Stockholm"


@app.command()
def preview(
    kind: Annotated[str | None, typer.Argument(help=f"{', '.join(EXAMPLES)}.", metavar="KIND")] = None,
    language: Annotated[str, typer.Option(help=" or ".join(LANGUAGES) + ".")] = "sv",
    out: Annotated[Path | None, typer.Option(help="Where the .eml goes; else a directory for passing files.")] = None,
    every: Annotated[bool, typer.Option("--all", help="One of every kind.")] = False,
    wave: Annotated[str, typer.Option(help=f"Which survey: {', '.join(SURVEYS)}.")] = "",
) -> None:
    """Write an example of a mail as .eml, which mail programs open, and show what it says.

    Name, sender, colours and signature are those of the environment (LEDSTJARNA_MUNICIPALITY, …), as the service has
    them. Nothing is sent.
    """
    if every == (kind is not None):
        give_up(f"Name one kind of mail, or --all. The kinds are {', '.join(EXAMPLES)}.")
    if kind is not None and kind not in EXAMPLES:
        give_up(f"There is no kind of mail called {kind!r}. The kinds are {', '.join(EXAMPLES)}.")
    if language not in LANGUAGES:
        give_up(f"Mails are not written in {language!r}, but in {' and '.join(LANGUAGES)}.")
    if wave and wave not in SURVEYS:
        give_up(f"There is no survey called {wave!r}. They are {', '.join(SURVEYS)}.")
    room, directory = _mailroom(), out or Path(gettempdir()) / "ledstjarna-mails"
    for name in EXAMPLES if every else [kind]:
        content = example(room, str(name), language, wave)
        file = directory / f"{name}-{language}.eml"
        _write(file, content)
        _show(content, file)


def example(room: Mailroom, kind: str, language: str, survey: str = "") -> bytes:
    """The bytes of the example of one kind; of a survey, of this one."""
    message_id = sha256(f"{kind}|{language}".encode()).hexdigest()[:40]
    contents, (wave, _, of) = EXAMPLES[kind], survey.partition(":")
    if isinstance(contents, SurveyMail) and wave:
        contents = contents.model_copy(update={"wave": wave, "of": of or "managers"})
    return room.render(message_id, contents, reader(language), WRITTEN)


def _mailroom() -> Mailroom:
    try:
        told = PreviewSettings()
        return Mailroom(told.mailbox, ZoneInfo(told.time_zone), told.municipality, told.look)
    except ValidationError as error:
        wrong = "; ".join(
            f"LEDSTJARNA_{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors()
        )
        give_up(f"The settings of the mails do not hold: {wrong}")


def _write(file: Path, content: bytes) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    except OSError as error:
        give_up(f"{file.parent} cannot be used: {error.strerror}; name a directory with --out that can be written.")


def _show(content: bytes, file: Path) -> None:
    parsed = email.message_from_bytes(content, policy=SMTP)
    assert isinstance(parsed, EmailMessage)  # noqa: S101 — what this policy makes
    typer.echo(f"Subject: {str(parsed['Subject']).strip()}\nFrom: {parsed['From']}\nFile: {file}\n")
    for part in parsed.walk():
        match part.get_content_type():
            case "text/plain":
                typer.echo(_text(part))
            case "text/calendar":
                typer.echo(f"--- calendar entry ({part.get_param('method')})\n{_text(part)}")
            case "application/pdf":
                typer.echo(f"--- attached: {part.get_filename()}\n")


def _text(part: EmailMessage) -> str:
    content = part.get_payload(decode=True)
    return content.decode().replace("\r\n", "\n") if isinstance(content, bytes) else ""
