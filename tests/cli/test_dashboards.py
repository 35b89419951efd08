from tests.cli.test_people import opened

from keepsum import Dashboard, Widget, WidgetQuery
from keepsum.model.access import machine
from keepsum.pipeline import dashboards

WIDGETS = (
    Widget("gone", kind="bar", title="Profit", query=WidgetQuery(("profit",), by=("place",), grain="month")),
    Widget("note", kind="text"),
)


def made(install, **changed):
    with opened(install) as found:
        system = found.system("default")
        board = Dashboard(**{"title": "Takings", "about": "By place.", "widgets": WIDGETS, **changed})
        return dashboards.make(system.dashboards, machine("default"), board, now=system.clock()).id


def test_dashboards_are_listed_and_shown(install):
    assert install("dashboards").words == "No dashboard yet."
    identity = made(install)
    (listed,) = install("dashboards", "list", "--json").json["dashboards"]
    assert (listed["id"], listed["title"], listed["version"], listed["widgets"]) == (identity, "Takings", 1, 2)
    assert (listed["owner"], listed["pack"], listed["shared"], listed["published"]) == ("machine", None, [], False)
    assert "Takings" in install("dashboards").out
    shown = install("dashboards", "show", identity)
    assert "Takings: By place." in shown.out
    assert "UNKNOWN_METRIC" in shown.out
    said = install("dashboards", "show", identity, "--json").json
    assert [one["id"] for one in said["document"]["widgets"]] == ["gone", "note"]
    assert [one["widget"] for one in said["missing"]] == ["gone"]


def test_a_dashboard_that_is_not_there_is_refused(install):
    said = install("dashboards", "show", "none")
    assert said.code != 0
    assert "UNKNOWN_DASHBOARD" in said.err
