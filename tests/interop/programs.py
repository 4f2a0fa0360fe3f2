"""Programs that the tests of this folder run, and what to do when one is missing: none is passed over in silence."""

import shutil

HINT = "./check --interop installs what is missing"


def found(program: str, path: str | None = None) -> str:
    """Where the program is."""
    where = shutil.which(program, path=path)
    assert where, f"{program} is not there: {HINT}"
    return where
