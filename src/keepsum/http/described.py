"""The description of the API: what the framework generates, made complete, and the routes of a workspace's packs."""

import json
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from keepsum.http.browsers import SESSION
from keepsum.http.dashboards import NewDashboard, NextVersion, Sharing
from keepsum.http.days import Decision
from keepsum.http.exports import NewExport
from keepsum.http.jobs import Order
from keepsum.http.links import Forgotten, Use
from keepsum.http.live import Watched
from keepsum.http.own_metrics import Check, Preview, Rewritten, Written
from keepsum.http.people import Invitation, Roles
from keepsum.http.problems import Problem, RejectedRecord, documented, nested_of, status_of
from keepsum.http.public import PUBLIC
from keepsum.http.published import WidgetAsked, WidgetsWatched
from keepsum.http.purge import Switch
from keepsum.http.query import Question
from keepsum.http.query_file import NewFile
from keepsum.http.records import ARRAY_TYPES, LINE_TYPES, PATH
from keepsum.http.session import Move, NewPassword, SignIn
from keepsum.http.tokens import NewToken
from keepsum.http.workspaces import Change
from keepsum.model.catalog import Catalog, Pack
from keepsum.model.route import ErrorShape, Parameter, Route

Schema = dict[str, Any]

# Statuses that a request can end with before its route is looked at, and those of routes that are not public.
BEFORE = (400, 414, 421, 429, 431)
BEFORE_ROUTES = (401, 403, 503)

# Shapes that routes name by reference, for they read them themselves.
SHAPES = (
    Problem, RejectedRecord, Question, Order, SignIn, Move, NewPassword, Forgotten, Use, Invitation, Roles, NewToken,
    Change, NewExport, NewFile, Switch, NewDashboard, NextVersion, Sharing, Decision,
    WidgetAsked, WidgetsWatched, Watched, Check, Preview, Written, Rewritten,
)  # fmt: skip

SECURITY: Schema = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API token of a workspace (`keepsum tokens create`), or a JWT of a provider that is set up.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION,
        "description": "What signing in at `POST /v1/session` sets, over TLS with `__Host-` in front. Requests that "
        "change something send the header X-CSRF-Token as well, as `GET /v1/session` gives it.",
    },
}
HEADERS: Schema = {
    "X-Request-Id": {
        "description": "What the server's log calls the request: the id it brought, or one that was made.",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "After how many seconds it is worth trying again.",
        "schema": {"type": "integer"},
    },
    "RateLimit": {
        "description": "What is left of the quota, as the IETF's draft on rate limits has it.",
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {"description": "The quota: `q` requests in `w` seconds.", "schema": {"type": "string"}},
    "WWW-Authenticate": {"description": "How to say who asks.", "schema": {"type": "string"}},
}
NESTED: Schema = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        }
    },
    "example": {"error": {"code": "validation_error", "message": "The request needs 'from'."}},
}


def complete(app: FastAPI) -> None:
    """Add to the description what the framework does not see.

    That is batches of records, shapes named by reference, who may come in, and what ends requests before their route.
    """
    generated = app.openapi

    def described() -> Schema:
        if app.openapi_schema:
            return app.openapi_schema
        schema = generated()
        schema["paths"] = {PATH: {"post": _collecting()}, **schema["paths"]}
        schema["components"] = _components(app, schema.get("components", {}))
        schema["security"] = [{name: []} for name in SECURITY]
        for path, item in schema["paths"].items():
            for method, operation in item.items():
                _complete(operation, public=(method.upper(), path) in PUBLIC)
        app.openapi_schema = schema
        return schema

    app.openapi = described


def with_packs(schema: Schema, catalog: Catalog) -> Schema:
    """Give a complete description with the routes of a catalog's packs as well."""
    paths = dict(schema["paths"])
    for pack, route in catalog.routes:
        operation = _operation(pack, route)
        _complete(operation, public=False)
        paths[route.path] = {**paths.get(route.path, {}), route.method.lower(): operation}
    return {**schema, "paths": paths}


