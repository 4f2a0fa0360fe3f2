"""The commands of the programme office: what it does often, from a shell, through the same API as everybody.

Exit codes: 0, done; 1, refused by a rule, with the reason; 2, it could not be asked, or something named does not exist.
"""

import typer

from deploy.ctl.office import changes, cohorts, goals, groups, networks, people, places, programmes, proposing

FAMILIES = {
    "programme": programmes.app,
    "goal": goals.app,
    "person": people.app,
    "cohort": cohorts.app,
    "groups": groups.app,
    "place": places.app,
    "approvals": places.approvals,
    "attendance": cohorts.attendance,
    "network": networks.app,
    "alumni": networks.alumni,
    "change": changes.app,
}


def add_to(app: typer.Typer) -> None:
    """Let `app` know every command of the office."""
    changes.app.add_typer(proposing.app, name="propose")
    app.command("nominate")(places.nominate)
    app.command("diploma")(networks.diploma)
    for name, family in FAMILIES.items():
        app.add_typer(family, name=name)
