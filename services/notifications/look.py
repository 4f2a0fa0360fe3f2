"""How a municipality's mails look besides their words: its colours, its signature, how else to reach it."""

import re
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

PAPER: Final = {"accent": "#fbfaf7", "accent_dark": "#16191d"}
"""What stands behind each colour, in light and in dark mode."""

READABLE: Final = 4.5
"""The least contrast of text that everybody can read (WCAG 2.2, 1.4.3)."""


class Look(BaseModel):
    """Colours of links and lines on light and on dark paper, the lines that a mail ends with, another way to reach us.

    Without `signature` a mail ends with the sender's name and the municipality's.
    """

    model_config = ConfigDict(frozen=True)

    accent: str = "#1b4f72"
    accent_dark: str = "#8fc1e6"
    signature: tuple[str, ...] = ()
    contact: str = ""

    @field_validator("accent", "accent_dark")
    @classmethod
    def _is_readable(cls, value: str, info: ValidationInfo) -> str:
        paper = PAPER[str(info.field_name)]
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            raise ValueError(f"{value!r} is not a colour: write it as #rrggbb")
        if (reached := contrast(value, paper)) < READABLE:
            other = "darker" if info.field_name == "accent" else "lighter"
            raise ValueError(
                f"{value} has a contrast of {reached:.1f} to the paper {paper}, and {READABLE} is needed: "
                f"choose a {other} colour"
            )
        return value.lower()


DEFAULT_LOOK: Final = Look()


def contrast(one: str, other: str) -> float:
    """How well two colours (#rrggbb) can be told apart, from 1 to 21 (WCAG 2.2, contrast ratio)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """How bright a colour is, from 0 to 1 (WCAG 2.2, relative luminance)."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
