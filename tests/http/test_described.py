"""The description is complete: who may come in, every way it may end, headers and examples that fit."""

import json

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel, TypeAdapter

from keepsum.engine.lint.routes import OWN
from keepsum.http.app import make_app
from keepsum.http.public import PUBLIC

PARAMETER_KINDS = ("query", "path", "header", "cookie")


@pytest.fixture(scope="module")
def schema(shared_app):
    return shared_app.openapi()


@pytest.fixture(scope="module")
def shared_app(asking):
    return make_app(asking.house.install)


def operations(schema):
    return {(method.upper(), path): told for path, item in schema["paths"].items() for method, told in item.items()}


def resolved(schema, value):
    """What a reference leads to."""
    while isinstance(value, dict) and "$ref" in value:
        found = schema
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        value = found
    return value


def example_of(schema, content):
    """The example of a body: its own, or its shape's."""
    return content.get("example", resolved(schema, content["schema"]).get("example"))


def test_every_operation_says_whether_one_has_to_say_who_asks(schema):
    assert {name: one["type"] for name, one in schema["components"]["securitySchemes"].items()} == {
        "token": "http",
        "session": "apiKey",
    }
    assert schema["security"] == [{"token": []}, {"session": []}]
    described = operations(schema)
    assert {place for place, told in described.items() if told.get("security") == []} == PUBLIC & described.keys()
    assert all(told.get("security") in (None, []) for told in described.values())


def test_every_operation_says_how_it_may_end_before_its_route(schema):
    for place, told in operations(schema).items():
        expected = {"400", "421", "429", "500"} | (set() if place in PUBLIC else {"401", "403", "503"})
        assert expected <= set(told["responses"]), place


def test_every_response_says_that_it_has_the_requests_id(schema):
    for place, told in operations(schema).items():
        for status, said in told["responses"].items():
            assert said["headers"]["X-Request-Id"] == {"$ref": "#/components/headers/X-Request-Id"}, (place, status)
            assert all(resolved(schema, header)["schema"] for header in said["headers"].values())


def test_every_parameter_and_every_field_of_a_body_says_what_it_is(schema):
    for place, told in operations(schema).items():
        for parameter in told.get("parameters", ()):
            assert parameter["in"] in PARAMETER_KINDS
            assert "schema" in parameter, place
            assert parameter.get("description") or parameter["in"] == "path", (place, parameter["name"])


def test_every_body_has_an_example(schema):
    without = [
        (place, status)
        for place, told in operations(schema).items()
        for status, said in [("request", told.get("requestBody", {})), *told["responses"].items()]
        for media, content in said.get("content", {}).items()
        if media == "application/json" and example_of(schema, content) is None
    ]
    assert without == [], without


def test_every_example_fits_the_shape_it_is_of(schema, shared_app):
    seen = 0
    for context in iter_route_contexts(shared_app.routes):
        route = context.original_route
        if not isinstance(route, APIRoute) or not route.include_in_schema or not isinstance(route.response_model, type):
            continue
        told = schema["paths"][route.path]
        for method in route.methods or ():
            responses = told[method.lower()]["responses"]
            content = responses[str(route.status_code or 200)].get("content", {}).get("application/json")
            if content is not None:
                TypeAdapter(route.response_model).validate_json(json.dumps(example_of(schema, content)))
                seen += 1
    assert seen > 10


def test_every_request_example_fits_the_shape_it_is_of(schema):
    shapes = {shape.__name__: shape for shape in below(BaseModel) if shape.__module__.startswith("keepsum.http")}
    named = {
        content["schema"]["$ref"].rpartition("/")[2]
        for told in operations(schema).values()
        for content in told.get("requestBody", {}).get("content", {}).values()
        if "$ref" in content["schema"]
    }
    assert named >= {"Question", "Order"}
    for name in named:
        shapes[name].model_validate(resolved(schema, {"$ref": f"#/components/schemas/{name}"})["example"])


def below(shape):
    for one in shape.__subclasses__():
        yield one
        yield from below(one)


def test_an_array_may_hold_what_is_no_record(schema):
    told = operations(schema)["POST", "/v1/streams/{stream}/records"]
    array, _ = told["requestBody"]["content"]["application/json"]["schema"]["oneOf"]
    assert "type" not in array["items"]


def test_every_operation_has_a_name_of_its_own(schema):
    names = [told["operationId"] for told in operations(schema).values()]
    assert len(names) == len(set(names))


def test_no_route_of_the_servers_own_lies_where_packs_may_have_theirs(shared_app):
    paths = {context.path or "" for context in iter_route_contexts(shared_app.routes)} - {"/"}
    assert {path.split("/")[1] for path in paths} <= set(OWN)
