"""Certificates of a deployment's own: an authority that only this deployment trusts, and what it vouches for."""

import ipaddress
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from deploy.ctl.secrets import addresses_by_tls, endpoints, write

CA_DAYS, SERVER_DAYS = 3650, 397
MOUNTED_CA: Final = "/run/secrets/ca.pem"
SERVERS: Final = ("rabbitmq", "mongo", "proxy")
_EXTENSIONS: Final = """
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = {names}
"""


class NoOpensslError(Exception):
    """Certificates cannot be made on this machine; the message says what is missing."""


def write_certificates(directory: Path, names: Sequence[str] = ()) -> list[str]:
    """Make what deploy/docker/tls.yml mounts and is not there yet, in `directory`/tls; the names of what was made.

    A certificate that is there is kept, whoever vouches for it: to renew one, delete it and run this again. The
    addresses of servers and the command's endpoints.json are those of the secrets, by TLS, and follow from them.

    Args:
        directory: where `write_secrets` has written.
        names: by which programs and people outside reach the proxy and the broker, besides localhost.

    Raises:
        NoOpensslError: openssl is missing, or refused.
    """
    tls = directory / "tls"
    tls.mkdir(mode=0o700, exist_ok=True)
    made = [] if (tls / "ca.pem").exists() else [_authority(tls)]
    made += [_server(tls, server, names) for server in SERVERS if not (tls / f"{server}.pem").exists()]
    urls = addresses_by_tls(directory, MOUNTED_CA)
    for name, content in {**urls, **endpoints(directory, urls)}.items():
        write(tls / name, content)
    return made


def _authority(tls: Path) -> str:
    _openssl(tls, "ca", CA_DAYS, "Ledstjarna", "-extensions", "ca", names=())
    (tls / "ca.key").chmod(0o400)  # no container ever needs it
    return "ca.pem"


def _server(tls: Path, server: str, names: Sequence[str]) -> str:
    """A key and its certificate; in one file for MongoDB, which wants them so."""
    outside = () if server == "mongo" else tuple(names)
    vouching = ("-CA", tls / "ca.pem", "-CAkey", tls / "ca.key", "-extensions", "server")
    _openssl(tls, server, SERVER_DAYS, server, *vouching, names=(server, "localhost", "127.0.0.1", *outside))
    key, certificate = tls / f"{server}.key", tls / f"{server}.pem"
    if server == "mongo":
        write(certificate, key.read_text() + certificate.read_text())
        key.unlink()
    else:
        key.chmod(0o444)
        certificate.chmod(0o444)
    return certificate.name


def _openssl(tls: Path, name: str, days: int, subject: str, *more: str | Path, names: Sequence[str]) -> None:
    program = shutil.which("openssl")
    if program is None:
        raise NoOpensslError("openssl is not on this machine: install it (apt-get install openssl) and try again.")
    with tempfile.NamedTemporaryFile("w", suffix=".cnf") as configuration:
        configuration.write(_EXTENSIONS.format(names=", ".join(map(_alternative, names)) or "DNS:none"))
        configuration.flush()
        made = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", str(days))
        files = ("-keyout", tls / f"{name}.key", "-out", tls / f"{name}.pem", "-config", configuration.name)
        command = (program, "req", "-x509", *made, "-subj", f"/CN={subject}", *files, *more)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NoOpensslError(f"openssl refused ({done.stderr.strip().splitlines()[-1]}): version 3 or newer is needed.")


def _alternative(name: str) -> str:
    """A name as certificates list it: of a machine, or its address."""
    try:
        return f"IP:{ipaddress.ip_address(name)}"
    except ValueError:
        return f"DNS:{name}"
