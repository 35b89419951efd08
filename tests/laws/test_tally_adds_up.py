"""Control that is added up in the file, commit by commit, is the control of everything that was added."""

import tempfile
from functools import cache
from itertools import count
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from keepsum.model.control import Control
from keepsum.store import days, migrate, tally
from keepsum.store.database import Database
from keepsum.store.tally import More

LIMB = 10**9

words = st.integers(0, 2**64 - 1)
amounts = st.integers(-(10**27), 10**27)
parts = st.builds(Control, records=st.integers(1, 10**6), hash_a=words, hash_b=words)
commits = st.lists(st.dictionaries(st.integers(0, 3), st.tuples(parts, amounts), min_size=1), min_size=1, max_size=5)

_folder = tempfile.TemporaryDirectory(prefix="keepsum-tally-")
_streams = count()


@cache
def file():
    made = Database(Path(_folder.name) / "truth.db")
    with made.write() as connection:
        migrate.upgrade(connection, "workspace")
    return made


@given(commits)
def test_control_added_up_in_the_file_is_that_of_everything_added(sent):
    stream = f"s{next(_streams)}"
    expected: dict[int, Control] = {}
    with file().write() as connection:
        for commit in sent:
            more = [
                More(day, part.records, part.hash_a, part.hash_b, [("f_amount", amount // LIMB, amount % LIMB)])
                for day, (part, amount) in commit.items()
            ]
            tally.add(connection, stream, tally.standings(connection, stream, list(commit)), more)
            for day, (part, amount) in commit.items():
                expected[day] = expected.get(day, Control()) + part + Control(sums={"f_amount": amount})
        found = {day: days.state(connection, stream, day) for day in expected}
    assert {day: state.control for day, state in found.items()} == expected
    assert {day: state.touched for day, state in found.items()} == {
        day: sum(day in commit for commit in sent) for day in expected
    }
