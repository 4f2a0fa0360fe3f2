"""What a report is, before it is a page or a file: sections of sentences, tables, and drawings with their tables."""

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True)
class Cell:
    """What stands in a table: as it is read, and the number behind it where there is one."""

    text: str
    number: float | None = None


@dataclass(frozen=True)
class Table:
    """Rows under headings; the first cell of a row is its heading."""

    id: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Line:
    """A straight line; `look` is what it stands for: grid, axis, whisker, trend or faint."""

    kind: ClassVar[str] = "line"
    x1: float
    y1: float
    x2: float
    y2: float
    look: str


@dataclass(frozen=True)
class Dot:
    """A value; hollow where it is one to be compared with."""

    kind: ClassVar[str] = "dot"
    x: float
    y: float
    look: str = "solid"


@dataclass(frozen=True)
class Box:
    """A piece of a bar; pieces beside each other are told apart by their frames and texts, not by colour."""

    kind: ClassVar[str] = "box"
    x: float
    y: float
    width: float
    height: float
    look: str = "solid"


@dataclass(frozen=True)
class Text:
    """Words or a number in a drawing."""

    kind: ClassVar[str] = "text"
    x: float
    y: float
    text: str
    anchor: str = "middle"
    look: str = "label"


Shape = Line | Dot | Box | Text


@dataclass(frozen=True)
class Chart:
    """A drawing with what it says for those who do not see it, and the table of its numbers.

    The title alone must do: some programs that read a PDF aloud tell nothing else.
    """

    id: str
    title: str
    description: str
    height: float
    shapes: tuple[Shape, ...]
    table: Table


@dataclass(frozen=True)
class Section:
    """A part of a report: one question, or what a reader must know to judge the others."""

    id: str
    heading: str
    answers: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    lines: tuple[str, ...] = ()
    quotes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What people wrote, and a person let through: by question."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to read under the heading."""
        return not (self.answers or self.charts or self.tables or self.lines or self.quotes)


@dataclass(frozen=True)
class Report:
    """What a reader sees, in one language."""

    title: str
    subtitle: str
    slug: str
    """How a file of it is called: letters, digits and hyphens."""
    language: str
    answers: tuple[str, ...]
    sections: tuple[Section, ...]
    figures: Table
    """Every published figure that the report rests on, a line each."""
    facts: dict[str, object] = field(default_factory=dict)
    """The same for programs."""

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables in the order in which they are read, those of the drawings included; without `figures`."""
        return tuple(
            table
            for section in self.sections
            for table in (*(chart.table for chart in section.charts), *section.tables)
            if table != self.figures
        )


def filled(*sections: Section) -> tuple[Section, ...]:
    """The sections in which there is something to read."""
    return tuple(section for section in sections if not section.is_empty)
