"""A RabbitMQ of another Debian release than this machine's: fetched by apt, unpacked, run with libraries of its own.

Nothing is installed, and no rights are needed. A program of a newer release needs that release's C library, so each is
started by the loader that was unpacked beside it.
"""

import fcntl
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from deploy.local.mail import ROOT
from deploy.local.process import CannotStart
from deploy.local.programs import BROKER_ROOT

BROKERS = ROOT / "run" / ".brokers"
KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

_NEEDED = re.compile(r"^Inst (rabbitmq-server|erlang-\S+|zlib1g|lib(?!python|pam|systemd-shared)\S+) ", re.MULTILINE)
"""Of all that apt would install: what the broker itself loads."""
_ELF = b"\x7fELF"


def fetch(release: str, tell: Callable[[str], None]) -> None:
    """Have the broker of a Debian release here; fetched once. Raises CannotStart."""
    BROKERS.mkdir(parents=True, exist_ok=True)
    home = BROKERS / release
    with (BROKERS / f".{release}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            tell(f"fetches the RabbitMQ of Debian {release}")
            _unpack(release, home)


def environment(release: str) -> dict[str, str]:
    """What makes everything that runs here use the broker that was fetched from a Debian release."""
    return {BROKER_ROOT: str(BROKERS / release)}


def _unpack(release: str, home: Path) -> None:
    new = home.with_name(f".{release}.new")
    shutil.rmtree(new, ignore_errors=True)
    apt = _Apt(new / "apt", release)
    apt("update")
    apt("download", *_NEEDED.findall(apt("install", "--simulate", "rabbitmq-server")))
    for package in sorted(apt.directory.glob("*.deb")):
        _output(["dpkg-deb", "--extract", str(package), str(new)], new)
    shutil.rmtree(apt.directory)
    _use_own_libraries(new, home)
    new.rename(home)


class _Apt:
    """apt-get with lists, cache and sources in a directory of its own, on a system with nothing installed."""

    def __init__(self, directory: Path, release: str) -> None:
        self.directory = directory
        for part in ("state/lists/partial", "cache/archives/partial"):
            (directory / part).mkdir(parents=True)
        (directory / "state/status").touch()
        (directory / "sources.list").write_text(f"deb [signed-by={KEYS}] {_mirror()} {release} main\n")
        self._options = {
            "Dir::Etc::SourceList": directory / "sources.list",
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::Etc::Preferences": "/dev/null",
            "Dir::Etc::PreferencesParts": "/dev/null",
            "Dir::State": directory / "state",
            "Dir::State::status": directory / "state/status",
            "Dir::Cache": directory / "cache",
            "APT::Install-Recommends": "false",
            "APT::Sandbox::User": "",
            "Debug::NoLocking": "true",
        }

    def __call__(self, *arguments: str) -> str:
        options = [word for name, value in self._options.items() for word in ("-o", f"{name}={value}")]
        return _output(["apt-get", "-q", *options, *arguments], self.directory)


def _mirror() -> str:
    """Where this machine gets Debian from."""
    known = _output(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"], Path("/"))
    for address in known.split():
        if address.rstrip("/").endswith("/debian"):
            return address
    raise CannotStart("apt knows no mirror of Debian on this machine: add one to its sources, and try again.")


def _output(command: list[str], directory: Path) -> str:
    done = subprocess.run(command, cwd=directory, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise CannotStart(f"RabbitMQ of another Debian release cannot be fetched: {command[0]} says: {said}")
    return done.stdout


def _use_own_libraries(new: Path, home: Path) -> None:
    """Let all that is in `new` run once it is at `home`."""
    [loader] = new.glob("usr/lib/*-linux-gnu/ld-linux-*.so.*")
    found_at = home / loader.relative_to(new)
    loaded = f"{shlex.quote(str(found_at))} --library-path {shlex.quote(str(found_at.parent))}"
    erlang = "usr/lib/erlang"
    places = [f"{erlang}/{place}/*" for place in ("bin", "erts-*/bin", "lib/*/priv/bin")]
    for file in [path for place in places for path in new.glob(place) if path.is_file() and not path.is_symlink()]:
        if file.read_bytes().startswith(_ELF):
            program = file.rename(file.with_name(f"{file.name}.elf"))
            named = shlex.quote(str(home / program.relative_to(new)))
            file.write_text(f'#!/bin/sh\nexec {loaded} --argv0 "$0" {named} "$@"\n')
            file.chmod(0o755)
        elif file.name == "erl":
            own = f"ROOTDIR={shlex.quote(str(home / erlang))}"
            file.write_text(file.read_text().replace(f"ROOTDIR=/{erlang}", own))
