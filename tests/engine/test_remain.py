import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from keepsum.engine.remain import places


@given(st.lists(st.integers(0, 5)), st.data())
def test_chunks_that_remain_are_found_in_their_places_whatever_went_or_came_between(sealed, data):
    kept = data.draw(st.lists(st.booleans(), min_size=len(sealed), max_size=len(sealed)))
    strangers = data.draw(st.lists(st.integers(6, 9)))
    found = [chunk for chunk, is_kept in zip(sealed, kept, strict=True) if is_kept]
    mixed = data.draw(st.permutations([*found, *strangers]))
    given_places = places(sealed, mixed)
    assert [sealed[place] for place in given_places if place is not None] == [c for c in mixed if c in found]
    known = [place for place in given_places if place is not None]
    assert len(known) == len(np.unique(known)) == len(found)


def test_a_chunk_that_was_sealed_twice_is_found_as_often_as_it_is_there():
    assert places(["a", "b", "a"], ["a", "a", "a", "c"]) == [0, 2, None, None]
