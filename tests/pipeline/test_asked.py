import threading
import time

import pytest

from keepsum.pipeline.asked import FRESH, Asked


class Machine:
    now = 100.0
    looks = 0

    def __call__(self):
        self.looks += 1
        return self.now


@pytest.fixture
def machine():
    return Machine()


def test_a_database_is_asked_once_in_ten_seconds(machine):
    asked, answers = Asked(machine), iter("abc")
    assert [asked.get("day", "sum", lambda: next(answers)) for _ in range(3)] == ["a", "a", "a"]
    machine.now += FRESH - 0.1
    assert asked.get("day", "sum", lambda: next(answers)) == "a"
    machine.now += 0.1
    assert asked.get("day", "sum", lambda: next(answers)) == "b"


def test_other_days_and_other_questions_are_asked_for_themselves(machine):
    asked = Asked(machine)
    found = [asked.get(day, what, lambda day=day, what=what: (day, what)) for day in (1, 2) for what in "xy"]
    assert found == [(1, "x"), (1, "y"), (2, "x"), (2, "y")]


def test_who_asks_while_another_does_waits_for_that_answer():
    asked, begun, go_on, answers = Asked(), threading.Event(), threading.Event(), []

    def slow():
        begun.set()
        go_on.wait(10)
        return "slow"

    first = threading.Thread(target=lambda: answers.append(asked.get("day", "sum", slow)))
    first.start()
    begun.wait(10)
    second = threading.Thread(target=lambda: answers.append(asked.get("day", "sum", lambda: "asked twice")))
    second.start()
    go_on.set()
    for thread in (first, second):
        thread.join(10)
    assert answers == ["slow", "slow"]


def test_all_who_waited_for_a_slow_database_share_its_answer(machine):
    asked, begun, go_on, answers = Asked(machine), threading.Event(), threading.Event(), []

    def slow():
        begun.set()
        go_on.wait(10)
        machine.now += 3 * FRESH
        return "slow"

    threads = [threading.Thread(target=lambda: answers.append(asked.get("day", "sum", slow))) for _ in range(4)]
    for thread in threads:
        thread.start()
    begun.wait(10)
    until = time.monotonic() + 5
    while machine.looks <= len(threads) and time.monotonic() < until:  # each came, and one began to ask
        time.sleep(0.01)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert answers == ["slow"] * len(threads)
    assert machine.now == 100.0 + 3 * FRESH


def test_an_answer_that_failed_is_not_remembered(machine):
    asked = Asked(machine)

    def fail():
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        asked.get("day", "sum", fail)
    assert asked.get("day", "sum", lambda: "there again") == "there again"
