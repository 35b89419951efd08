"""Answers that come by themselves: real streams over a real server, for owners, for guarded callers, until they end."""

import asyncio
import json
import threading
import time
from contextlib import ExitStack, contextmanager

import httpx2
import pytest
from tests import ordering
from tests.databases import opened
from tests.served import PACK, order, problem_of, served_from
from tests.systems import House

from keepsum.http import live, looks
from keepsum.http.writer import COMMAND
from keepsum.model.access import machine
from keepsum.model.errors import Unavailable

SOON = 2.0  # seconds within which an answer moves
LONG = 30.0  # seconds that a test waits for what comes, on a machine that may be busy
TODAY = {"metrics": ["orders"], "from": "2026-02-01", "to": "2026-02-01"}
BEFORE = {"metrics": ["orders"], "from": "2026-01-31", "to": "2026-01-31"}
CLICKS = {"metrics": ["nothing"], "from": "2026-02-01", "to": "2026-02-01"}


class Stream:
    """What a stream of events said so far, read in a thread, and when."""

    def __init__(self, response):
        self.response, self.events, self.comments, self.over = response, [], 0, None
        self._more = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        name = ""
        try:
            for line in self.response.iter_lines():
                with self._more:
                    if line.startswith("event: "):
                        name = line.removeprefix("event: ")
                    elif line.startswith("data: "):
                        self.events.append((time.monotonic(), name, json.loads(line.removeprefix("data: "))))
                    elif line.startswith(":"):
                        self.comments += 1
                    self._more.notify_all()
        except Exception:  # noqa: BLE001 -- whatever ended it, the test looks at what came
            pass
        with self._more:
            self.over = time.monotonic()
            self._more.notify_all()

    def wait(self, count, within=LONG):
        """The first so many events, by name and content."""
        with self._more:
            assert self._more.wait_for(lambda: len(self.events) >= count, within), self.events
            return [(name, said) for _, name, said in self.events[:count]]

    def hear(self, count, within=LONG):
        """Wait until it said so often that it is there."""
        with self._more:
            assert self._more.wait_for(lambda: self.comments >= count, within), self.comments

    def end(self, within=LONG):
        with self._more:
            self._more.wait_for(lambda: self.over is not None, within)
            assert self.over is not None, self.events
            return self.over

    def figures(self, index=0):
        """The figures that were said of a question with one metric, one after the other."""
        answers = [said["answer"] for _, name, said in self.events if name == "answer" and said["index"] == index]
        return [answer["rows"][0][0] if answer["rows"] else None for answer in answers]

    def until(self, figure, index=0):
        """When a figure was said."""
        with self._more:
            assert self._more.wait_for(lambda: self.figures(index)[-1:] == [figure], LONG), self.figures(index)
            return self.events[-1][0]


@contextmanager
def watching(client, *queries):
    with client.stream("POST", "/v1/live", json={"queries": list(queries)}, timeout=120) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        yield Stream(response)


def today(count, name, **more):
    """Orders of so many different people, this morning."""
    return [order(at="2026-02-01T09:00:00Z", buyer=f"{name} {n}", **more) for n in range(count)]


def test_every_answer_comes_at_once_and_again_within_two_seconds_of_a_record(served):
    served.send(today(3, "first"))
    with watching(served.client, TODAY, BEFORE) as stream:
        found = {said["index"]: name for name, said in stream.wait(2)}
        assert found == {0: "answer", 1: "answer"}
        assert stream.figures() == [3]
        sent = time.monotonic()
        assert served.send(today(1, "second")).json()["accepted"] == 1
        assert stream.until(4) - sent < SOON
        time.sleep(1.5 * looks.EVERY)
        assert stream.figures(1) == [None]  # nothing came of that day, so nothing is said of it
        assert len(stream.events) == 3


def test_an_answer_of_a_stream_is_the_answer_to_the_question(served):
    served.send(today(3, "first"))
    with watching(served.client, TODAY) as stream:
        ((_, said),) = stream.wait(1)
    asked = served.client.post("/v1/query", json=TODAY).json()
    assert said == {"index": 0, "answer": asked}


