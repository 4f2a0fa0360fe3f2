"""Reading instrument files."""

from pathlib import Path

import yaml
from pydantic import ValidationError

from services.evaluation.instruments import Instrument, Library

HERE = Path(__file__).parent


class InstrumentError(Exception):
    """An instrument file cannot be used; the message says which, where and why."""


HINTS = {
    "missing": "it is missing: write it",
    "extra_forbidden": "there is no such field: correct its spelling, or take it out",
    "string_pattern_mismatch": "write two to four capital letters, for an item with a number after them",
    "model_type": "write fields with their values here, one to a line",
    "tuple_type": "write a list here, even of one",
}
"""What to do about the ordinary mistakes; the others say it themselves."""


def read_instrument(path: Path) -> Instrument:
    """The instrument in the file at `path`.

    Raises:
        InstrumentError: the file is not YAML, or not an instrument; the message names all that is wrong.
    """
    try:
        return Instrument.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InstrumentError(f"{path.name} is not YAML: {error}") from error
    except ValidationError as error:
        faults = [
            f"{path.name}, {'.'.join(map(str, one['loc'])) or 'the file'}: {HINTS.get(one['type'], _plain(one['msg']))}"
            for one in error.errors()
        ]
        raise InstrumentError("\n".join(faults)) from error


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")


def misfits(instrument: Instrument, path: Path, known: Library) -> list[str]:
    """What would go wrong with an instrument that can be read, beside those that there are."""
    found: list[str] = []
    name = f"{instrument.code}-{instrument.version}.yaml"
    if path.name != name:
        found.append(f"{path.name}: call the file {name}, by its code and version")
    same = [one for one in known.editions if (one.code, one.version) == (instrument.code, instrument.version)]
    if any(one != instrument for one in same):
        newest = known[instrument.code].version
        found.append(f"{path.name}, version: this wording is decided already: give another one version {newest + 1}")
    return found


def never_asked(instrument: Instrument) -> list[str]:
    """Items that are in no section: of an instrument that is asked in part, that is meant."""
    asked = {i for section in instrument.sections for i in section.items or instrument.item_ids}
    return [item for item in instrument.item_ids if item not in asked]


def read_instruments(*directories: Path) -> Library:
    """Every instrument in these directories, or ours alone.

    Raises:
        InstrumentError: a file cannot be used, or two files hold the same wording.
    """
    found: dict[tuple[str, int], Instrument] = {}
    for path in (path for directory in directories or (HERE,) for path in sorted(directory.glob("*.yaml"))):
        instrument = read_instrument(path)
        wording = (instrument.code, instrument.version)
        if wording in found:
            raise InstrumentError(f"{path.name}: there is already an instrument {instrument.code} {instrument.version}")
        found[wording] = instrument
    return Library(list(found.values()))
