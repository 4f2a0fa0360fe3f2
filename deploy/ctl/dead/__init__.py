"""The commands `ledstjarna dead …`: messages that could not be handled."""

import typer

from deploy.ctl.dead import looking, mending

app = typer.Typer(help="Messages that could not be handled: why, and what becomes of them.", no_args_is_help=True)
app.command("groups")(looking.groups)
app.command("list")(looking.list_letters)
app.command("show")(looking.show)
app.command("export")(looking.export)
app.command("replay")(mending.replay)
app.command("discard")(mending.discard)