def test_a_guarded_callers_answer_moves_with_the_next_k_people_and_not_before(served):
    viewer = served.role("viewer")
    served.send(today(10, "first"))
    with watching(viewer, TODAY) as stream:
        stream.wait(1)
        assert stream.figures() == [10]
        served.send(today(9, "second"))
        time.sleep(2.5 * looks.EVERY)
        assert stream.figures() == [10]
        sent = time.monotonic()
        served.send(today(1, "third"))
        assert stream.until(20) - sent < SOON


def test_what_is_wrong_with_one_question_is_said_and_the_others_go_on(served):
    served.send(today(1, "first"))
    with watching(served.client, CLICKS, TODAY, {"metrics": ["orders"]}) as stream:
        said = {said["index"]: (name, said) for name, said in stream.wait(3)}
        assert [said[index][0] for index in range(3)] == ["problem", "answer", "problem"]
        assert (said[0][1]["problem"]["code"], said[0][1]["problem"]["status"]) == ("UNKNOWN_METRIC", 404)
        assert said[2][1]["problem"]["code"] == "MISSING_PARAMETER"
        served.send(today(1, "second"))
        stream.until(2, index=1)
        assert len(stream.events) == 4


def test_a_stream_ends_when_its_token_is_revoked(served):
    served.send(today(1, "first"))
    made = served.client.post("/v1/tokens", json={"name": "wall", "role": "viewer"}).json()
    with watching(served.caller(made["text"]), TODAY) as stream:
        stream.wait(1)
        revoked = time.monotonic()
        assert served.client.delete(f"/v1/tokens/{made['id']}").status_code == 200
        assert stream.end() - revoked < SOON
        _, name, said = stream.events[-1]
        assert (name, said["code"], said["status"]) == ("end", "CREDENTIAL_REFUSED", 401)


def test_a_stream_ends_when_its_session_does(served):
    browser = served.person("ann@example.org", "viewer")
    with watching(browser, TODAY) as stream:
        stream.wait(1)
        ended = time.monotonic()
        other = served.signed_in(served.caller())
        assert other.delete("/v1/session/all").status_code == 200
        assert stream.end() - ended < SOON + 1
        assert stream.events[-1][2]["code"] == "CREDENTIAL_REFUSED"


def test_whoever_loses_a_right_while_watching_sees_what_they_may_still_see(served):
    served.send(today(12, "first"))
    ann = served.person("ann@example.org", "admin")
    person = ann.get("/v1/session").json()["id"]
    with watching(ann, TODAY) as stream:
        assert stream.wait(1)[0][1]["answer"]["labels"]["guarded"] is False
        changed = served.client.put(f"/v1/people/{person}/roles", json={"roles": ["viewer"]})
        assert changed.status_code == 200, changed.text
        assert stream.wait(2)[1][1]["answer"]["labels"]["guarded"] is True
        assert stream.figures() == [12, 10]


def test_the_sealing_of_a_day_is_news(served):
    served.send([order(buyer=f"b{n}") for n in range(12)])
    with watching(served.client, BEFORE) as stream:
        assert stream.wait(1)[0][1]["answer"]["labels"]["final"] is False
        served.house.roll()
        assert stream.wait(2)[1][1]["answer"]["labels"]["final"] is True
        assert stream.figures() == [12, 12]


@pytest.mark.parametrize("writer", [None, COMMAND], ids=["alone", "with a writer"])
def test_a_row_written_into_an_attached_table_is_news(tmp_path, monkeypatch, writer):
    for module in ("asked", "watch"):
        monkeypatch.setattr(f"keepsum.pipeline.{module}.FRESH", 1.0)
    for database in opened("sqlite", tmp_path):
        ordering.lay_table(database, ordering.order(1), ordering.order(2))
        house = ordering.AttachedHouse(tmp_path / "house", database, monkeypatch, now="2026-02-01T20:00:00Z")
        with served_from(house, writer=writer) as served, watching(served.client, TODAY, BEFORE) as stream:
            stream.wait(2)
            assert stream.figures() == [2]
            database.insert("orders", [ordering.order(3)])
            stream.until(3)
            database.execute("DELETE FROM orders WHERE id = 1")
            stream.until(2)
            assert stream.figures() == [2, 3, 2]
            assert stream.figures(1) == [None]  # nothing came of that day, so nothing is said of it
        house.close()


