"""A programme as the office writes it, and how a file of it is read: every error with its line and field."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.events.base import Id, Line, LocalisedText, complaint
from shared.events.hr import LEVELS, Level

MAX_CHARACTERS = 100_000
MAX_DEPTH = 20

_DEEPER = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
_BACK = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)

Loc = tuple[str | int, ...]


def _only(*possible: str) -> AfterValidator:
    def check(value: str) -> str:
        if value not in possible:
            raise ValueError(f"{value!r} is not possible: write {' or '.join(possible)}")
        return value

    return AfterValidator(check)


INSTRUMENTS = ("UM", "LU", "RX", "HME", "BE", "TR", "NV", "RI", "CL", "QL")
"""Those that evaluation has, and two scales of COPSOQ whose files can be added."""


def _instrument(value: str) -> str:
    if value not in INSTRUMENTS and not re.fullmatch("X[A-Z]{1,3}", value):
        known = ", ".join(INSTRUMENTS)
        raise ValueError(f"{value!r} is not possible: write {known}, or the code of one of your own, X and 1–3 letters")
    return value


class Strict(BaseModel):
    """A part of the file. A key that we do not know is an error, since it is most likely misspelt.

    Numbers must be written as such: YAML reads `no` as false, which would count as 0.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


class Title(Strict):
    """A text in both languages."""

    sv: Annotated[Line, Field(min_length=1)]
    en: Annotated[Line, Field(min_length=1)]

    def localised(self) -> LocalisedText:
        """The text as events carry it."""
        return LocalisedText(sv=self.sv, en=self.en)


class Purpose(Strict):
    """What the programme is for, in both languages; may be several lines."""

    sv: str
    en: str

    def localised(self) -> LocalisedText:
        """The text as events carry it."""
        return LocalisedText(sv=self.sv, en=self.en)


class Audience(Strict):
    """Whom a programme is for. `automatic`: whoever matches is queued; `nominated`: only whom somebody names.

    `units`: only those who work in one of these units or somewhere below. `seat_of`: whether a seat belongs to the
    person, or to her post, so that whoever succeeds her takes it over.
    """

    levels: Annotated[tuple[Level, ...], Field(min_length=1)]
    units: tuple[Id, ...] = ()
    appointed_within_days: Annotated[int, Field(strict=True, ge=1, le=36500)] | None = None
    requires_completed: tuple[Id, ...] = ()
    excludes_completed: tuple[Id, ...] = ()
    entry: Literal["automatic", "nominated"] = "automatic"
    nominated_by: Annotated[tuple[Literal["office", "line_manager"], ...], Field(min_length=1)] = (
        "office",
        "line_manager",
    )
    seat_of: Literal["person", "post"] = "person"

    @model_validator(mode="after")
    def _potential_only_by_name(self) -> Self:
        if self.entry == "automatic" and {"none", "potential"} & set(self.levels):
            raise ValueError("those who are no managers yet come only by nomination: write entry: nominated")
        return self


class GroupRules(Strict):
    """Who may sit together: how many, how many from one department, and whether managers sit with their reports."""

    min: Annotated[int, Field(strict=True, ge=1)]
    max: Annotated[int, Field(strict=True, ge=1, le=500)]
    max_share_per_department: Annotated[float, Field(strict=True, gt=0, le=1)] = 1.0
    separate_manager_and_report: Annotated[bool, Field(strict=True)] = True

    @model_validator(mode="after")
    def _min_below_max(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min is {self.min}, which is more than max {self.max}")
        return self


class OfferRules(Strict):
    """How many working days somebody has to answer an offer."""

    answer_within_days: Annotated[int, Field(strict=True, ge=1, le=60)] = 7


class Module(Strict):
    """A part of the programme: `hours` long, `after_days` days after the first session."""

    code: Id
    title: Title
    kind: Id
    hours: Annotated[float, Field(strict=True, gt=0, le=12)]
    after_days: Annotated[int, Field(strict=True, ge=0, le=1000)]


class Completion(Strict):
    """The share of the sessions, or of their hours, that must be attended, and the modules that nobody may miss."""

    attend_at_least: Annotated[float, Field(strict=True, ge=0, le=1)] = 0.8
    counted_in: Literal["sessions", "hours"] = "sessions"
    required: tuple[Id, ...] = ()


class Policies(Strict):
    """What happens to a confirmed place when its holder's situation changes.

    On promotion she may finish, is moved to the queue of a programme that is for her new level (`transfer`), or is out.
    """

    on_promotion: Literal["finish", "transfer", "withdraw"] = "finish"
    on_absence: Literal["pause", "withdraw"] = "pause"
    on_leaving: Annotated[str, _only("withdraw")] = "withdraw"


class Evaluation(Strict):
    """Which instruments are asked in which waves; the names are evaluation's."""

    instruments: tuple[Annotated[str, AfterValidator(_instrument)], ...] = ()
    waves: tuple[Literal["T0", "P", "T1", "T2", "T3", "T4"], ...] = ()


class ProgrammeFile(Strict):
    """The whole file."""

    code: Id
    title: Title
    purpose: Purpose
    goals: tuple[Id, ...] = ()
    audience: Audience
    approval: Literal["none", "line_manager"] = "none"
    group: GroupRules
    offer: OfferRules = OfferRules()
    modules: Annotated[tuple[Module, ...], Field(min_length=1, max_length=50)]
    completion: Completion = Completion()
    policies: Policies = Policies()
    evaluation: Evaluation = Evaluation()

    @model_validator(mode="after")
    def _modules_in_order(self) -> Self:
        codes = [module.code for module in self.modules]
        twice = {code for code in codes if codes.count(code) > 1}
        if twice:
            raise ValueError(f"modules: the code {min(twice)} is used twice; give each module its own")
        days = [module.after_days for module in self.modules]
        if days[0] != 0 or days != sorted(days):
            raise ValueError("modules: the first has after_days 0, and the others follow in the order they are held")
        strange = set(self.completion.required) - set(codes)
        if strange:
            raise ValueError(f"completion.required: there is no module {min(strange)} in this programme")
        return self


class Fault(BaseModel):
    """What is wrong at one place of a programme file."""

    model_config = ConfigDict(frozen=True)

    line: int
    field: str
    message: str


class ProgrammeFileError(Exception):
    """The file cannot be used; `errors` say where and why."""

    def __init__(self, errors: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"line {e.line}, {e.field}: {e.message}" for e in errors))
        self.errors = errors


