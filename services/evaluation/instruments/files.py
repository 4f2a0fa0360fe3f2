"""Reading instrument files."""

from pathlib import Path

import yaml
from pydantic import ValidationError

from services.evaluation.instruments import Instrument, Library

HERE = Path(__file__).parent


class InstrumentError(Exception):
    """An instrument file cannot be used; the message says which, where and why."""


def read_instrument(path: Path) -> Instrument:
    """The instrument in the file at `path`.

    Raises:
        InstrumentError: the file is not YAML, or not an instrument.
    """
    try:
        return Instrument.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise InstrumentError(f"{path.name} is not YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"]) or "the file"
        raise InstrumentError(f"{path.name}, {field}: {first['msg']}") from error


def read_instruments(directory: Path = HERE) -> Library:
    """Every instrument in `directory`.

    Raises:
        InstrumentError: a file cannot be used, or two files hold the same wording.
    """
    found: dict[tuple[str, int], Instrument] = {}
    for path in sorted(directory.glob("*.yaml")):
        instrument = read_instrument(path)
        wording = (instrument.code, instrument.version)
        if wording in found:
            raise InstrumentError(f"{path.name}: there is already an instrument {instrument.code} {instrument.version}")
        found[wording] = instrument
    return Library(list(found.values()))