def _components(app: FastAPI, components: Schema) -> Schema:
    schemas = components.setdefault("schemas", {})
    for model in _answers(app):
        extra: Any = model.model_config.get("json_schema_extra", {})
        schemas[model.__name__] |= extra  # the framework has dropped each null of an example
    for model in SHAPES:
        shape = model.model_json_schema(ref_template="#/components/schemas/{model}")
        # What is given as well is described as it is given, whole: so whoever sends it leaves nothing out.
        schemas |= {name: inner for name, inner in shape.pop("$defs", {}).items() if name not in schemas}
        schemas[model.__name__] = _referring(shape)
    asked = schemas[Question.__name__]
    for name in asked["properties"].keys() - set(asked["required"]):
        asked["properties"][name] = _or_null(asked["properties"][name])
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["NestedError"] = NESTED
    return {**components, "securitySchemes": SECURITY, "headers": HEADERS}


def _referring(value: Any) -> Any:
    """Give a shape with a reference in place of each part that says only which other it is like."""
    if isinstance(value, list):
        return [_referring(one) for one in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    shape = {name: _referring(one) for name, one in cast("Schema", value).items()}
    like = shape.pop("x-like", None)
    return shape if like is None else {**shape, "$ref": f"#/components/schemas/{like}"}


def _or_null(shape: Schema) -> Schema:
    """Give the shape of what is not sent when it is null."""
    return {"anyOf": [shape, {"type": "null"}]}


def _answers(app: FastAPI) -> Iterator[type[BaseModel]]:
    """Give the shapes that routes declare to answer with."""
    for context in iter_route_contexts(app.routes):
        model: Any = getattr(context.original_route, "response_model", None)
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield model


def _complete(operation: Schema, *, public: bool) -> None:
    """Say of an operation what is so of all: how it may end before its route, and the headers of its responses."""
    responses: Schema = operation["responses"]
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]  # what the framework would say; here it is a problem with 400
    for status, said in documented(*BEFORE, *(() if public else BEFORE_ROUTES)).items():
        present = responses.setdefault(str(status), said)
        present["content"] = {**present.get("content", {}), **said["content"]}
    for status, said in responses.items():
        named = ["X-Request-Id", *_OWN_HEADERS.get(status, ())]
        said["headers"] = {**said.get("headers", {}), **{name: _header(name) for name in named}}
    if public:
        operation["security"] = []


_OWN_HEADERS: Mapping[str, tuple[str, ...]] = {
    "401": ("WWW-Authenticate",),
    "429": ("Retry-After", "RateLimit", "RateLimit-Policy"),
    "503": ("Retry-After",),
}


def _header(name: str) -> Schema:
    return {"$ref": f"#/components/headers/{name}"}


# What a pack's route may end with: codes of errors with their kinds, those of a body apart.
ENDS = (
    ("BAD_PARAMETER", "invalid"),
    ("NOT_PERMITTED", "forbidden"),
    ("UNKNOWN_METRIC", "not_found"),
    ("FILES_MOVING", "unavailable"),
    ("INTERNAL", "error"),
)
ENDS_OF_BODIES = (("BODY_TOO_LARGE", "invalid"), ("UNKNOWN_CONTENT_TYPE", "invalid"))


def _operation(pack: Pack, route: Route) -> Schema:
    """Give the description of a pack's route."""
    placed = [_parameter(one, "path") for one in route.parameters if one.name in route.slots]
    sent = [one for one in route.parameters if one.name not in route.slots]
    operation: Schema = {
        "tags": [pack.name],
        "summary": route.about or f"{route.method} {route.path}",
        "operationId": "_".join([pack.name, route.method.lower(), *_words(route)]),
        "parameters": [*placed, *(_parameter(one, "query") for one in sent if route.method == "GET")],
        "responses": {str(route.status): _answer(route), **_failures(pack.errors, has_body=route.method == "POST")},
    }
    if route.method == "POST":
        body = {
            "type": "object",
            "additionalProperties": False,
            "required": [one.name for one in sent if one.required],
            "properties": {one.name: _shape(one) if one.required else _or_null(_shape(one)) for one in sent},
        }
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation


def _words(route: Route) -> Iterable[str]:
    return (part.strip("{}").replace("-", "_").replace(".", "_") for part in route.segments)


