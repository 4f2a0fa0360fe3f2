"""The commands `ledstjarna network …`, `alumni …` and `diploma`: what lives on after a programme."""

from typing import Annotated

import typer

from deploy.ctl.asking import RunDir
from deploy.ctl.office.asking import AsJson, Office, View, as_json, ask
from deploy.ctl.office.showing import day, people, say, table, type_next

app = typer.Typer(help="Those who completed a programme together.", no_args_is_help=True)
alumni = typer.Typer(help="Those who completed a programme and chose to be on the list.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="The network, such as network:FLC-2027-1.", metavar="NETWORK")]
Who = Annotated[str, typer.Argument(help="Her employee id.", metavar="EMPLOYEE")]
Named = tuple[View, dict[str, str]]


@app.command("list")
def list_networks(
    member: Annotated[str | None, typer.Option(help="Only those that she belongs to.", metavar="EMPLOYEE")] = None,
    json: AsJson = False,
    run_dir: RunDir = None,
) -> None:
    """Networks: how many belong to each, and whom to ask for it."""

    async def look(office: Office) -> tuple[list[View], dict[str, str]]:
        found = await office.all("networks", **({"member": member} if member else {}))
        return found, {} if json else await office.names(each["contact"] for each in found)

    found, names = ask(run_dir, look)
    if json:
        as_json(found)
        return
    rows = (
        (each["network_id"], each["programme"], day(each["formed_at"]), len(each["members"]), _contact(each, names))
        for each in found
    )
    table(("network", "programme", "since", "members", "contact"), rows)
    if not found:
        say("There are no such networks: one is formed when a cohort has completed.")


@app.command("show")
def show(network_id: Id, json: AsJson = False, run_dir: RunDir = None) -> None:
    """One network, its members and its contact."""
    if json:
        as_json(ask(run_dir, lambda office: office.get("networks", network_id)))
        return

    async def look(office: Office) -> Named:
        return await _named(office, await office.get("networks", network_id))

    network, names = ask(run_dir, look)
    since, members = day(network["formed_at"]), people(len(network["members"]))
    say(f"{network['network_id']}: {network['title']['sv']}, since {since}; {members}.")
    say(f"Contact: {_contact(network, names)}.")
    table(("person", "name"), ((who, names[who]) for who in network["members"]), title="Members")
    type_next((f"ledstjarna network contact {network_id} EMPLOYEE", "let another member be the one to ask"))


@app.command("contact")
def choose_contact(network_id: Id, employee_id: Who, run_dir: RunDir = None) -> None:
    """Let another member be the one to ask for the network."""
    body = {"employee_id": employee_id}

    async def choose(office: Office) -> Named:
        return await _named(office, await office.post("networks", network_id, "contact", body=body))

    network, names = ask(run_dir, choose)
    say(f"{_contact(network, names)} is the contact of {network_id} from now on.")


async def _named(office: Office, network: View) -> Named:
    return network, await office.names([*network["members"], network["contact"]])


def _contact(network: View, names: dict[str, str]) -> str:
    who = network["contact"]
    return f"{names[who]} ({who})" if who else "nobody"


@alumni.command("list")
def list_alumni(json: AsJson = False, run_dir: RunDir = None) -> None:
    """Who is on the list, since when, and what she has completed."""
    found = ask(run_dir, lambda office: office.all("alumni"))
    if json:
        as_json(found)
        return
    rows = (
        (each["employee_id"], each["name"] or "–", day(each["alumni_since"]), ", ".join(each["completed"]))
        for each in found
    )
    table(("person", "name", "since", "completed"), rows)
    if not found:
        say("Nobody is on the list: ledstjarna alumni add EMPLOYEE.")


@alumni.command("add")
def add(employee_id: Who, run_dir: RunDir = None) -> None:
    """Put somebody on the list, as she has asked."""
    her = ask(run_dir, lambda office: office.post("people", employee_id, "alumni"))
    say(f"{her['name']} ({employee_id}) is on the list of alumni since {day(her['alumni_since'])}.")


@alumni.command("remove")
def remove(employee_id: Who, run_dir: RunDir = None) -> None:
    """Take somebody off the list, as she has asked."""
    her = ask(run_dir, lambda office: office.delete("people", employee_id, "alumni"))
    say(f"{her['name'] or '–'} ({employee_id}) is not on the list of alumni.")


def diploma(
    place_id: Annotated[str, typer.Argument(help="Her completed place, such as FLC:E100231:1.", metavar="PLACE")],
    json: AsJson = False,
    run_dir: RunDir = None,
) -> None:
    """What the diploma of a completed place says."""
    told = ask(run_dir, lambda office: office.get("places", place_id, "diploma"))
    if json:
        as_json(told)
        return
    say(f"{told['name'] or '–'} ({told['employee_id']}) completed {told['title']['sv']} on {told['completed_on']}")
    say(f"with {told['cohort_id']}, {told['hours']:g} hours. Goals: {', '.join(told['goals']) or 'none'}.")
    table(("module", "title"), ((each["code"], each["title"]["sv"]) for each in told["modules"]), title="Modules")
