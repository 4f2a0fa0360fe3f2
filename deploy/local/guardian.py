"""Watches one program of the local stack, and ends it with all it started when the stack is gone.

Run as a script, with the standard library only: `guardian.py GRACE PROGRAM ARGUMENT…`. Whoever starts it holds the
other end of its standard input. `stop` there means: ask the program to end, and force it after GRACE seconds. `kill`
means: now. End of file means that the stack itself was killed, which is why this is a process of its own. The
program's process id is told on standard output, its own output goes where standard error goes.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

ORPHAN_GRACE_SECONDS = 5.0
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
_libc = ctypes.CDLL(None, use_errno=True)


def main(arguments: list[str]) -> int:
    """Run the program to its end and pass its exit code on."""
    grace, command = float(arguments[0]), arguments[1:]
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1)  # what the program leaves behind becomes ours to end
    wakened = _wake_on_child_exit()
    # The stack ends us by the pipe; a stray signal to a process group must not part us from the program.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    program = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=2,
        start_new_session=True,
        preexec_fn=_ready_to_be_a_program,  # noqa: PLW1509 - a guardian has one thread
    )
    sys.stdout.write(f"{program.pid}\n")
    sys.stdout.flush()
    code = _watch(program, grace, wakened)
    _end_leftovers()
    return code if code >= 0 else 128 - code


def _ready_to_be_a_program() -> None:
    """In the new process: undo our ears for signals, and die should even this guardian be killed."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _wake_on_child_exit() -> int:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return reading


def _watch(program: subprocess.Popen[bytes], grace: float, wakened: int) -> int:
    deadline: float | None = None
    listening = [0, wakened]
    while program.poll() is None:
        patience = None if deadline is None else max(0.0, deadline - time.monotonic())
        heard, _, _ = select.select(listening, [], [], patience)
        if wakened in heard:
            os.read(wakened, 4096)
            _bury_the_adopted(program.pid)
        if 0 in heard:
            word = os.read(0, 4096)
            if not word:
                listening.remove(0)
            if b"kill" in word:
                deadline = time.monotonic()
            elif deadline is None:
                program.terminate()
                deadline = time.monotonic() + (grace if word else min(grace, ORPHAN_GRACE_SECONDS))
        if deadline is not None and time.monotonic() >= deadline:
            program.kill()
            return program.wait()
    return program.returncode


def _bury_the_adopted(program: int) -> None:
    for pid in _children():
        if pid != program:  # its exit code is for Popen to collect
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


def _end_leftovers() -> None:
    """End what the program started and did not end itself: by process id, never by name."""
    while left := _children():
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)  # grandchildren become our children as their parents end


def _children() -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            after_name = stat.read_text(errors="replace").rpartition(")")[2].split()
            if int(after_name[1]) == os.getpid():
                found.append(int(stat.parent.name))
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