def _answer(route: Route) -> Schema:
    content: Schema = {"schema": {}}
    if route.example is not None:
        content["example"] = route.example
    return {"description": "What the pack answers with", "content": {"application/json": content}}


def _failures(shape: ErrorShape, *, has_body: bool) -> Schema:
    """Give the responses that tell errors in a pack's shape, by status."""
    ends = (*ENDS, *(ENDS_OF_BODIES if has_body else ()))
    if shape.form == "problem":
        return {str(status): said for status, said in documented(*(status_of(*end) for end in ends)).items()}
    statuses = {nested_of(*end, shape)[1] for end in ends} | {status for _, status in shape.told.values()}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/NestedError"}}}
    return {str(status): {"description": HTTPStatus(status).phrase, "content": dict(content)} for status in statuses}


def _parameter(parameter: Parameter, place: str) -> Schema:
    return {
        "name": parameter.name,
        "in": place,
        "required": parameter.required or place == "path",
        **({"description": parameter.about} if parameter.about else {}),
        "schema": _shape(parameter),
    }


def _shape(parameter: Parameter) -> Schema:
    """Give the schema of a parameter's values."""
    usual = {} if parameter.default is None else {"default": parameter.default}
    match parameter.kind:
        case "integer":
            bounds = {"minimum": parameter.least, "maximum": parameter.most}
            return {"type": "integer", **{name: n for name, n in bounds.items() if n is not None}, **usual}
        case "boolean":
            return {"type": "boolean", **usual}
        case "object":
            return {"type": "object"}
        case "date":
            return {"type": "string", "format": "date", **usual}
        case "text" if parameter.options:
            return {"type": "string", "enum": list(parameter.options), **usual}
        case _:
            return {"type": "string", "minLength": 1, "maxLength": parameter.longest, **usual}


RECEIPT: Schema = {
    "type": "object",
    "required": ["accepted", "duplicates", "rejected", "rejected_count"],
    "properties": {
        "accepted": {"type": "integer", "description": "How many records are kept now that were not before."},
        "duplicates": {"type": "integer", "description": "How many were there already, equal in all."},
        "rejected": {"type": "array", "items": {"$ref": "#/components/schemas/RejectedRecord"}},
        "rejected_count": {"type": "integer"},
    },
    "example": {"accepted": 2, "duplicates": 0, "rejected": [], "rejected_count": 0},
}
RECORD = {"id": "a-1", "occurred_at": "2026-01-31T09:30:00Z", "customer": "c-7", "amount": 1990}


def _collecting() -> Schema:
    """Give the description of `POST /v1/streams/{stream}/records`."""
    one: Schema = {"type": "object", "additionalProperties": True}
    # What stands in an array and is no object is a rejected record, told by its place, and no bad request.
    each: Schema = {"description": "A record; whatever is no object is rejected, by its place in the array."}
    many = {"oneOf": [{"type": "array", "items": each}, one]}
    content: Schema = {media: {"schema": many, "example": [RECORD]} for media in ARRAY_TYPES}
    content |= {media: {"schema": {"type": "string"}, "example": json.dumps(RECORD)} for media in LINE_TYPES}
    receipt = {"description": "Durably kept", "content": {"application/json": {"schema": RECEIPT}}}
    problems = {str(status): said for status, said in documented(400, 403, 404, 409, 413, 415, 422, 503).items()}
    return {
        "tags": ["records"],
        "summary": "Send records",
        "operationId": "post_records",
        "description": (
            "Takes one object, an array, or lines of JSON, at will compressed with gzip or zstd. The answer comes when "
            "the good records are durable. Sending a batch again adds nothing: a record is known by its key and day."
        ),
        "parameters": [
            {"name": "stream", "in": "path", "required": True, "schema": {"type": "string"}, "example": "orders"},
            {
                "name": "atomic",
                "in": "query",
                "schema": {"type": "boolean", "default": False},
                "description": "Keep all or, if one record is bad, none.",
            },
            {
                "name": "Content-Encoding",
                "in": "header",
                "schema": {"type": "string"},
                "description": "How the body is compressed: `gzip`, `zstd`, or not at all, `identity`.",
                "example": "identity",
            },
        ],
        "requestBody": {"required": True, "content": content},
        "responses": {"200": receipt, **problems},
    }
