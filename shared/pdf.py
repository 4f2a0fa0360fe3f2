"""PDFs that everybody can read, also by ear: tagged, with title and language (PDF/UA-1)."""

NEEDS = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
"""Debian's packages without which no page can be set."""


class NoPangoError(RuntimeError):
    """This machine cannot make a PDF: the message says what to install."""


def as_pdf(page: str) -> bytes:
    """The page as PDF: the same bytes for the same page and fonts.

    A diploma takes 20 to 60 ms, a report some tenths of a second, the first of them a second more. What sets pages is
    loaded then and not before: it takes 50 MB, and most days need no PDF.

    Raises:
        NoPangoError: programs of the system are missing.
    """
    try:
        from weasyprint import HTML  # noqa: PLC0415 — see above
    except OSError as error:
        raise NoPangoError(f"A PDF cannot be made: run 'apt-get install {NEEDS}' here. ({error})") from error
    pdf: bytes | None = HTML(string=page, url_fetcher=_nothing).write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True)
    if pdf is None:
        raise AssertionError("without a target, write_pdf returns the bytes")
    return pdf


def _nothing(url: str) -> dict[str, bytes]:
    """A page has all in it: nothing is fetched."""
    raise ValueError(f"A PDF may not refer to other files: {url}")
