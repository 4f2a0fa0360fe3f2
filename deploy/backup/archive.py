"""A backup as files: a directory with a manifest, and a compressed BSON file for each collection."""

import gzip
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Self

from bson import json_util
from bson.raw_bson import RawBSONDocument

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
_LENGTH: Final = 4
"""A BSON document begins with its own length, in this many bytes."""


class DamagedBackupError(Exception):
    """The files are not those that were written; the message says which."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One collection in a backup: what it was made with, and how its file is known to be whole."""

    service: str
    name: str
    options: dict[str, Any]
    indexes: list[dict[str, Any]]
    documents: int
    sha256: str

    @property
    def file(self) -> str:
        """Where its documents are, seen from the manifest."""
        return f"{self.service}/{self.name}.bson.gz"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup consists of. `taken_at` is the one moment that all of it shows, by the server's clock."""

    backup_id: str
    taken_at: str
    under_way: list[dict[str, str]]
    """Events that had left one service and not reached another at that moment: id, type and queue."""
    collections: list[Kept]

    def write(self, directory: Path) -> None:
        """Write it beside the files that it names."""
        fields = {name: getattr(self, name) for name in ("backup_id", "taken_at", "under_way")}
        kept = [{name: getattr(each, name) for name in Kept.__slots__} for each in self.collections]
        text = json_util.dumps({"format": FORMAT, **fields, "collections": kept}, indent=1)
        (directory / MANIFEST).write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, directory: Path) -> Self:
        """The manifest of a backup, after a look whether all files are there and whole.

        Raises:
            DamagedBackupError: one is not.
        """
        try:
            found = json_util.loads((directory / MANIFEST).read_text(encoding="utf-8"))
            if found.pop("format") != FORMAT:
                raise DamagedBackupError(f"{directory} was written by another version: restore it with that one.")
            manifest = cls(**found | {"collections": [Kept(**each) for each in found["collections"]]})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DamagedBackupError(f"{directory} holds no whole backup ({error!r}): name another.") from error
        for kept in manifest.collections:
            if _digest(directory / kept.file) != kept.sha256:
                raise DamagedBackupError(
                    f"{directory / kept.file} has changed since it was written: use another backup."
                )
        return manifest


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as whole:
            return hashlib.file_digest(whole, "sha256").hexdigest()
    except OSError:
        return ""


def write_documents(file: Path, batches: Iterable[bytes]) -> tuple[int, str]:
    """Write batches of BSON documents; how many documents they were, and the digest of the file."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    count = 0
    with gzip.open(file, "wb", compresslevel=3) as out:
        for batch in batches:
            out.write(batch)
            count += _count(batch)
    return count, _digest(file)


def read_documents(file: Path) -> Iterator[RawBSONDocument]:
    """The documents in a file, one after the other, never all at once."""
    with gzip.open(file, "rb") as source:
        while length := source.read(_LENGTH):
            yield RawBSONDocument(length + _exactly(source, int.from_bytes(length, "little") - _LENGTH))


def _count(batch: bytes) -> int:
    count = position = 0
    while position < len(batch):
        position += int.from_bytes(batch[position : position + _LENGTH], "little")
        count += 1
    return count


def _exactly(source: IO[bytes] | gzip.GzipFile, size: int) -> bytes:
    data = source.read(size)
    if len(data) != size:
        raise DamagedBackupError("A file of the backup ends in the middle of a document.")
    return data
