"""Checks that need more than Python's packages: which tests, and what they have installed first."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from deploy.local import newer_broker
from deploy.local.mail import ROOT
from deploy.local.process import CannotStart
from deploy.local.programs import Where, apt_install

OLDEST_NODE = 20


@dataclass(frozen=True)
class Extra:
    """Tests that `./check` runs on demand only, and the Debian packages of what they run."""

    folder: str
    says: str
    packages: tuple[str, ...]
    has_scripts: bool = False
    """Whether its folder has a package-lock.json for Node."""
    broker: str = ""
    """The Debian release whose RabbitMQ these tests run on, in place of the machine's."""
    marker: str = ""
    """Only the tests of the folder that are marked so; `./check` alone leaves those out."""


EXTRAS = {
    "interop": Extra(
        "tests/interop",
        "real calendars and readers of others",
        (
            "cyrus-imapd",
            "cyrus-caldav",
            "sasl2-bin",
            "evolution-data-server",
            "gir1.2-ecal-2.0",
            "gir1.2-edataserver-1.2",
            "gir1.2-ical-3.0",
            "python3-gi",
            "dbus",
            "emacs-nox",
        ),
        has_scripts=True,
    ),
    "faults": Extra(
        "tests/faults",
        "real mail servers that are stopped, a sender that is killed, and every alert made to fire",
        ("postfix", "dovecot-imapd", "dovecot-lmtpd", "prometheus", "prometheus-alertmanager"),
    ),
    "browser": Extra(
        "tests/browser",
        "every mail, form and dashboard in a browser, judged by axe-core",
        ("chromium",),
        has_scripts=True,
    ),
    "villages": Extra(
        "tests/integration",
        "a village's half year behind a proxy, with two of each service, and through an upgrade",
        ("nginx-light",),
        marker="village",
    ),
    "newer-broker": Extra(
        "tests/integration", "RabbitMQ 4.0, of Debian 13", ("debian-archive-keyring",), broker="trixie"
    ),
    "newest-broker": Extra(
        "tests/integration",
        "the newest RabbitMQ of Debian testing, 4.3 or newer",
        ("debian-archive-keyring",),
        broker="testing",
    ),
}


def made_ready(extra: Extra, tell: Callable[[str], None]) -> str:
    """Install what is missing; nothing, or what somebody has to do before these tests can run."""
    missing = [package for package in extra.packages if not _is_installed(package)]
    if missing and (complaint := apt_install(Where(tell=tell), *missing)):
        return f"run 'apt-get install {' '.join(missing)}' as root ({complaint})"
    if extra.broker:
        try:
            newer_broker.fetch(extra.broker, tell)
        except CannotStart as reason:
            return f"see what apt-get lacks ({reason})"
    return scripts_made_ready(extra.folder, tell) if extra.has_scripts else ""


def _is_installed(package: str) -> bool:
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    return shutil.which("dpkg-query") is not None and _output(query) == "installed"


def scripts_made_ready(name: str, tell: Callable[[str], None]) -> str:
    """Install what a folder's package-lock.json says; nothing, or what somebody has to do first."""
    version = _output(["node", "--version"]) if shutil.which("node") and shutil.which("npm") else ""
    if not version or int(version.lstrip("v").partition(".")[0]) < OLDEST_NODE:
        return f"install Node {OLDEST_NODE} or newer, with npm (found: {version or 'none'})"
    folder = ROOT / name
    stamp, lock = folder / "node_modules" / ".installed", (folder / "package-lock.json").read_text()
    if not stamp.exists() or stamp.read_text() != lock:
        tell("is installing JavaScript's packages")
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts"], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        if done.returncode != 0:
            return f"run 'npm ci' in {name} and see what it says"
        stamp.write_text(lock)
    return ""


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