def test_idle_streams_share_one_look_at_a_time_and_ask_nothing(served, monkeypatch):
    monkeypatch.setattr(looks, "EVERY", 0.2)
    looked, asked = [], []
    look_at, answer = looks.look_at, live.answer
    monkeypatch.setattr(looks, "look_at", lambda *a, **b: looked.append(time.monotonic()) or look_at(*a, **b))
    monkeypatch.setattr(live, "answer", lambda *a, **b: asked.append(time.monotonic()) or answer(*a, **b))
    with watching(served.client, TODAY) as first:
        first.wait(1)
        with ExitStack() as opened:
            many = [opened.enter_context(watching(served.role("viewer"), TODAY, BEFORE)) for _ in range(12)]
            for stream in many:
                stream.wait(2)
            looked.clear()
            asked.clear()
            began = time.monotonic()
            while len(looked) < 4:
                time.sleep(0.01)
            assert asked == []
            assert len(looked) <= (time.monotonic() - began) / looks.EVERY + 1


def test_nobody_looks_any_more_when_nobody_watches(served, monkeypatch):
    monkeypatch.setattr(looks, "EVERY", 0.2)
    looked = []
    look_at = looks.look_at
    monkeypatch.setattr(looks, "look_at", lambda *a, **b: looked.append(1) or look_at(*a, **b))
    with watching(served.client, TODAY) as stream:
        stream.wait(1)
    deadline = time.monotonic() + LONG
    while time.monotonic() < deadline:
        looked.clear()
        time.sleep(2.2 * looks.EVERY)
        if not looked:
            return
    pytest.fail("the workspace is still looked at")


def test_a_stream_that_has_nothing_to_say_says_that_it_is_there(served, monkeypatch):
    monkeypatch.setattr(looks, "EVERY", 0.2)
    monkeypatch.setattr(live, "HEARD_EVERY", 0.4)
    with watching(served.client, TODAY) as stream:
        stream.wait(1)
        began = time.monotonic()
        stream.hear(3)
        assert time.monotonic() - began > live.HEARD_EVERY  # it says so again and again, but not without end
        assert len(stream.events) == 1


def test_a_server_that_stops_does_not_wait_for_streams(tmp_path):
    house = House(tmp_path, PACK)
    with ExitStack() as opened:
        with served_from(house) as served:
            bearer = {"authorization": served.client.headers["authorization"]}
            client = opened.enter_context(httpx2.Client(base_url=served.address, trust_env=False, headers=bearer))
            stream = opened.enter_context(watching(client, TODAY))
            stream.wait(1)
            began = time.monotonic()
        assert time.monotonic() - began < 5  # and not the ten seconds that requests under way get
        stream.end()
        _, name, said = stream.events[-1]
        assert (name, said["code"]) == ("end", "SHUTTING_DOWN")
    house.close()


def test_nobody_watches_in_more_places_than_one_may(served, monkeypatch):
    monkeypatch.setattr(looks, "MOST", 2)
    with watching(served.client, TODAY) as one, watching(served.client, TODAY) as two:
        one.wait(1)
        two.wait(1)
        problem_of(served.client.post("/v1/live", json={"queries": [TODAY]}), 429, "TOO_MANY_LIVE")
        with watching(served.role("viewer"), TODAY) as other:
            other.wait(1)


def test_nor_does_anybody_who_comes_often_at_once(served, monkeypatch):
    monkeypatch.setattr(looks, "MOST", 1)
    watcher = machine("default")

    async def watch():
        found = looks.Looks(served.install)
        found.check(watcher)
        found.check(watcher)  # both came before either watched
        with found.watching(watcher), pytest.raises(Unavailable, match="TOO_MANY_LIVE"), found.watching(watcher):
            pass

    asyncio.run(watch())


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "MISSING_PARAMETER"),
        ({"queries": []}, "BAD_PARAMETER"),
        ({"queries": [TODAY] * 101}, "BAD_PARAMETER"),
        ({"queries": ["orders"]}, "BAD_PARAMETER"),
        ({"queries": [TODAY], "every": 1}, "UNKNOWN_PARAMETER"),
    ],
)
def test_what_cannot_be_watched_is_refused_before_anything_is_said(shared, body, code):
    problem_of(shared.client.post("/v1/live", json=body), 400, code)


def test_only_whoever_may_read_watches(shared):
    problem_of(shared.role("collector").post("/v1/live", json={"queries": [TODAY]}), 403, "NOT_PERMITTED")
    problem_of(shared.nobody.post("/v1/live", json={"queries": [TODAY]}), 401, "CREDENTIAL_MISSING")
