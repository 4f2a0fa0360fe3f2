"""The commands `ledstjarna mail list`, `show`, `resend`, `reinvite`, `promises`, `suppressed`: how mails fared."""

from typing import Annotated, Final

import typer

from deploy.ctl.asking import RunDir
from deploy.ctl.office.asking import WHEN, AsJson, Office, View, as_json, ask, moment_of
from deploy.ctl.office.showing import say, stamp, table, time, type_next, why

MOST: Final = 500
"""How many messages are listed; more are no list that anybody reads."""

Id = Annotated[str, typer.Argument(help="The message, as `ledstjarna mail list` shows it.", metavar="MESSAGE")]


def add_to(app: typer.Typer) -> None:
    """Let `app` know these commands."""
    app.command("list")(list_mails)
    app.command("show")(show)
    app.command("resend")(resend)
    app.command("reinvite")(reinvite)
    app.command("promises")(promises)
    app.command("suppressed")(suppressed)


def list_mails(
    *,
    person: Annotated[str | None, typer.Option(help="Only those to her.", metavar="EMPLOYEE")] = None,
    kind: Annotated[str | None, typer.Option(help="Only of this kind, such as invite.")] = None,
    state: Annotated[str | None, typer.Option(help="Only in this state, such as failed.")] = None,
    change: Annotated[str | None, typer.Option(help="Only what this change led to.", metavar="CHANGE")] = None,
    since: Annotated[str | None, typer.Option(help=f"Only from then on: {WHEN}.")] = None,
    json: AsJson = False,
    run_dir: RunDir = None,
) -> None:
    """Mails, and how they fared."""
    wanted = {"employee_id": person, "kind": kind, "state": state, "change_id": change, "since": moment_of(since)}
    asked = {name: value for name, value in wanted.items() if value}

    async def look(office: Office) -> View:
        return dict(await office.get("messages", limit=MOST, **asked))

    page = ask(run_dir, look, "notifications")
    if json:
        as_json(page["items"])
        return
    found = sorted(page["items"], key=lambda each: str(each["created_at"]))
    rows = ((each["message_id"], each["employee_id"], each["kind"], each["state"], _when(each)) for each in found)
    table(("message", "person", "kind", "state", "when"), rows)
    if not found:
        say("There are no such mails: ask for fewer things at once.")
    if page["next"]:
        say(f"Only {MOST} are shown: ask for one person, kind or state.")


def _when(message: View) -> str:
    return f"sent {stamp(message['sent_at'])}" if message["sent_at"] else f"made {stamp(message['created_at'])}"


def show(message_id: Id, json: AsJson = False, run_dir: RunDir = None) -> None:
    """One mail, how it fared and how it reads; a survey is hers alone."""

    async def look(office: Office) -> tuple[View, View | None]:
        message = await office.get("messages", message_id)
        readable = message["sha256"] and message["kind"] != "survey"
        return message, await office.get("messages", message_id, "preview") if readable else None

    message, preview = ask(run_dir, look, "notifications")
    if json:
        as_json(message)
        return
    say(f"{message['kind']} to {message['employee_id']} about {message['regarding']}: {message['state']}.")
    say(f"Made {time(message['created_at'])}, sent {time(message['sent_at'])}, resent {message['resent']} times.")
    say(*(words for words in (why(message["reason"]), message["reply"]) if words))
    if preview:
        say("", preview["subject"], "", *preview["text"].splitlines())


def resend(message_id: Id, run_dir: RunDir = None) -> None:
    """Send the same bytes again: for somebody who lost a mail, or when nobody knows whether it arrived."""
    message = ask(run_dir, lambda office: office.post("messages", message_id, "resend"), "notifications")
    say(f"The {message['kind']} to {message['employee_id']} goes out once more, with the same bytes.")


def reinvite(
    place_id: Annotated[str, typer.Argument(help="Her place, such as FLC:E100231:1.", metavar="PLACE")],
    run_dir: RunDir = None,
) -> None:
    """Take her sessions to come out of her calendar and send new invitations: for a calendar that has lost them."""
    made = ask(run_dir, lambda office: office.post("places", place_id, "reinvite"), "notifications")["invitations"]
    say(f"{made[0]['employee_id']} gets new invitations; the old ones are taken back.")
    table(("session", "round", "uid"), ((each["session_id"], each["round"], each["uid"]) for each in made))


def promises(json: AsJson = False, run_dir: RunDir = None) -> None:
    """Who should have an invite or an offer and has not, and why."""
    found = ask(run_dir, lambda office: office.all("promises", "broken"), "notifications")
    if json:
        as_json(found)
        return
    rows = (
        (each["employee_id"], each["promise"], each["regarding"], time(each["since"]), why(each["reason"]))
        for each in found
    )
    table(("person", "promise", "about", "since", "why"), rows)
    if found:
        type_next(("ledstjarna mail list --person EMPLOYEE", "see what was sent to her"))
    else:
        say("All promises are kept.")


def suppressed(json: AsJson = False, run_dir: RunDir = None) -> None:
    """Whose addresses nothing is sent to, since a mail came back."""
    found = ask(run_dir, lambda office: office.all("suppressions"), "notifications")
    if json:
        as_json(found)
        return
    rows = ((each["employee_id"], each["status"], time(each["since"]), each["message_id"]) for each in found)
    table(("person", "status", "since", "mail that came back"), rows)
    if not found:
        say("No address is suppressed.")
