"""The process that writes for a server killed at any step: what was acknowledged is kept, and nothing counts twice."""

import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tests.served import served_from
from tests.systems import House, sale

from keepsum.pipeline.verify import verify_ledger

ROOT = Path(__file__).parents[2]
DAYS = ("2026-01-31", "2026-02-01")
SENDERS = 4


def batches(sender):
    """What one sender sends, in order: single records, a batch over two days, one with a key that comes twice."""
    for number in range(6):
        name = f"{sender} {number}"
        yield [sale(name, DAYS[number % 2], buyer=f"buyer {number}", amount=number - 2)]
        yield [sale(f"{name} {n}", DAYS[n % 2], amount=n) for n in range(40)]
        yield [sale(f"{name} a"), sale(f"{name} b", buyer=None), sale(f"{name} a")]


def command(folder):
    """What runs the process, wherever it is started."""
    text = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tests.crash import writer_process"
    return [sys.executable, "-c", f"{text}; writer_process.main({str(folder)!r})"]


def carried(folder, *deaths):
    """Send everything until it is acknowledged, whoever dies; give the figures that come of it, proven."""
    (folder / "deaths").write_text(" ".join(map(str, deaths)))
    house = House(folder)
    with served_from(house, writer=command(folder)) as served, ThreadPoolExecutor(SENDERS) as pool:

        def send(sender):
            for batch in batches(sender):
                acknowledged(served, batch)

        list(pool.map(send, range(SENDERS)))
        for batch in batches(0):  # all of it is known
            assert acknowledged(served, batch) == (0, len(batch))
    house.at("2026-02-02T12:00").roll()
    assert verify_ledger(house.workspace, deep=True).findings == ()
    found = {day: (house.status(day), house.state(day).control.records) for day in DAYS}, house.digests()
    house.close()
    return found


def acknowledged(served, batch):
    """How many of a batch were new and how many known, once somebody lived to say so."""
    while True:
        answer = served.send(batch, "sales")
        if answer.status_code == 200:
            found = answer.json()
            assert (found["accepted"] + found["duplicates"], found["rejected_count"]) == (len(batch), 0)
            return found["accepted"], found["duplicates"]
        assert (answer.status_code, answer.json()["code"]) == (503, "WRITER_ENDED")


@cache
def clean():
    """The figures of a run in which nobody dies, and how many steps it has."""
    folder = Path(mkdtemp())
    return carried(folder), int((folder / "steps").read_text())


def test_killed_at_any_step_and_again_it_comes_to_the_same_figures(tmp_path, round_seed):
    figures, steps = clean()
    deaths = [1 + round_seed % steps, 1 + round_seed * 7 % steps]
    assert carried(tmp_path, *deaths) == figures, f"killed at steps {deaths}"


def test_the_scenario_has_something_to_lose():
    (states, digests), steps = clean()
    sent = [batch for sender in range(SENDERS) for batch in batches(sender)]
    assert sum(count for _, count in states.values()) == sum(len({one["id"] for one in batch}) for batch in sent)
    assert ({status for status, _ in states.values()}, len(digests)) == ({"sealed"}, 2)
    assert steps > 20
