"""The pages of results and of comments as files, made by the real doors on three years of releases.

`python -m tests.browser.reports` makes their pictures in `docs/pictures` anew.
"""

import asyncio
import tempfile
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from fastapi.responses import HTMLResponse
from PIL import Image

import services.evaluation
from services.evaluation.comment_pages import CommentDoors, Where
from services.evaluation.model import Comment, PublishedComments, Reading, Release, Wave
from services.evaluation.results import ResultDoors
from services.evaluation.store import Reader
from shared.web import Pages
from tests.browser.eyes import COLOURS, SCHEMES, looked, missing
from tests.unit.evaluation.arrange import SETUP, asked
from tests.unit.evaluation.released import three_years

TEMPLATES = Path(services.evaluation.__file__).parent / "templates"
PICTURES = Path(__file__).parent.parent.parent / "docs" / "pictures"
WIDTHS = (360, 1280)
COHORT = "FLC-4"
WAVE = asked("T1", {}).wave.having(id=f"{COHORT}:T1", cohort_id=COHORT)

WRITTEN = (
    "Samtalen i smågrupper, de gav mest.",
    "Behåll att vi träffas i en annan lokal än vår egen.",
    "Mer tid mellan träffarna, så att man hinner prova.",
    "Övningen med målen. Den har jag gjort om med mina medarbetare.",
    "Att Karin på IT berättade hur de gör.",
    "Vet inte.",
    "Blandningen av verksamheter!",
    "Att någon frågar efteråt hur det gick.",
    "Allt som var praktiskt.",
)


class OnShelf:
    """A reader of releases and comments that are at hand."""

    def __init__(self, releases: Sequence[Release]) -> None:
        self._releases = releases

    async def releases_of(self, cohort_id: str) -> list[Release]:
        return [one for one in self._releases if one.cohort_id == cohort_id]

    async def releases_of_programme(self, programme: str | None = None) -> list[Release]:
        return [one for one in self._releases if programme in (None, one.programme)]

    async def waves_of(self, cohort_ids: Sequence[str]) -> list[Wave]:
        return [WAVE] if COHORT in cohort_ids else []

    async def published_comments(self, cohort_id: str) -> list[PublishedComments]:
        return [
            PublishedComments(
                id=f"{WAVE.id}:RX9",
                cohort_id=cohort_id,
                wave="T1",
                item="RX9",
                texts=WRITTEN[:3],
                published_on=date(2026, 1, 7),
            )
        ]

    async def comments_of(self, cohort_id: str) -> tuple[list[Comment], Mapping[str, Reading]]:
        comments = [
            Comment(id=str(UUID(int=number + 1)), wave_id=WAVE.id, cohort_id=cohort_id, item="RX9", text=text)
            for number, text in enumerate(WRITTEN)
        ]
        read = [
            Reading(id=one.id, wave_id=WAVE.id, item="RX9", withheld="names" if "Karin" in one.text else None)
            for one in comments[:6]
        ]
        return comments, {one.id: one for one in read}


Door = Callable[[str], Coroutine[Any, Any, HTMLResponse]]


def doors() -> dict[str, Door]:
    """Every kind of page by name, in a language."""
    reader, pages = cast("Reader", OnShelf(three_years())), Pages(TEMPLATES)
    results = ResultDoors(reader, pages, SETUP)
    comments = CommentDoors(reader, cast("Any", None), pages, SETUP)
    return {
        "results": results.list,
        "cohort": lambda lang: results.cohort(COHORT, lang),
        "programme": lambda lang: results.programme("FLC", lang),
        "municipality": results.municipality,
        "comments": lambda lang: comments.questions(COHORT, lang),
        "comment": lambda lang: comments.show(Where(COHORT, WAVE.id, "RX9", lang)),
    }


def page(name: str, language: str) -> str:
    """A page as a browser gets it."""
    return bytes(asyncio.run(doors()[name](language)).body).decode()


def jobs(directory: Path, languages: Sequence[str] = ("sv", "en")) -> list[dict[str, Any]]:
    """Every page in every language, light and dark, on a phone and on a screen."""
    made: list[dict[str, Any]] = []
    for name in doors():
        for language in languages:
            file = directory / f"{name}-{language}.html"
            file.write_text(page(name, language))
            made += [
                {
                    "file": str(file),
                    "name": f"{name}-{language}-{scheme}-{width}",
                    "scheme": scheme,
                    "width": width,
                    "kind": "page",
                }
                for scheme in SCHEMES
                for width in WIDTHS
            ]
    return made


def main() -> None:
    """Make the pictures anew: of each report the beginning, as large as it needs to be read."""
    if needed := missing():
        raise SystemExit(needed)
    wanted = {
        "cohort-sv-light-1280": ("result", 1700),
        "programme-sv-light-1280": ("result-programme", 1350),
        "municipality-sv-light-1280": ("result-municipality", 1200),
        "cohort-sv-dark-360": ("result-phone", 1700),
        "comment-sv-light-1280": ("comments", 1000),
    }
    with tempfile.TemporaryDirectory() as name:
        chosen = [
            {**job, "out": str(PICTURES / f"{wanted[job['name']][0]}.png")}
            for job in jobs(Path(name), ["sv"])
            if job["name"] in wanted
        ]
        looked("picture", chosen, Path(name))
    for file, height in wanted.values():
        path = PICTURES / f"{file}.png"
        with Image.open(path) as seen:
            margin = 280 if seen.width > 1000 else 0
            cut = seen.convert("RGB").crop((margin, 0, seen.width - margin, min(height, seen.height)))
        cut.quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main()