def read(text: str) -> ProgrammeFile:
    """A programme file.

    Raises:
        ProgrammeFileError: with every error found, each with the line it is on.
    """
    node = _compose(text)
    lines = dict(_lines(node, ()))
    try:
        return ProgrammeFile.model_validate(yaml.constructor.SafeConstructor().construct_document(node))
    except ValidationError as refused:
        errors = [_fault(error, lines) for error in _deepest([dict(e) for e in refused.errors(include_url=False)])]
    except yaml.constructor.ConstructorError as refused:
        line = refused.problem_mark.line + 1 if refused.problem_mark else 1
        errors = [Fault(line=line, field="file", message=str(refused.problem))]
    raise ProgrammeFileError(tuple(sorted(errors, key=lambda error: error.line)))


def _compose(text: str) -> yaml.Node:
    if len(text) > MAX_CHARACTERS:
        raise _refused(1, f"the file is longer than {MAX_CHARACTERS} characters, so it is hardly a programme")
    try:
        depth = 0
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if isinstance(token, yaml.AliasToken):  # a few nested aliases unfold to gigabytes
                raise _refused(token.start_mark.line + 1, "write the value out: references (*name) are not used here")
            depth += isinstance(token, _DEEPER) - isinstance(token, _BACK)
            if depth > MAX_DEPTH:  # what builds the document calls itself for each level
                raise _refused(token.start_mark.line + 1, "lists and keys stand too deep inside one another here")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _refused(mark.line + 1 if mark else 1, f"not YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise _refused(1, "not YAML text: it contains characters that cannot be read") from error
    if not isinstance(node, yaml.MappingNode):
        raise _refused(1, "a programme file is a list of keys and values, beginning with code:")
    return node


def _refused(line: int, message: str) -> ProgrammeFileError:
    return ProgrammeFileError((Fault(line=line, field="file", message=message),))


def _lines(node: yaml.Node, at: Loc) -> Iterator[tuple[Loc, int]]:
    """The line of every key and list item; a key that is there twice is an error."""
    if not at:
        yield at, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                error = Fault(
                    line=key.start_mark.line + 1, field=_dotted((*at, name)), message="is there twice: remove one"
                )
                raise ProgrammeFileError((error,))
            seen.add(name)
            yield (*at, name), key.start_mark.line + 1
            yield from _lines(value, (*at, name))
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield (*at, number), value.start_mark.line + 1
            yield from _lines(value, (*at, number))


def _deepest(errors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A list with a wrong item is also said to be too short: only the item is worth telling."""
    locs = [error["loc"] for error in errors]
    return [e for e in errors if not any(e["loc"] == loc[: len(e["loc"])] != loc for loc in locs)]


def _fault(error: dict[str, Any], lines: Mapping[Loc, int]) -> Fault:
    loc: Loc = error["loc"]
    known = loc
    while known not in lines:
        known = known[:-1]
    return Fault(line=lines[known], field=_dotted(loc) or "file", message=_message(error))


def _message(error: dict[str, Any]) -> str:
    said = {
        "missing": "is missing: add it",
        "string_type": "is not a text: write one, in quotes if it is a number, a date, yes or no",
        "extra_forbidden": "is not a key of a programme file: remove it, or correct its spelling",
    }.get(error["type"])
    if said:
        return said
    if error["loc"][:2] == ("audience", "levels") and error["type"] == "literal_error":
        return f"{error['input']!r} is not a level: use {', '.join(LEVELS)}"
    return complaint(error)


def _dotted(loc: Loc) -> str:
    """`modules[0].title.sv`, as a reader of the file would say it."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).removeprefix(".")
