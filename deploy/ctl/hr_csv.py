"""Reading a CSV file of employees: its rows as they are written, or why one cannot be read.

Everything in a cell is text: what looks like a formula is never evaluated.
"""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "employee_id": ("anställningsnummer", "anstnr", "anställnings-id"),
    "version": (),
    "given_name": ("förnamn",),
    "family_name": ("efternamn",),
    "email": ("e-post", "e-postadress", "mejl", "mail"),
    "language": ("språk",),
    "unit_id": ("enhet", "enhets-id", "enhetskod"),
    "manager_id": ("chef", "chefs-id", "närmaste chef"),
    "level": ("nivå", "chefsnivå"),
    "employed_from": ("anställd från",),
    "employed_to": ("anställd till",),
    "absent_from": ("frånvarande från",),
    "absent_to": ("frånvarande till",),
    "effective_from": ("gäller från",),
}
"""Columns by the names that events give them, and what else they may be headed."""

NEEDED: Final = ("employee_id", "given_name", "family_name", "email", "unit_id", "level", "employed_from")

_DAMAGED: Final = re.compile("[\udc80-\udcff]")
"""How a byte that is not UTF-8 stands in the text of a file that is."""
_NOT_UTF_8: Final = "is damaged (a byte of it is not UTF-8): write it anew, or export the file again"
_WRONG_QUOTES: Final = 'quotation marks do not match: write a cell as "…", and a quotation mark inside it twice'


class NotAnHrFileError(Exception):
    """A file of which no row can be read; one sentence says why and what to do."""


@dataclass(frozen=True)
class Fault:
    """Why a row cannot be taken: the line in the file on which it begins, the column, and the reason."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True)
class Row:
    """A row as it is written: text by column; an empty cell is none."""

    line: int
    cells: Mapping[str, str | None]


@dataclass
class Sheet:
    """A file that could be read, with those of its rows that make sense as rows."""

    columns: tuple[str, ...]
    ignored: tuple[str, ...]
    """Headings that are no column of ours."""
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read(data: bytes) -> Sheet:
    """The rows of a file in UTF-8 or Windows-1252, with commas, semicolons or tabs.

    Raises:
        NotAnHrFileError: it is empty, no CSV, or lacks columns that every record needs.
    """
    lines = list(io.StringIO(unicodedata.normalize("NFC", _text(data)), newline=""))
    first = 1 if lines and re.fullmatch(r"sep=.\s*", lines[0]) else 0  # a spreadsheet's note on its delimiter
    delimiter = max(";,\t", key=lambda each: _recognised(lines, first, each))
    rows = _rows(lines, first, delimiter)
    head = next(rows, None)
    if head is None:
        raise NotAnHrFileError("is empty: export the employees again, with a line of headings")
    sheet = _sheet(head[1])
    seen: dict[str, int] = {}
    for line, cells in rows:
        row = _row(line, cells, head[1])
        if isinstance(row, list):
            sheet.faults.extend(row)
        elif (who := row.cells["employee_id"]) and who in seen:
            reason = f"is on line {seen[who]} already: say how she stands in one row"
            sheet.faults.append(Fault(line, "employee_id", reason))
        else:
            seen |= {who: line} if who else {}
            sheet.rows.append(row)
    return sheet


def _text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotAnHrFileError("is in UTF-16: save it as CSV in UTF-8")
    if any(byte < 32 and byte not in b"\t\r\n\f\x0b" for byte in set(data)):
        raise NotAnHrFileError("is no text but a spreadsheet or another binary file: save it as CSV in UTF-8")
    text = data.decode("utf-8-sig", errors="surrogateescape")
    damaged = len(_DAMAGED.findall(text))
    if damaged <= sum(char > "\x7f" for char in text) - damaged:  # bytes of another coding hardly ever look like UTF-8
        return text
    western = data.decode("cp1252", errors="replace")
    return data.decode("latin-1") if "\ufffd" in western else western


def _recognised(lines: Sequence[str], first: int, delimiter: str) -> int:
    head = next(_rows(lines, first, delimiter), None)
    return sum(_column(cell) is not None for cell in head[1]) if head and isinstance(head[1], list) else 0


def _rows(lines: Sequence[str], first: int, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Rows with the number of the line on which each begins; a reason where quotation marks do not match."""
    reader, start = csv.reader(lines[first:], delimiter=delimiter, strict=True), first
    while True:
        line = start + reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line + 1, _WRONG_QUOTES
            reader, start = csv.reader(lines[line + 1 :], delimiter=delimiter, strict=True), line + 1
            continue
        if any(cell.strip() for cell in cells):
            yield line + 1, cells


def _sheet(head: list[str] | str) -> Sheet:
    headings = head if isinstance(head, list) else []
    if any(map(_DAMAGED.search, headings)):
        raise NotAnHrFileError(f"has a heading that {_NOT_UTF_8}")
    columns = [column for heading in headings if (column := _column(heading))]
    if not columns:
        raise NotAnHrFileError(f"is no CSV of employees: its first line must name the columns {', '.join(NEEDED)}")
    lacking = [column for column in NEEDED if column not in columns]
    if lacking:
        names = ", ".join(f"{column} ({COLUMNS[column][0]})" for column in lacking)
        raise NotAnHrFileError(f"lacks what every record needs: add the column {names}")
    twice = [column for column, times in Counter(columns).items() if times > 1]
    if twice:
        raise NotAnHrFileError(f"has the column {', '.join(twice)} twice: leave one of them out")
    return Sheet(
        tuple(columns), tuple(heading.strip() for heading in headings if heading.strip() and not _column(heading))
    )


def _column(heading: str) -> str | None:
    return _HEADINGS.get(bare(heading))


def bare(words: str) -> str:
    """Words without what people write differently: capitals, spaces, hyphens."""
    return re.sub(r"[\W_]+", "", words.casefold())


_HEADINGS: Final = {bare(name): column for column, names in COLUMNS.items() for name in (column, *names)}


def _row(line: int, cells: list[str] | str, head: list[str] | str) -> Row | list[Fault]:
    """A row as it is written; all that is wrong with the writing."""
    if isinstance(cells, str):
        return [Fault(line, "row", cells)]
    if len(cells) != len(head):
        reason = (
            f"has {len(cells)} cells, the first line {len(head)}: put text that holds a delimiter in quotation marks"
        )
        return [Fault(line, "row", reason)]
    written = ((_column(heading), cell.strip() or None) for heading, cell in zip(head, cells, strict=True))
    told = {column: cell for column, cell in written if column}
    damaged = [Fault(line, column, _NOT_UTF_8) for column, cell in told.items() if cell and _DAMAGED.search(cell)]
    return damaged or Row(line, told)
