"""Gnus, which answers invitations with calendars of its own making."""

import os
import subprocess
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Literal

from services.notifications.invites import Mailbox
from tests.interop.programs import HINT, found

Answer = Literal["accepted", "tentative", "declined"]
SCRIPT = Path(__file__).with_name("reply.el")


def answered(invitation: bytes, who: Mailbox, answer: Answer, at: datetime) -> bytes:
    """The mail by which `who` answers an invitation of ours at a moment; see `reply.el`."""
    with tempfile.TemporaryDirectory(prefix="ledstjarna-gnus-") as home:
        mail, reply = Path(home, "mail"), Path(home, "reply")
        mail.write_bytes(invitation)
        said = {"WHO": who.address, "WHO_BY_NAME": who.name, "ANSWER": answer, "WHEN": str(int(at.timestamp()))}
        said |= {"MAIL": str(mail), "REPLY": str(reply)}
        done = subprocess.run(  # noqa: S603 — a script of our own
            [found("emacs"), "--batch", "-Q", "-l", str(SCRIPT)],
            env={"PATH": os.defpath, "HOME": home, "LANG": "C.UTF-8"} | said,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{done.stderr}\n{HINT}"
        return reply.read_bytes().replace(b"\n", b"\r\n")
