"""Diplomas: a PDF that everybody can read, attached to the mail that congratulates."""

import io
import subprocess
import sys

import pytest
from pypdf import PdfReader

from services.notifications.look import Look
from services.notifications.mails import Mailroom
from shared.pdf import NoPangoError, as_pdf
from tests.unit.notifications.reading import content_of, parts, read_mail, text_of
from tests.unit.notifications.samples import MAILROOM, MAILS, SENDER, STOCKHOLM, WRITTEN, card


def rendered(language: str = "sv", room: Mailroom = MAILROOM) -> bytes:
    return room.render("0f" * 20, MAILS["completed"], card(language), WRITTEN)


def diploma(language: str = "sv", room: Mailroom = MAILROOM) -> PdfReader:
    return PdfReader(io.BytesIO(content_of(parts(read_mail(rendered(language, room)))[-1])))


def heard(pdf: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


def test_diploma_is_attached_behind_what_the_mail_says() -> None:
    mail = read_mail(rendered())
    said, attached = parts(mail)
    assert (mail.get_content_type(), said.get_content_type()) == ("multipart/mixed", "multipart/alternative")
    assert [part.get_content_type() for part in parts(said)] == ["text/plain", "text/html"]
    assert (attached.get_content_type(), attached.get_content_disposition()) == ("application/pdf", "attachment")
    assert attached.get_filename() == "intyg.pdf"
    assert "Du har gått klart programmet Ny som chef. Grattis!" in text_of(mail)


@pytest.mark.parametrize(
    ("language", "says"),
    [
        (
            "sv",
            [
                "Intyg",
                "Åsa Öberg",
                "har gått klart programmet",
                "Ny som chef",
                "onsdag 16 december 2026",
                "13,5",
                "Uppdraget och målen",
                "onsdag 25 november 2026 kl. 13.00–15.00",
                "Storköpings kommun",
            ],
        ),
        ("en", ["Diploma", "Åsa Öberg", "has completed the programme", "Wednesday 16 December 2026", "13.5"]),
    ],
)
def test_diploma_says_who_has_completed_what_and_when(language: str, says: list[str]) -> None:
    text = heard(diploma(language))
    assert [one for one in says if one not in text] == []


@pytest.mark.parametrize("language", ["sv", "en"])
def test_diploma_can_be_heard_too(language: str) -> None:
    pdf = diploma(language)
    catalogue = pdf.root_object
    assert str(catalogue["/Lang"]) == language
    assert str(catalogue["/MarkInfo"]) == "{'/Marked': True}"
    assert str(catalogue["/ViewerPreferences"]) == "{'/DisplayDocTitle': True}"
    assert pdf.metadata is not None
    assert str(pdf.metadata.title).endswith(", Åsa Öberg")
    assert pdf.xmp_metadata is not None
    assert {"/H1", "/H2", "/P", "/L", "/LI"} <= kinds_of(catalogue["/StructTreeRoot"])


def kinds_of(node: object) -> set[str]:
    """What kinds of element there are below a node of the structure."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        return set().union(*map(kinds_of, node))
    if isinstance(node, dict):
        return {str(node.get("/S", ""))} | kinds_of(node.get("/K"))
    return set()


def test_same_diploma_is_the_same_bytes() -> None:
    assert rendered() == rendered()


def test_diploma_of_many_sessions_fits_a4_pages_and_ends_with_the_signature() -> None:
    own = Mailroom(SENDER, STOCKHOLM, "Bergå kommun", Look(signature=("Chefsakademin", "Bergå kommun")))
    mail = MAILS["completed"].model_copy(update={"sessions": MAILS["completed"].sessions * 12})  # type: ignore[union-attr]
    content = own.render("0f" * 20, mail, card(), WRITTEN)
    pdf = PdfReader(io.BytesIO(content_of(parts(read_mail(content))[-1])))
    assert len(pdf.pages) > 1
    assert "Chefsakademin\nBergå kommun" in pdf.pages[-1].extract_text()


def test_what_people_wrote_is_never_markup_nor_fetched() -> None:
    mail = MAILS["completed"]
    content = MAILROOM.render("0f" * 20, mail, card(given_name='<img src="http://127.0.0.1:1/x">'), WRITTEN)
    assert '<img src="http' in heard(PdfReader(io.BytesIO(content_of(parts(read_mail(content))[-1]))))


def test_machine_that_cannot_make_a_diploma_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    class Missing:
        def __getattr__(self, name: str) -> object:
            raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setitem(sys.modules, "weasyprint", Missing())
    with pytest.raises(NoPangoError, match=r"apt-get install libpango-1\.0-0 libpangoft2"):
        as_pdf("<p>x</p>")


def test_setting_pages_is_not_loaded_before_the_first_diploma() -> None:
    script = "import sys, services.notifications.app as app; print('weasyprint' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "False"
