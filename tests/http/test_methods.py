import pytest
from tests.served import problem_of

TAKEN = [
    ("/v1/days", "GET, HEAD, OPTIONS"),
    ("/v1/query", "GET, POST, HEAD, OPTIONS"),
    ("/v1/streams/orders/records", "POST, OPTIONS"),
    ("/v1/jobs/1", "GET, HEAD, OPTIONS"),
    ("/health", "GET, HEAD, OPTIONS"),
    ("/docs", "GET, HEAD, OPTIONS"),
]


@pytest.mark.parametrize(("path", "methods"), TAKEN)
def test_options_tells_the_methods_of_a_path(shared, path, methods):
    response = shared.client.request("OPTIONS", path)
    assert (response.status_code, response.content, response.headers["allow"]) == (204, b"", methods)


@pytest.mark.parametrize(("path", "methods"), TAKEN)
def test_a_method_that_a_path_does_not_take_is_refused_with_those_it_takes(shared, path, methods):
    for method in ("PUT", "PATCH", "TRACE"):
        response = shared.client.request(method, path)
        problem_of(response, 405, "METHOD_NOT_ALLOWED")
        assert response.headers["allow"] == methods


def test_a_path_that_nobody_declared_has_no_methods(shared):
    for method in ("OPTIONS", "HEAD", "PUT"):
        response = shared.client.request(method, "/nothing")
        assert (response.status_code, response.headers.get("allow")) == (404, None)
