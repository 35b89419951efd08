import re

from fastapi.routing import APIRoute
from tests.served import PACK

from keepsum.http.app import make_app
from keepsum.http.query import EXAMPLE
from keepsum.http.records import PATH
from keepsum.pipeline.ask import query_of

OPERATIONS = ("get", "post")


def described(shared):
    return shared.get("/openapi.json").json()


def operations(schema):
    return {(path, method): told for path, item in schema["paths"].items() for method, told in item.items()}


def test_the_docs_need_nothing_from_elsewhere(shared):
    page = shared.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert re.findall(r"https?://|//cdn", page.text) == []
    named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(named) == 3
    for path in named:
        file = shared.get(path)
        assert file.status_code == 200
        assert len(file.content) > 500


def test_every_route_is_described(shared):
    schema = described(shared)
    house = shared.house
    declared = {(route.path, method.lower()) for route in routes(make_app(house.install)) for method in route.methods}
    assert declared | {(PATH, "post")} == set(operations(schema))
    assert all(told["summary"] and told["tags"] for told in operations(schema).values())


def routes(app):
    """Every documented route, those of included routers too."""
    found, waiting = [], list(app.routes)
    while waiting:
        route = waiting.pop()
        if isinstance(route, APIRoute):
            found += [route] if route.include_in_schema else []
        else:
            inner = getattr(route, "original_router", None)
            waiting += inner.routes if inner else []
    return found


def test_every_error_is_described_as_a_problem(shared):
    for (path, method), told in operations(described(shared)).items():
        failures = {code: said for code, said in told["responses"].items() if code >= "400"}
        assert {"400", "500"} <= set(failures), (path, method)
        assert "422" not in failures or path == PATH
        for code, said in failures.items():
            kinds = set(said["content"])
            assert kinds == {"application/problem+json"} or (path, code) == ("/health", "503"), (path, code)


def test_every_reference_leads_somewhere(shared):
    schema = described(shared)
    named = set(re.findall(r'"\$ref": ?"#/components/schemas/(\w+)"', shared.get("/openapi.json").text))
    assert {"Problem", "RejectedRecord", "Question", "Order", "AnswerOut"} <= named
    assert named <= set(schema["components"]["schemas"])


def test_no_error_is_described_that_is_never_sent(shared):
    assert "HTTPValidationError" not in described(shared)["components"]["schemas"]


def test_the_examples_can_be_sent():
    assert query_of(EXAMPLE).metrics == ("revenue",)


def test_the_description_is_made_once(shared):
    assert shared.get("/openapi.json").content == shared.get("/openapi.json").content
    assert PACK.name not in shared.get("/openapi.json").text
