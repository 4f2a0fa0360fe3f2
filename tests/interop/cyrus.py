"""A Cyrus server that lives for a while: mails come by LMTP, its Sieve puts them into calendars, CalDAV tells."""

import base64
import os
import pwd
import re
import shutil
import smtplib
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from deploy.local.ports import free_port
from tests.interop.calendars import History, Shown, States
from tests.interop.cases import Case
from tests.interop.programs import found
from tests.interop.readers import by_icalendar
from tests.unit.notifications.samples import ASA, SENDER

PROGRAMS = "/usr/lib/cyrus/bin"
DOMAIN = SENDER.domain
PERSON = ASA.address.partition("@")[0]
"""Whom the mails invite: from anybody else Cyrus takes no cancellation."""
PASSWORD = "not-a-secret"
SETTINGS = """\
configdirectory: {home}/config
defaultpartition: default
partition-default: {home}/spool
sievedir: {home}/sieve
cyrus_user: {user}
virtdomains: userid
defaultdomain: {domain}
servername: {domain}
unixhierarchysep: yes
allowplaintext: yes
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {home}/people
sasl_mech_list: PLAIN
httpmodules: caldav
calendar_user_address_set: {domain}
autocreate_quota: 0
autocreate_post: yes
autocreate_sieve_script: {home}/script
sieve_extensions: vnd.cyrus.imip
duplicatesuppression: no
"""
SERVICES = """\
START {{
  recover cmd="ctl_cyrusdb -C {home}/settings -r"
}}
SERVICES {{
  http cmd="httpd -C {home}/settings" listen="127.0.0.1:{http}" prefork=0
  lmtp cmd="lmtpd -a -C {home}/settings" listen="127.0.0.1:{lmtp}" prefork=0
}}
EVENTS {{
}}
"""
SCRIPT = 'require ["vnd.cyrus.imip"];\nprocessimip;\n'
QUERY = b"""<?xml version="1.0"?>
<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
<D:prop><C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>"""


@dataclass(frozen=True, slots=True)
class Cyrus:
    """A running server, and the people who have a mailbox there."""

    home: Path
    http: int
    lmtp: int

    def welcome(self, person: str) -> None:
        """Give somebody a mailbox, by a first mail to her, and calendars, by her looking at them."""
        command = [
            found("saslpasswd2", "/usr/sbin:/usr/bin"),
            "-p",
            "-c",
            "-f",
            str(self.home / "people"),
            "-u",
            DOMAIN,
            person,
        ]
        subprocess.run(command, input=PASSWORD.encode(), check=True)  # noqa: S603
        _hand_over(self.home / "people")
        self.deliver(person, b"Subject: Hej\r\n\r\nHej\r\n")
        self._ask(person, "PROPFIND", "", b"")

    def deliver(self, person: str, mail: bytes) -> None:
        """Let a mail arrive."""
        with smtplib.LMTP("127.0.0.1", self.lmtp, timeout=30) as door:
            door.sendmail(SENDER.address, [f"{person}@{DOMAIN}"], mail)

    def shown(self, person: str) -> list[Shown]:
        """What somebody's calendar shows."""
        found = re.findall(r"<!\[CDATA\[(.*?)\]\]>", self._ask(person, "REPORT", "Default/", QUERY), re.DOTALL)
        readings = [by_icalendar(content.encode()) for content in found]
        entries = [Shown(**{name: getattr(one, name) for name in Shown.__slots__}) for one in readings]
        return sorted(entries, key=lambda one: one.uid)

    def _ask(self, person: str, method: str, path: str, body: bytes) -> str:
        key = base64.b64encode(f"{person}@{DOMAIN}:{PASSWORD}".encode()).decode()
        address = f"http://127.0.0.1:{self.http}/dav/calendars/user/{person}/{path}"
        fields = {"Authorization": f"Basic {key}", "Depth": "1", "Content-Type": "application/xml"}
        request = urllib.request.Request(address, body or None, fields, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return str(answer.read().decode())


@contextmanager
def running() -> Iterator[Cyrus]:
    """A server on free ports in a directory of its own. Started by root it runs as the user its package made."""
    with tempfile.TemporaryDirectory(prefix="ledstjarna-cyrus-") as name:
        cyrus = Cyrus(Path(name), free_port(), free_port())
        _furnish(cyrus)
        command = [found("master", PROGRAMS), "-D", "-C", "settings", "-M", "services", "-p", "pid"]
        with (cyrus.home / "log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603
                command, cwd=cyrus.home, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            _wait_for_door(cyrus)
            yield cyrus
        finally:
            process.terminate()
            process.wait(30)


def cyrus(histories: Sequence[History]) -> list[States]:
    """What the attendee's calendar shows after every mail; each history on a server of its own."""
    return [_lived(history) for history in histories]


def _lived(history: History) -> States:
    with running() as server:
        server.welcome(PERSON)
        return [_received(server, one) for one in history]


def _received(server: Cyrus, case: Case) -> list[Shown]:
    server.deliver(PERSON, case.mail)
    return server.shown(PERSON)


def _furnish(cyrus: Cyrus) -> None:
    known = {"home": cyrus.home, "domain": DOMAIN, "user": _user(), "http": cyrus.http, "lmtp": cyrus.lmtp}
    for room in ("config/db", "config/socket", "spool", "sieve"):
        (cyrus.home / room).mkdir(parents=True)
    for file, text in {"settings": SETTINGS, "services": SERVICES}.items():
        (cyrus.home / file).write_text(text.format(**known))
    (cyrus.home / "script").write_text(SCRIPT)
    _hand_over(cyrus.home, *cyrus.home.rglob("*"))


def _user() -> str:
    """As whom the server runs: never as root."""
    return "cyrus" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name


def _hand_over(*paths: Path) -> None:
    if os.getuid() == 0:
        for path in paths:
            shutil.chown(path, _user(), "mail")


def _wait_for_door(cyrus: Cyrus) -> None:
    until = monotonic() + 30
    while True:
        try:
            smtplib.LMTP("127.0.0.1", cyrus.lmtp, timeout=5).quit()
        except OSError:
            assert monotonic() < until, (cyrus.home / "log").read_text()
            sleep(0.1)
        else:
            return
