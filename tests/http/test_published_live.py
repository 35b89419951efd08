"""Published dashboards that are watched: answers come by themselves to whoever has the link, and to nobody else."""

import time
from contextlib import closing, contextmanager

import pytest
from tests.http.test_dashboards import PATH, REVENUE, put, share
from tests.http.test_live import SOON, Stream, today
from tests.http.test_published import DAYS, OPEN, publish
from tests.served import PACK, problem_of, served_from
from tests.systems import House

from keepsum.http import live, looks, published

TODAY = {"from": "2026-02-01", "to": "2026-02-01"}
SOLD = REVENUE | {"id": "sold", "query": OPEN | {"grain": "all"}, "options": REVENUE["options"] | {"comparison": False}}
BOARD = {"widgets": [SOLD], "range": {"preset": "today"}, "refresh": "live"}


def body(**more):
    return {"queries": [{"widget": "sold", **TODAY, **more}]}


@contextmanager
def watching(served, link, headers=None, **more):
    path = f"/v1/public/{link}/live"
    with served.nobody.stream("POST", path, json=body(**more), headers=headers, timeout=120) as response:
        assert response.status_code == 200, response.read()
        yield Stream(response)


def test_strangers_see_the_next_k_people_within_two_seconds_and_nobody_before(served):
    served.send(today(10, "first"))
    _, link = publish(served, **BOARD)
    with watching(served, link) as stream:
        ((_, said),) = stream.wait(1)
        assert said["answer"]["labels"]["guarded"] is True
        assert stream.figures() == [10]
        served.send(today(9, "second"))
        time.sleep(2.5 * looks.EVERY)
        assert stream.figures() == [10]
        sent = time.monotonic()
        served.send(today(1, "third"))
        assert stream.until(20) - sent < SOON


def test_watching_ends_when_the_link_is_taken_back(served):
    identity, link = publish(served, **BOARD)
    with watching(served, link) as stream:
        stream.wait(1)
        began = time.monotonic()
        share(served.client, identity, published=False)
        assert stream.end() - began < SOON + 1
        _, name, said = stream.events[-1]
        assert (name, said["code"]) == ("end", "LINK_INVALID")
    problem_of(served.nobody.post(f"/v1/public/{link}/live", json=body()), 404, "LINK_INVALID")


def test_watching_ends_when_the_dashboard_is_changed_so_that_it_is_shown_anew(served, monkeypatch):
    monkeypatch.setattr(published, "PROVEN_EVERY", 0.5)
    identity, link = publish(served, **BOARD)
    with watching(served, link) as stream:
        stream.wait(1)
        assert put(served.client, identity, 1, title="Another").json()["version"] == 2
        stream.end()
        assert stream.events[-1][2]["code"] == "DASHBOARD_CHANGED"
    assert served.client.delete(f"{PATH}/{identity}").status_code == 204


def test_strangers_watch_what_the_dashboard_is_about_and_nothing_else(served):
    _, link = publish(served, **BOARD)
    with watching(served, link, **DAYS) as stream:
        ((name, said),) = stream.wait(1)
        assert (name, said["problem"]["code"]) == ("problem", "OUTSIDE_DASHBOARD")
    path = f"/v1/public/{link}/live"
    problem_of(served.nobody.post(path, json=body(where={"place": ["Bonn"]})), 400, "UNKNOWN_PARAMETER")
    problem_of(served.nobody.post(path, json={"queries": []}), 400, "BAD_PARAMETER")
    many = {"queries": body()["queries"] * (live.MOST_QUERIES + 1)}
    problem_of(served.nobody.post(path, json=many), 400, "BAD_PARAMETER")


def test_why_a_widget_has_no_answer_does_not_say_what_else_there_is(served):
    gone = SOLD | {"query": SOLD["query"] | {"metrics": ["profit"]}}
    _, link = publish(served, **BOARD | {"widgets": [gone]})
    with watching(served, link) as stream:
        ((name, said),) = stream.wait(1)
    assert (name, said["problem"]["code"]) == ("problem", "UNKNOWN_METRIC")
    assert "revenue" not in str(said)


def test_a_dashboard_is_watched_in_as_many_places_as_there_may_be(served, monkeypatch):
    monkeypatch.setattr(looks, "MOST", 1)
    _, link = publish(served, **BOARD)
    with watching(served, link) as stream:
        stream.wait(1)
        problem_of(served.nobody.post(f"/v1/public/{link}/live", json=body()), 429, "TOO_MANY_LIVE")


@contextmanager
def freed(served, link, headers):
    """Watch as soon as a place is free again: the server notices a moment later that somebody left."""
    until = time.monotonic() + SOON + live.HEARD_EVERY
    path = f"/v1/public/{link}/live"
    while True:
        with served.nobody.stream("POST", path, json=body(), headers=headers, timeout=120) as response:
            if response.status_code == 200:
                yield Stream(response)
                return
        assert time.monotonic() < until, "the place was never given back"
        time.sleep(0.1)


def test_one_address_takes_no_more_than_its_own_places_of_a_dashboard(tmp_path, monkeypatch):
    monkeypatch.setattr(looks, "MOST_OF_PLACE", 2)
    here, there = ({"x-forwarded-for": address} for address in ("2001:db8:0:1::5", "2001:db8:0:2::5"))
    beside = {"x-forwarded-for": "2001:db8:0:1::6"}  # the same customer's
    with closing(House(tmp_path, PACK)) as house, served_from(house, trusted_proxies="127.0.0.1") as served:
        _, link = publish(served, **BOARD)
        _, other = publish(served, **BOARD)

        def refused(which, headers):
            answered = served.nobody.post(f"/v1/public/{which}/live", json=body(), headers=headers)
            problem_of(answered, 429, "TOO_MANY_LIVE")

        with watching(served, link, here) as first:
            with watching(served, link, beside) as second:
                first.wait(1)
                second.wait(1)
                refused(link, here)
                for which, headers in ((link, there), (other, here)):
                    with watching(served, which, headers) as stream:
                        stream.wait(1)
            with freed(served, link, here) as third:
                third.wait(1)


def test_idle_strangers_ask_nothing(served, monkeypatch):
    asked = []
    answer = live.answer
    monkeypatch.setattr(live, "answer", lambda *a, **b: asked.append(1) or answer(*a, **b))
    _, link = publish(served, **BOARD)
    with watching(served, link) as stream:
        stream.wait(1)
        asked.clear()
        time.sleep(2.5 * looks.EVERY)
        assert asked == []


@pytest.mark.parametrize("wanted", [{}, {"from": "2026-02-02", "to": "2026-02-01"}, {"from": "today", "to": "today"}])
def test_what_is_no_question_of_a_widget_is_refused_before_anything_is_said(shared, wanted):
    _, link = publish(shared, **BOARD)
    given = {"queries": [{"widget": "sold", **wanted}]}
    assert shared.nobody.post(f"/v1/public/{link}/live", json=given).status_code == 400
