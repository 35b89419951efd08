import pytest

from keepsum.model.counted import counted


@pytest.mark.parametrize(
    ("number", "many", "said"),
    [
        (0, "days", "0 days"),
        (1, "days", "1 day"),
        (2, "days", "2 days"),
        (1, "entries", "1 entry"),
        (1_234, "entries", "1,234 entries"),
    ],
)
def test_one_of_something_is_said_in_the_singular(number, many, said):
    assert counted(number, many) == said
