"""The audit log holds after whatever happened to it by right, and no event of it is changed or taken away unnoticed."""

import tempfile
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from hypothesis import assume, given
from hypothesis import strategies as st
from tests.control_file import open_control

from keepsum.model.audit import LEAST_KEPT, Kind, Origin
from keepsum.store import audit
from keepsum.store.audit import A_DAY

HERE = Origin(mark="a" * 16, network="192.0.2.0/24")
NAMES = ("at", "kind", "workspace", "caller_kind", "caller", "mark", "network", "body", "previous", "hash")

# Days that pass, and then an event (its kind) or a night (how many days are kept).
events = st.tuples(st.integers(0, 40), st.sampled_from([Kind.SIGNED_IN, Kind.TOKEN_MADE, Kind.ROLES_CHANGED]))
nights = st.tuples(st.integers(0, 40), st.integers(LEAST_KEPT, 60))
histories = st.lists(events | nights, min_size=1, max_size=25)

_folder = tempfile.TemporaryDirectory(prefix="keepsum-audit-")


@cache
def control():
    return open_control(Path(_folder.name) / "control.db")


class Enough(Exception):
    pass


@contextmanager
def lived(history):
    """A log to which this happened, in a transaction that leaves nothing."""
    with suppress(Enough), control().write() as connection:
        now, noted = 20_000 * A_DAY, []
        for passed, what in history:
            now += passed * A_DAY
            if isinstance(what, Kind):
                caller = ("token", f"t-{len(noted)}")
                audit.append(connection, what, {}, now=now, workspace="shop", caller=caller, origin=HERE)
                noted.append((now, caller[1]))
            else:
                audit.expire(connection, now=now, keep=what)
                noted = [one for one in noted if one[0] >= now - what * A_DAY]
        yield connection, noted
        raise Enough


@given(histories)
def test_what_is_young_enough_is_there_and_the_log_holds(history):
    with lived(history) as (connection, noted):
        found = [(event.at, event.caller) for event in audit.newest(connection) if event.kind is not Kind.EXPIRED]
        assert found == noted[::-1]
        assert list(audit.broken_at(connection)) == []


@given(histories, st.data())
def test_a_changed_value_is_found(history, data):
    with lived(history) as (connection, _):
        rows = connection.exec_driver_sql("SELECT * FROM audit").mappings().all()
        assume(rows)
        row, name = data.draw(st.sampled_from(rows)), data.draw(st.sampled_from(NAMES))
        other = row[name] + data.draw(st.sampled_from([-1, 1])) if name == "at" else data.draw(others(row[name]))
        connection.exec_driver_sql(f"UPDATE audit SET {name} = ? WHERE seq = ?", (other, row["seq"]))
        assert is_found(connection)


def others(value):
    texts = st.sampled_from(["", "x", "signed_out", "{}", '{"through": 3, "hash": "x"}', "f" * 64])
    return texts.filter(lambda text: text != value)


@given(histories, st.data())
def test_events_that_are_taken_away_are_missed(history, data):
    with lived(history) as (connection, _):
        numbers = [event.seq for event in audit.newest(connection)]
        assume(numbers)
        for number in data.draw(st.sets(st.sampled_from(numbers), min_size=1)):
            connection.exec_driver_sql("DELETE FROM audit WHERE seq = ?", (number,))
        assert is_found(connection)


@given(histories, st.data())
def test_events_that_change_places_are_found(history, data):
    with lived(history) as (connection, _):
        numbers = [event.seq for event in audit.newest(connection)]
        assume(len(numbers) > 1)
        one, two = data.draw(st.lists(st.sampled_from(numbers), min_size=2, max_size=2, unique=True))
        for before, after in ((one, -1), (two, one), (-1, two)):
            connection.exec_driver_sql("UPDATE audit SET seq = ? WHERE seq = ?", (after, before))
        assert is_found(connection)


def is_found(connection):
    """Whether the check says that something is wrong, or that it cannot even be read."""
    try:
        return bool(list(audit.broken_at(connection)))
    except (KeyError, TypeError, ValueError):
        return True
