"""What stands in the description of enrolment's doors: every body and every answer with its type and an example."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from jsonschema_rs import Draft202012Validator

from shared.openapi import PROBLEM
from tests.flow.enrolment.conftest import LINKS
from tests.flow.enrolment.doors import application

JSON = dict[str, Any]

DESCRIPTION: JSON = application(cast("Any", None), LINKS).openapi()


def operations() -> Iterator[tuple[str, JSON]]:
    """Each operation with its name."""
    for path, methods in DESCRIPTION["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def contents() -> Iterator[tuple[str, JSON]]:
    """Every body and every good answer of every operation, and one problem, since all are told alike."""
    for name, operation in operations():
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            yield f"{name} takes {media}", content
        for status, answer in operation["responses"].items():
            for media, content in answer.get("content", {}).items():
                yield "a problem" if media == PROBLEM else f"{name} answers {status}", content


CONTENTS = dict(contents())


def resolved(schema: JSON) -> JSON:
    """The schema itself where there is only a reference to it."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return DESCRIPTION["components"]["schemas"][name] if name else schema


def kinds(schema: JSON) -> list[JSON]:
    """The schemas of which one applies."""
    schema = resolved(schema)
    several: list[JSON] = schema.get("oneOf") or schema.get("anyOf") or [schema]
    return [resolved(each) for each in several]


def judge(schema: JSON) -> Draft202012Validator:
    """Tells what is wrong with something that is to be like this."""
    return Draft202012Validator({**schema, "components": DESCRIPTION["components"]})


def examples_of(content: JSON) -> list[Any]:
    """What stands beside a body or an answer, or else at the thing that it is."""
    beside = [each["value"] for each in content.get("examples", {}).values()]
    beside += [content["example"]] if "example" in content else []
    return beside or [example for kind in kinds(content["schema"]) for example in kind.get("examples", ())]


def test_every_operation_answers_something() -> None:
    with_answers = {name.partition(" answers")[0] for name in CONTENTS if " answers 2" in name}
    assert with_answers == {name for name, _ in operations()}


@pytest.mark.parametrize("name", CONTENTS)
def test_every_body_and_answer_tells_its_fields(name: str) -> None:
    assert all(kind.get("properties") for kind in kinds(CONTENTS[name]["schema"]))


@pytest.mark.parametrize("name", CONTENTS)
def test_every_body_and_answer_has_an_example_that_is_right(name: str) -> None:
    schema, examples = CONTENTS[name]["schema"], examples_of(CONTENTS[name])
    faults = [
        f"{each.instance_path}: {each.message}" for example in examples for each in judge(schema).iter_errors(example)
    ]
    assert faults == []
    assert [kind["title"] for kind in kinds(schema) if not any(map(judge(kind).is_valid, examples))] == []


def test_whoever_may_name_a_version_is_told_what_happens_if_she_does_not() -> None:
    told = [
        parameter["description"]
        for _, operation in operations()
        for parameter in operation.get("parameters", ())
        if parameter["name"] == "if-match"
    ]
    assert told
    assert all("Without it" in each for each in told)
