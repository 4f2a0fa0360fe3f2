"""A real Postfix and a real Dovecot of our own on the loopback, as parts of a stack (Debian packages, as root)."""

import asyncio
import os
import shutil
import socket
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local.part import Part
from deploy.local.ports import HOST, free_port

MASTER = """\
{host}:{port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
lmtp unix - - n - - lmtp
"""

MAIN = """\
compatibility_level = 3.6
queue_directory = {room}/queue
data_directory = {room}/data
maillog_file = {room}/postfix.log
maillog_file_prefixes = {room}
myhostname = relay.kommun.example
mydestination =
inet_interfaces = {host}
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_client_connection_count_limit = {connections}
virtual_mailbox_domains = kommun.example
virtual_mailbox_maps = static:all
virtual_transport = lmtp:inet:{host}:{lmtp}
minimal_backoff_time = 1s
maximal_backoff_time = 5s
queue_run_delay = 1s
"""

DOVECOT = """\
base_dir = {room}/run
state_dir = {room}/state
log_path = {room}/dovecot.log
protocols = lmtp
ssl = no
first_valid_uid = 1
mail_location = maildir:{room}/mail/%n
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={room}/mail/%n allow_all_users=yes
}}
service lmtp {{
  inet_listener lmtp {{
    address = {host}
    port = {port}
  }}
}}
"""


class Listening(Part):
    """A part that is ready once somebody answers at its port. Its files lie where other users may come."""

    def __init__(self, run_dir: Path) -> None:
        super().__init__(run_dir)
        self.port = free_port()
        self.room = Path(tempfile.mkdtemp(prefix=f"ledstjarna-{self.name}-"))
        self.room.chmod(0o755)

    def ports(self) -> Sequence[int]:
        return [self.port]

    def environment(self) -> Mapping[str, str]:
        return os.environ | {"PATH": f"/usr/sbin:/sbin:{os.environ['PATH']}"}

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
        shutil.rmtree(self.room)

    async def is_ready(self) -> bool:
        try:
            socket.create_connection((HOST, self.port), timeout=1).close()
        except OSError:
            return False
        return True


class Dovecot(Listening):
    """Takes mails by LMTP into maildirs."""

    name = "dovecot"

    def command(self) -> Sequence[str | Path]:
        return ["dovecot", "-F", "-c", self.room / "dovecot.conf"]

    async def prepare(self) -> None:
        await super().prepare()
        mail = self.room / "mail"
        mail.mkdir(exist_ok=True)
        mail.chmod(0o777)
        (self.room / "dovecot.conf").write_text(DOVECOT.format(room=self.room, host=HOST, port=self.port))

    def mails(self) -> list[bytes]:
        """All that has been delivered, with the line ends that mails have on their way."""
        return [file.read_bytes().replace(b"\n", b"\r\n") for file in (self.room / "mail").glob("*/new/*")]


class Postfix(Listening):
    """A relay that keeps mails in a queue on disk before it says yes."""

    name = "postfix"

    def __init__(self, run_dir: Path, lmtp: int, connections: int = 50) -> None:
        super().__init__(run_dir)
        self._lmtp = lmtp
        self._connections = connections

    @property
    def url(self) -> str:
        """The address of the relay."""
        return f"smtp://{HOST}:{self.port}"

    def command(self) -> Sequence[str | Path]:
        return ["postfix", "-c", self.room / "etc", "start-fg"]

    async def prepare(self) -> None:
        await super().prepare()
        for name in ("etc", "queue", "data"):
            (self.room / name).mkdir(exist_ok=True)
        shutil.chown(self.room / "data", "postfix")
        told = {"room": self.room, "host": HOST, "port": self.port, "lmtp": self._lmtp}
        (self.room / "etc" / "main.cf").write_text(MAIN.format(**told, connections=self._connections))
        (self.room / "etc" / "master.cf").write_text(MASTER.format(**told))

    async def abort(self) -> None:
        """End it abruptly, with mails on their way in."""
        ending = await asyncio.create_subprocess_exec(
            "postfix", "-c", self.room / "etc", "abort", env=self.environment(), stderr=asyncio.subprocess.DEVNULL
        )
        await ending.wait()
        await self.ended()
