"""What a dashboard may be."""

from keepsum import Dashboard, Place, Widget, WidgetOptions, WidgetQuery
from keepsum.engine.compose import faults


def test_a_widget_keeps_within_its_grid_and_its_question():
    def wrong(**changed):
        widget = {"kind": "line", "query": WidgetQuery(("orders",))} | changed
        return [where for where, _ in faults(Dashboard(title="x", widgets=(Widget("a", **widget),)))]

    assert wrong() == []
    assert wrong(place=Place(11, 999, 1, 40)) == []
    for place in (Place(12, 0, 1, 1), Place(6, 0, 7, 1), Place(-1, 0, 1, 1), Place(0, 1_000, 1, 1), Place(0, 0, 1, 41)):
        assert wrong(place=place) == ["widgets.0.place"], place
    assert wrong(query=None) == ["widgets.0.query"]
    assert wrong(kind="text") == ["widgets.0.query"]
    assert wrong(kind="tree") == ["widgets.0.kind"]
    assert wrong(options=WidgetOptions(target="1e400000000000")) == ["widgets.0.options.target"]
    assert wrong(query=WidgetQuery(("orders",), by=("a", "b", "c"))) == ["widgets.0.query.by"]
    assert wrong(query=WidgetQuery(())) == ["widgets.0.query.metrics"]
