"""Reports as files, judged by other programs: pypdf, openpyxl, csv and json."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

import services.evaluation
from services.evaluation.model import Setup
from services.evaluation.reports import files
from services.evaluation.reports.cohort import cohort_report
from services.evaluation.reports.layout import Cell, Report, Table
from services.evaluation.reports.municipality import municipality_report
from services.evaluation.reports.programme import programme_report
from services.evaluation.reports.released import by_cohort
from services.evaluation.results import on_paper
from services.evaluation.words import words
from shared.pdf import as_pdf
from shared.web import Pages
from tests.unit.evaluation.arrange import INSTRUMENTS, SETUP
from tests.unit.evaluation.released import three_years

COHORTS = by_cohort(three_years())
FLC = tuple(cohort for cohort in COHORTS if cohort.programme == "FLC")
PAGES = Pages(Path(services.evaluation.__file__).parent / "templates")
KINDS = ("cohort", "programme", "municipality")
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def a_report(kind: str, language: str = "sv", setup: Setup = SETUP) -> Report:
    """A report of three years."""
    if kind == "cohort":
        return cohort_report(FLC[3], setup.instruments, language)
    if kind == "programme":
        return programme_report(FLC, INSTRUMENTS, language)
    return municipality_report(COHORTS, INSTRUMENTS, language)


@pytest.fixture(scope="module", params=[(kind, language) for kind in KINDS for language in ("sv", "en")], ids=str)
def written(request: pytest.FixtureRequest) -> tuple[Report, PdfReader]:
    report = a_report(*request.param)
    return report, PdfReader(io.BytesIO(as_pdf(on_paper(report, PAGES))))


def elements(node: Any) -> list[dict[str, Any]]:
    """All elements of a PDF's structure below a node, in reading order."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        return [each for child in node for each in elements(child)]
    if isinstance(node, dict) and "/S" in node:
        return [node, *elements(node.get("/K"))]
    return elements(node["/K"]) if isinstance(node, dict) and "/K" in node and "/Type" in node else []


def test_pdf_is_tagged_and_says_its_title_and_language(written: tuple[Report, PdfReader]) -> None:
    report, pdf = written
    catalogue = pdf.root_object
    assert str(catalogue["/Lang"]) == report.language
    assert str(catalogue["/MarkInfo"]) == "{'/Marked': True}"
    assert str(catalogue["/ViewerPreferences"]) == "{'/DisplayDocTitle': True}"
    assert pdf.metadata is not None
    assert str(pdf.metadata.title).startswith(report.title)


def test_pdf_tells_every_drawing_in_words(written: tuple[Report, PdfReader]) -> None:
    report, pdf = written
    figures = [one for one in elements(pdf.root_object["/StructTreeRoot"]) if one["/S"] == "/Figure"]
    titles = [chart.title for section in report.sections for chart in section.charts]
    assert [str(one.get("/Alt")) for one in figures] == titles


def test_pdf_has_every_table_with_its_headings(written: tuple[Report, PdfReader]) -> None:
    """A table that goes on on the next page is a table there, too, and has its column headings again."""
    report, pdf = written
    found = elements(pdf.root_object["/StructTreeRoot"])
    tables = [elements(one["/K"]) for one in found if one["/S"] == "/Table"]
    expected = [table for part in report.sections for table in (*[c.table for c in part.charts], *part.tables)]
    assert sum(one["/S"] == "/Caption" for inside in tables for one in inside) == len(expected)
    for inside in tables:
        first = elements(next(one for one in inside if one["/S"] == "/TR")["/K"])
        assert {one["/S"] for one in first} & {"/TH", "/TD"} == {"/TH"}
    cells = [one for inside in tables for one in inside if one["/S"] == "/TD"]
    assert len(cells) == sum((len(table.columns) - 1) * len(table.rows) for table in expected)
    assert [cell for cell in cells if "/Headers" not in str(cell.get("/A"))] == []


def test_pdf_has_one_main_heading_and_one_for_each_part(written: tuple[Report, PdfReader]) -> None:
    report, pdf = written
    kinds = [one["/S"] for one in elements(pdf.root_object["/StructTreeRoot"])]
    assert (kinds.count("/H1"), kinds.count("/H2")) == (1, 1 + len(report.sections))


def test_pdf_says_the_answers(written: tuple[Report, PdfReader]) -> None:
    report, pdf = written
    said = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    assert [answer for answer in report.answers if " ".join(answer.split()) not in said] == []


def test_same_report_is_the_same_pdf() -> None:
    page = on_paper(a_report("municipality"), PAGES)
    assert as_pdf(page) == as_pdf(page)


@pytest.mark.parametrize("kind", KINDS)
def test_workbook_has_the_figures_as_numbers_and_no_formula(kind: str) -> None:
    report = a_report(kind)
    book = load_workbook(io.BytesIO(files.as_xlsx(report)))
    assert len(book.sheetnames) == 2 + len(report.tables)
    rows = list(book[words("sv")["sheet_figures"]].iter_rows(min_row=3, values_only=True))
    expected = [tuple(cell.text if cell.number is None else cell.number for cell in row) for row in report.figures.rows]
    assert rows == expected
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds


@pytest.mark.parametrize("language", ["sv", "en"])
def test_csv_opens_in_a_spreadsheet_of_its_language(language: str) -> None:
    report = a_report("cohort", language)
    content = files.as_csv(report)
    assert content.startswith(b"\xef\xbb\xbf")
    delimiter, point = (";", ",") if language == "sv" else (",", ".")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=delimiter, strict=True))
    assert rows[0] == list(report.figures.columns)
    told = [float(row[2].replace(point, ".")) for row in rows[1:]]
    assert told == [row[2].number for row in report.figures.rows]


EVIL = ["=1+1", "+46 70", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")']


def an_evil_report() -> Report:
    """A report whose texts are what a spreadsheet would run."""
    table = Table("figures", "=1+1", ("=A1", "@x"), tuple((Cell(text), Cell("−1,5", -1.5)) for text in EVIL))
    return Report("=1+1", "+x", "a/../b: åäö", "sv", ("=2",), (), table, {"text": "=1+1"})


def test_no_text_in_a_csv_begins_like_a_formula() -> None:
    rows = list(csv.reader(io.StringIO(files.as_csv(an_evil_report()).decode("utf-8-sig"), newline=""), delimiter=";"))
    texts = [*rows[0], *(row[0] for row in rows[1:])]
    assert [text for text in texts if text.startswith(DANGEROUS)] == []
    assert [row[0] for row in rows[1:]] == [f"'{text}" for text in EVIL]
    assert {row[1] for row in rows[1:]} == {"-1,5"}


def test_no_text_in_a_workbook_becomes_a_formula_or_a_link() -> None:
    book = load_workbook(io.BytesIO(files.as_xlsx(an_evil_report())))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "f" not in {cell.data_type for cell in cells}
    assert [cell for cell in cells if cell.hyperlink] == []


def test_file_names_can_be_read_and_lead_nowhere() -> None:
    assert files.file_name(an_evil_report(), "pdf") == "a-b-aao.pdf"
    assert files.file_name(a_report("cohort"), "xlsx") == "resultat-FLC-4-Ny-som-chef.xlsx"
    assert files.file_name(a_report("municipality", "en"), "csv") == "results-municipality.csv"


@pytest.mark.parametrize("kind", KINDS)
def test_json_holds_the_sentences_and_the_released_figures(kind: str) -> None:
    told = json.loads(files.as_json(a_report(kind, "en")))
    assert told["language"] == "en"
    assert told["answers"]
    if kind == "cohort":
        assert len(told["figures"]) == len(FLC[3].figures)
