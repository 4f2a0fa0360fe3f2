"""The commands `ledstjarna instrument …`: whether a questionnaire can be used, and what it would ask when."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from deploy.ctl.asking import give_up
from services.evaluation.instruments import Instrument, Respondents, WaveName, minutes_to_answer
from services.evaluation.instruments.files import (
    InstrumentError,
    misfits,
    never_asked,
    read_instrument,
    read_instruments,
)

app = typer.Typer(help="Instruments: questionnaires as files.", no_args_is_help=True)

WAVES: tuple[WaveName, ...] = ("T0", "P", "T1", "T2", "T3", "T4")
ALL: tuple[Respondents, ...] = ("managers", "employees")


@app.callback()
def _instruments() -> None:
    """Keeps `check` a word of its own while it is the only command."""


@app.command()
def check(file: Annotated[Path, typer.Argument(help="The instrument as YAML.", metavar="FILE")]) -> None:
    """Say what is wrong with an instrument file and what to do about it, or what it would ask of whom, and when.

    How to write one: docs/instruments.md. Exit code 0: it can be used; 1: something is wrong; 2: it cannot be read.
    """
    try:
        instrument = read_instrument(file)
    except OSError as error:
        give_up(f"{file} cannot be read: {error.strerror}.")
    except InstrumentError as error:
        _refuse(str(error).splitlines())
    if faults := misfits(instrument, file, read_instruments()):
        _refuse(faults)
    _show(instrument)


def _refuse(faults: list[str]) -> NoReturn:
    for fault in faults:
        typer.echo(fault, err=True)
    raise typer.Exit(1)


def _show(instrument: Instrument) -> None:
    console = Console()
    console.print(f"{instrument.code} {instrument.version}: {instrument.title.sv} / {instrument.title.en}")
    console.print(f"Source: {instrument.provenance.source} Terms: {instrument.provenance.licence}")
    table = Table("Wave", "Of", "Items", "Minutes")
    for wave in WAVES:
        for of in ALL:
            if items := instrument.items_in(wave, of):
                table.add_row(wave, of, ", ".join(item.id for item in items), str(minutes_to_answer(items)))
    console.print(table)
    console.print(f"Index 0–100: the mean of {', '.join(instrument.index_items) or 'nothing'}.")
    for part in instrument.parts:
        console.print(f"Part {part.code}: the mean of {', '.join(part.items)}.")
    if never := never_asked(instrument):
        console.print(f"Never asked: {', '.join(never)}. If they should be, name them in a section.")
    if not instrument.locked:
        console.print("Not locked: the wording may still change. Write locked: true before it is asked.")
    console.print(f"It is asked where a programme names {instrument.code} under evaluation.instruments.")
