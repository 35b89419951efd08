from typing import Any

import pytest

from keepsum import Answer, ErrorShape, Pack, Permission, Route
from keepsum.model.answer import Column, Coverage, Labels
from keepsum.model.catalog import Catalog


def route(path, method: Any = "GET"):
    return Route(method, path, answer=nothing, permission=Permission.READ)


def nothing(_ask, _given):
    return None


@pytest.mark.parametrize(
    ("declared", "asked", "found"),
    [
        ("/shop/days", "/shop/days", {}),
        ("/shop/days/{day}", "/shop/days/3", {"day": "3"}),
        ("/shop/{day}/of/{month}", "/shop/3/of/May", {"day": "3", "month": "May"}),
        ("/shop/{day}", "/shop/a b", {"day": "a b"}),
        ("/shop/days", "/shop/days/", None),
        ("/shop/days", "/shop", None),
        ("/shop/days", "/shop/Days", None),
        ("/shop/days", "shop/days", None),
        ("/shop/{day}", "/shop/", None),
        ("/shop/{day}", "/shop", None),
        ("/shop/{day}", "/shop/3/4", None),
        ("/shop/{day}", "/other/3", None),
    ],
)
def test_a_path_is_found_when_every_segment_is(declared, asked, found):
    assert route(declared).found_in(asked) == found


def test_a_route_knows_its_parameters_in_their_order():
    declared = route("/shop/{day}/of/{month}")
    assert declared.slots == ("day", "month")
    assert declared.shape == ("shop", None, "of", None)


def test_a_catalog_gives_plain_segments_before_parameters_whatever_order_packs_have():
    one = Pack("one", routes=(route("/shop/{day}"), route("/shop/today"), route("/shop/{day}/{hour}")))
    two = Pack("two", routes=(route("/house/x", "POST"), route("/house/x"), route("/shop/today/now")))
    ordered = [(pack.name, route.method, route.path) for pack, route in Catalog((one, two)).routes]
    assert ordered == [(pack.name, route.method, route.path) for pack, route in Catalog((two, one)).routes]
    places = {path: place for place, (_, _, path) in enumerate(ordered)}
    assert places["/shop/today"] < places["/shop/{day}"]
    assert places["/shop/today/now"] < places["/shop/{day}/{hour}"]


def test_a_shape_of_errors_can_be_compared_and_kept_in_a_set():
    nested = ErrorShape("nested", told={"invalid": ("wrong", 400)})
    assert nested == ErrorShape("nested", told={"invalid": ("wrong", 400)})
    assert nested != ErrorShape("nested")
    assert len({nested, ErrorShape("nested"), ErrorShape()}) == 3


def test_an_answer_gives_its_rows_by_column():
    labels = Labels(
        exact=True, final=True, coverage=Coverage(days=1), suppressed=False, guarded=False, basis="origin", sources={}
    )
    columns = (Column(name="country", kind="dimension"), Column(name="revenue", kind="metric"))
    answer = Answer(columns=columns, rows=(("France", 5), ("Spain", None)), labels=labels)
    assert answer.by_column() == [{"country": "France", "revenue": 5}, {"country": "Spain", "revenue": None}]
