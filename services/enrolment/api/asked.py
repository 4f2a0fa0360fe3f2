"""What bodies have in common: a key that we do not know is refused, and one is shown as an example."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Asked(BaseModel):
    """A body. A key that is not known is most likely misspelt, and what it was to say would go unheard."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def as_in(example: Any) -> ConfigDict:
    """For `model_config` of a body: what one looks like."""
    return ConfigDict(json_schema_extra={"examples": [example]})
