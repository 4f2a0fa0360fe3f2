"""The one directory of a run: everything the run writes is below it, and only one stack at a time uses it."""

import fcntl
import itertools
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from deploy.local.mail import ROOT
from deploy.local.process import CannotStart

_MARK = ".ledstjarna-run"


def fresh_run_dir() -> Path:
    """A new directory below `run/` that no other run has or gets."""
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}"
    for number in itertools.count(1):
        run_dir = ROOT / "run" / (name if number == 1 else f"{name}-{number}")
        try:
            run_dir.mkdir(parents=True)
        except FileExistsError:
            continue
        return run_dir
    raise AssertionError("itertools.count() has no end")


def claim(run_dir: Path) -> IO[str]:
    """Make the directory ours and empty for as long as the returned file is open.

    An earlier run's directory is emptied; anything else that is not empty is left alone. Raises CannotStart.
    """
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
        if not (run_dir / _MARK).exists() and any(run_dir.iterdir()):
            raise CannotStart(f"{run_dir} holds files of something else; name an empty or a new directory.")
        mark = (run_dir / _MARK).open("a")
    except OSError as reason:
        raise CannotStart(f"{run_dir} cannot be used ({reason.strerror}); name another directory.") from None
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        mark.close()
        raise CannotStart(f"{run_dir} is in use by a running stack; stop that one or name another directory.") from None
    run_dir.chmod(0o700)
    for entry in run_dir.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != _MARK:
            entry.unlink()
    return mark
