"""The one directory of a run: everything the run writes is below it, and only one stack at a time uses it."""

import contextlib
import fcntl
import itertools
import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from deploy.local.mail import ROOT
from deploy.local.process import CannotStart

RUNS = ROOT / "run"
RUNS_KEPT = 3
"""How many finished runs stay below `run/`; one takes 300 MB."""

_MARK = ".ledstjarna-run"
_GIVEN_NAME = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9]+(-[0-9]+)?")


def fresh_run_dir() -> Path:
    """A new directory below `run/` that no other run has or gets."""
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}"
    for number in itertools.count(1):
        run_dir = RUNS / (name if number == 1 else f"{name}-{number}")
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
    _empty(run_dir)
    return mark


def prune(runs: Path = RUNS) -> int:
    """Delete finished runs but the newest `RUNS_KEPT`; how many were deleted.

    Only what `fresh_run_dir` named and `claim` marked: a directory that somebody named with --run-dir is hers to keep.
    """
    finished = deleted = 0
    for run in sorted(runs.iterdir(), reverse=True):
        with contextlib.suppress(OSError):  # in use, or another user's
            if not _is_ours(run):
                continue
            with (run / _MARK).open("a") as mark:
                fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
                finished += 1
                if finished > RUNS_KEPT:
                    _empty(run)  # the mark goes last: without it, what is left could never be told from others' files
                    shutil.rmtree(run)
                    deleted += 1
    return deleted


def _is_ours(run: Path) -> bool:
    """Whether an earlier stack left it; one with nothing but the mark may be about to be claimed."""
    named = _GIVEN_NAME.fullmatch(run.name) and run.is_dir() and not run.is_symlink()
    return bool(named) and (run / _MARK).is_file() and any(entry.name != _MARK for entry in run.iterdir())


def _empty(run_dir: Path) -> None:
    for entry in run_dir.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != _MARK:
            entry.unlink()
