"""Something that answers by TLS, with a certificate that it has signed itself."""

import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread


@dataclass(frozen=True)
class SecureServer:
    """Where it answers, and its certificate."""

    port: int
    certificate: Path

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"


@contextmanager
def secure_server(directory: Path, days: int) -> Iterator[SecureServer]:
    """A server whose certificate holds for so many days."""
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    told = ("-x509", "-newkey", "rsa:2048", "-nodes", "-days", str(days), "-subj", "/CN=localhost")
    names = ("-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate))
    subprocess.run(["openssl", "req", *told, *names], check=True, capture_output=True)  # noqa: S603, S607 — ours
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listening = socket.create_server(("127.0.0.1", 0))
    Thread(target=_answer, args=(listening, context), daemon=True).start()
    try:
        yield SecureServer(listening.getsockname()[1], certificate)
    finally:
        listening.close()


def _answer(listening: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            raw, _ = listening.accept()
        except OSError:
            return
        with suppress(OSError), context.wrap_socket(raw, server_side=True) as secured:
            secured.recv(1)
