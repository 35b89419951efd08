from keepsum.model.control import Control
from keepsum.store import days, tally
from keepsum.store.tally import More, Standing

LIMB = 10**9
WORD = 2**64 - 1


def more(day, control, amount):
    return More(day, control.records, control.hash_a, control.hash_b, [("f_amount", amount // LIMB, amount % LIMB)])


def test_a_day_that_nobody_wrote_about_does_not_stand_anywhere(file):
    with file.write() as connection:
        assert tally.standings(connection, "sales", [1, 2]) == {}


def test_adding_to_several_days_at_once_is_adding_to_each(file):
    with file.write() as connection:
        tally.add(connection, "sales", {}, [more(1, Control(records=2, hash_a=5, hash_b=WORD), -7)])
        before = tally.standings(connection, "sales", [1, 2])
        listed = [more(1, Control(records=1, hash_a=6, hash_b=2), 4), more(2, Control(records=3), 10**20)]
        tally.add(connection, "sales", before, listed)
        assert tally.standings(connection, "sales", [1, 2]) == {1: Standing(2, 3, 11, 1), 2: Standing(1, 3, 0, 0)}
        assert days.state(connection, "sales", 1).control.sums == {"f_amount": -3}
        assert days.state(connection, "sales", 2).control.sums == {"f_amount": 10**20}


def test_days_of_other_streams_stay_as_they_are(file):
    with file.write() as connection:
        tally.add(connection, "sales", {}, [more(1, Control(records=2), 5)])
        tally.add(connection, "returns", {}, [more(1, Control(records=1), 1)])
        assert days.state(connection, "sales", 1).control == Control(records=2, sums={"f_amount": 5})
