"""The commands `ledstjarna person …`: how somebody stands, and all that was decided about her."""

from typing import Annotated

import typer

from deploy.ctl.asking import RunDir
from deploy.ctl.office.asking import AsJson, Office, View, as_json, ask
from deploy.ctl.office.showing import say, table, time, why

app = typer.Typer(help="How somebody stands, and why.", no_args_is_help=True)

Who = Annotated[str, typer.Argument(help="Her employee id.", metavar="ID")]


@app.command("show")
def show(employee_id: Who, json: AsJson = False, run_dir: RunDir = None) -> None:
    """How somebody stands now, and her places."""

    async def look(office: Office) -> tuple[View, dict[str, str]]:
        person = await office.get("people", employee_id)
        return person, await office.names([person["manager_id"]])

    person, names = ask(run_dir, look)
    if json:
        as_json(person)
        return
    say(f"{person['name'] or '–'} ({person['employee_id']})", "")
    manager = person["manager_id"]
    facts = {
        "level": f"{person['level'] or '–'} since {person['level_since']}"
        if person["level_since"]
        else person["level"],
        "unit": f"{person['unit_id'] or '–'}, in department {person['department'] or '–'}",
        "manager": f"{manager} {names[manager]}" if manager else "–",
        "is": "gone" if person["left"] else "on leave" if person["on_leave"] else "at work",
        "completed": ", ".join(person["completed"]) or "nothing yet",
        "coming": f"{len(person['upcoming'])} changes wait for their day" if person["upcoming"] else "nothing known",
    }
    say(*(f"{what:<9}  {how}" for what, how in facts.items()))
    rows = (
        (
            each["place_id"],
            each["state"],
            each["cohort_id"] or "–",
            why(each["history"][-1]["reason"] or each["reason"]),
        )
        for each in person["places"]
    )
    table(("place", "is", "cohort", "why"), rows, title="Places")


@app.command("timeline")
def show_timeline(employee_id: Who, json: AsJson = False, run_dir: RunDir = None) -> None:
    """Everything that was decided about somebody or happened to her, and why, the oldest first."""

    async def look(office: Office) -> tuple[dict[str, str], list[View]]:
        moments = await office.all("people", employee_id, "timeline")
        asked = [each["approver_id"] for each in moments]
        return {} if json else await office.names([employee_id, *asked]), moments

    names, moments = ask(run_dir, look)
    if json:
        as_json(moments)
        return
    say(f"{names[employee_id]} ({employee_id})" + (": nothing has been decided about her." if not moments else ""), "")
    rows = ((time(each["at"]), each["cohort"] or each["programme"] or "", _told(each, names)) for each in moments)
    table(("when", "where", "what, and why; as she reads it"), rows)


def _told(moment: View, names: dict[str, str]) -> str:
    text, reason = moment["text"]["en"], why(moment["reason"])
    if who := moment["approver_id"]:
        text += f" ({who})" if names[who] == "–" else f" ({who} {names[who]})"
    return text if reason in ("", text) else f"{text}\n{reason}"
