"""How the doors for programs are described: OpenAPI in which every refusal that an operation may answer with stands."""

from http import HTTPStatus
from typing import Any, Final, cast

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict

from shared.web import Pages

JSON = dict[str, Any]

PROBLEM: Final = "application/problem+json"
NULL: Final = {"type": "null"}
METHODS: Final = ("get", "put", "post", "patch", "delete")

WHEN: Final = {
    304: "It is as you have it (If-None-Match).",
    400: "The body cannot be read.",
    401: "Nobody has signed in: send a bearer token.",
    403: "Your role may not do this.",
    404: "There is no such thing, or you may not know of it.",
    409: "It does not go together with how things stand; the detail says what to do.",
    412: "It has changed since you read it: read it again, and send its new ETag.",
    413: "The body is larger than anything we ask for.",
    415: "The body is of a type that is not taken here.",
    422: "The request is not right; the detail says which field and why.",
    503: "Not possible just now: try again in a little while.",
}
"""What each status means here, in words for whoever calls."""


class ProblemDetails(BaseModel):
    """Says what is wrong and what to do (RFC 9457). `type` is stable; further members depend on it."""

    model_config = ConfigDict(
        title="Problem",
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "/problems/cohort-exists",
                    "title": "Not possible as things stand",
                    "status": 409,
                    "detail": "there is a cohort FLC-2027-1 already: give the new one another id",
                }
            ]
        },
    )

    type: str
    title: str
    status: int
    detail: str


def api_page(app: FastAPI, pages: Pages) -> APIRouter:
    """The page that lists what programs can ask, from the application's OpenAPI; it loads nothing from elsewhere."""
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    async def docs() -> HTMLResponse:
        paths: dict[str, dict[str, dict[str, str]]] = app.openapi()["paths"]
        operations = [
            {"method": method.upper(), "path": path, "says": " ".join(told.get("description", "").split())}
            for path, methods in sorted(paths.items())
            for method, told in methods.items()
        ]
        return pages.render("api.html", "en", heading=app.title, operations=operations)

    return router


class Application(FastAPI):
    """An application whose description tells all that it may answer."""

    def openapi(self) -> JSON:
        """The description, made once."""
        if not self.openapi_schema:
            _complete(super().openapi())
        return super().openapi()


def _complete(schema: JSON) -> None:
    components: JSON = schema.setdefault("components", {}).setdefault("schemas", {})
    for methods in schema.get("paths", {}).values():
        for method in METHODS:
            if operation := methods.get(method):
                _tell_refusals(operation)
                _hoist_body(operation, components)
    for fastapis_own in ("HTTPValidationError", "ValidationError"):
        components.pop(fastapis_own, None)
    components["Problem"] = ProblemDetails.model_json_schema()
    for shape in components.values():
        if "examples" in shape:
            shape["examples"] = [_with_nulls(each, shape, components) for each in shape["examples"]]


def _with_nulls(example: Any, schema: JSON, components: JSON) -> Any:
    """FastAPI takes null for something to be left out, in examples too: put back what is always there."""
    schema = _resolved(schema, components)
    if isinstance(example, list):
        return [_with_nulls(each, schema.get("items", {}), components) for each in example]
    if not isinstance(example, dict):
        return example
    told = {
        name: _with_nulls(example.get(name), part, components)
        for name, part in schema.get("properties", {}).items()
        if name in example or (name in schema.get("required", ()) and _may_be_null(part))
    }
    return told | {name: value for name, value in example.items() if name not in told}


def _resolved(schema: JSON, components: JSON) -> JSON:
    """What a reference, or something that may be null, is when it is there."""
    there = [kind for kind in schema.get("anyOf", ()) if kind != NULL]
    schema = there[0] if len(there) == 1 else schema
    return cast("JSON", components[schema["$ref"].rpartition("/")[2]]) if "$ref" in schema else schema


def _may_be_null(schema: JSON) -> bool:
    return schema == NULL or NULL in schema.get("anyOf", ())


def _tell_refusals(operation: JSON) -> None:
    responses: JSON = operation["responses"]
    known = {int(status) for status in responses if status.isdigit()}
    for status in sorted((known | _usual(operation)) - {status for status in known if status < 300}):
        before = responses.get(str(status), {})
        responses[str(status)] = _problem(status) if status >= 400 else before | {"description": WHEN[status]}
    operation["responses"] = dict(sorted(responses.items()))


def _usual(operation: JSON) -> set[int]:
    """Refusals that follow from what an operation takes."""
    headers = {each["name"].lower() for each in operation.get("parameters", ()) if each["in"] == "header"}
    usual = {503}
    if operation.get("security"):
        usual |= {401, 403}
    if "requestBody" in operation:
        usual |= {400, 413, 422}
    if operation.get("parameters"):
        usual.add(422)
    if "if-match" in headers:
        usual.add(412)
    return usual


def _problem(status: int) -> JSON:
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": WHEN.get(status, HTTPStatus(status).phrase), "content": content}


def _hoist_body(operation: JSON, components: JSON) -> None:
    """Parts of a body that was described by hand (see `file_body`) stand with the other components."""
    for media in operation.get("requestBody", {}).get("content", {}).values():
        components |= media.get("schema", {}).pop("$defs", {})


def file_body(model: type[BaseModel], *media_types: str, example: Any) -> JSON:
    """For `openapi_extra=` of a route that reads its body itself: what it must hold."""
    name = model.__name__
    whole = model.model_json_schema(ref_template="#/components/schemas/" + name + ".{model}")
    parts = {f"{name}.{part}": schema for part, schema in whole.pop("$defs", {}).items()}
    reference = {"$ref": f"#/components/schemas/{name}", "$defs": {**parts, name: whole}}
    content = {media: {"schema": dict(reference), "example": example} for media in media_types}
    return {"requestBody": {"required": True, "content": content}}
