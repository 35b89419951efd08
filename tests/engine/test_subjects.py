import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from keepsum.engine.registers import slots_and_ranks
from keepsum.engine.subjects import Subjects

KEY = bytes(range(32))


@given(st.lists(st.lists(st.none() | st.sampled_from("abcdefgh"), min_size=1, max_size=8), max_size=6))
def test_subjects_keep_their_number_slot_and_rank_over_batches(batches):
    subjects, known = Subjects(KEY), {}
    for batch in batches:
        numbers, slots, ranks = (column.to_pylist() for column in subjects.columns(pa.array(batch, pa.string())))
        wanted_slots, wanted_ranks, nobody = slots_and_ranks(batch, KEY)
        for place, subject in enumerate(batch):
            found = numbers[place], slots[place], ranks[place]
            if nobody[place]:
                assert found == (None, None, None)
            else:
                assert known.setdefault(subject, numbers[place]) == numbers[place]
                assert found[1:] == (wanted_slots[place], wanted_ranks[place])
    assert sorted(known.values()) == list(range(len(known)))
