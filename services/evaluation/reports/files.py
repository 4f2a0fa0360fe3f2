"""A report as a file: rows for a spreadsheet, facts for programs. Published figures only, never what people wrote."""

import csv
import io
import json
import re
from collections.abc import Iterator
from unicodedata import normalize

from services.evaluation.reports.layout import Cell, Report, Table
from services.evaluation.words import words

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\']")
_NOT_IN_FILE_NAMES = re.compile(r"[^A-Za-z0-9]+")
LONGEST_SHEET_NAME = 31


def file_name(report: Report, kind: str) -> str:
    """What the file is called, in letters that every system takes: `resultat-FLC-1-Ny-som-chef.pdf`."""
    letters = normalize("NFKD", report.slug).encode("ascii", "ignore").decode()
    return f"{_NOT_IN_FILE_NAMES.sub('-', letters).strip('-')}.{kind}"


def as_json(report: Report) -> bytes:
    """The facts of a report, and its sentences."""
    facts = {"title": report.title, "language": report.language, "answers": list(report.answers), **report.facts}
    return json.dumps(facts, ensure_ascii=False, indent=1).encode()


def as_csv(report: Report) -> bytes:
    """Every published figure, a line each, as a spreadsheet in the language opens it with a click.

    In Swedish fields are parted by semicolons and numbers have a decimal comma, as Excel there wants it; in English by
    commas, with a point. Both begin with a byte order mark, without which Excel misreads å, ä and ö.
    """
    swedish = report.language == "sv"
    written = io.StringIO()
    rows = csv.writer(written, delimiter=";" if swedish else ",", lineterminator="\r\n")
    rows.writerow([plain(column) for column in report.figures.columns])
    for row in report.figures.rows:
        rows.writerow([_number(cell.number, swedish) if cell.number is not None else plain(cell.text) for cell in row])
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula: such a one gets an apostrophe before it.

    Source: OWASP, CSV injection. Numbers are written by us, and cannot hold anything else.
    """
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def as_xlsx(report: Report) -> bytes:
    """A sheet with the sentences, one with every published figure, and one for each table."""
    from xlsxwriter import Workbook  # noqa: PLC0415 — loaded when the first file is asked for

    w = words(report.language)
    written = io.BytesIO()
    settings = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(written, settings) as book:
        book.set_properties({"title": report.title, "subject": report.subtitle})
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
        first = book.add_worksheet(w["sheet_answers"])
        first.set_column(0, 0, 100)
        first.write_string(0, 0, report.title, bold)
        for line, text in enumerate(_said(report), start=1):
            first.write_string(line, 0, text, wrapped)
        used = {w["sheet_answers"]}
        for name, table in ((w["sheet_figures"], report.figures), *((t.caption, t) for t in report.tables)):
            sheet = book.add_worksheet(_sheet_name(name, used))
            sheet.write_string(0, 0, table.caption, bold)
            for row, column, cell in _cells(table):
                if cell.number is None:
                    sheet.write_string(row, column, cell.text, bold if row == 1 else None)
                else:
                    sheet.write_number(row, column, cell.number)
            sheet.set_column(0, 0, 44)
            sheet.set_column(1, len(table.columns), 18)
            sheet.freeze_panes(2, 1)
    return written.getvalue()


def _said(report: Report) -> Iterator[str]:
    yield report.subtitle
    yield from report.answers
    for section in report.sections:
        if section.lines:
            yield ""
            yield section.heading
            yield from section.lines


def _cells(table: Table) -> Iterator[tuple[int, int, Cell]]:
    for column, heading in enumerate(table.columns):
        yield 1, column, Cell(heading)
    for row, cells in enumerate(table.rows, start=2):
        for column, cell in enumerate(cells):
            yield row, column, cell


def _sheet_name(caption: str, used: set[str]) -> str:
    """A name that a workbook takes: short, without certain characters, and each once."""
    name = _NOT_IN_SHEET_NAMES.sub(" ", caption)[:LONGEST_SHEET_NAME].strip()
    number = 2
    while name.lower() in {one.lower() for one in used}:
        name = f"{name[: LONGEST_SHEET_NAME - 3].strip()} {number}"
        number += 1
    used.add(name)
    return name


def _number(value: float, swedish: bool) -> str:
    text = f"{value:g}" if abs(value) < 1e6 else str(value)
    return text.replace(".", ",") if swedish else text
