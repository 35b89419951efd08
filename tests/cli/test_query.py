import pytest
from tests.systems import SHOP, lay_out, sale

from keepsum import Metric, Pack
from keepsum.cli.query import filters
from keepsum.model.errors import Invalid

(DAILY,) = SHOP.rollups
METRICS = (
    Metric("sales", DAILY.sales, unit="sales"),
    Metric("amount", DAILY.amount, unit="GBP"),
    Metric("buyers", DAILY.buyers),
)
ASKED = Pack("shop", streams=SHOP.streams, rollups=SHOP.rollups, metrics=METRICS)


@pytest.fixture
def asked(bare):
    """A shop that can be asked, with a month of sales in two places."""
    lay_out(bare.folder, ASKED, "UTC")
    sales = [
        sale(f"{day}-{n}", f"2026-02-{day:02}", buyer=f"b{n}", place=place, amount=1_000 * n)
        for day in (1, 4, 10)
        for n, place in enumerate(("york", "leeds", "york"), 1)
    ]
    sales.append(sale("nowhere", "2026-02-10", place=None, buyer=None))
    bare("collect", bare.write("sales.ndjson", sales), "--stream=sales")
    return bare


def test_a_question_is_answered_from_the_first_day_to_today(asked):
    said = asked("query", "sales", "amount", "--json")
    assert said.code == 0
    assert said.json["rows"] == [[10, 18_005]]
    assert said.json["labels"]["coverage"]["days"] == 11


def test_numbers_are_grouped_and_estimates_have_their_error_beside(asked):
    words = asked("query", "sales,amount,buyers", "--grain=month", "--to=2026-02-28").words
    assert "time sales amount, GBP buyers ±" in words
    assert "2026-02 10 18,005 3 " in words
    assert "estimate: buyers ± " in words


def test_a_question_can_be_split_filtered_ordered_and_totalled(asked):
    words = asked("query", "sales", "--by=place", "--order=-sales", "--totals").words
    assert "york 6 leeds 3 (none) 1 total 10" in words
    said = asked("query", "sales", "--by=place", "--where=place=leeds", "--where=way=card", "--json")
    assert said.json["rows"] == [["leeds", 3]]
    assert asked("query", "sales", "--by=place", "--top=1", "--order=-sales", "--json").json["rows"][-1] == [
        "(other)",
        4,
    ]


def test_records_without_a_value_are_asked_for_with_nothing_after_the_sign(asked):
    assert asked("query", "sales", "--where=place=", "--json").json["rows"] == [[1]]


def test_a_value_of_a_record_cannot_steer_the_terminal_or_be_taken_for_markup(asked):
    evil = "\x1b]0;owned\x9c[red]x"
    asked("collect", asked.write("evil.ndjson", [sale("evil", "2026-02-10", place=evil)]), "--stream=sales")
    said = asked("query", "sales", "--by=place")
    assert "\x1b" not in said.out
    assert "\x9c" not in said.out
    assert "\ufffd]0;owned\ufffd[red]x" in said.out


def test_filters_are_read_by_dimension():
    assert filters(["a=1", "b=x=y", "a="]) == {"a": ["1", None], "b": ["x=y"]}
    for wrong in ("a", "=1"):
        with pytest.raises(Invalid, match="BAD_FILTER"):
            filters([wrong])


def test_the_figures_of_before_stand_beside(asked):
    words = asked("query", "sales", "--from=2026-02-06", "--to=2026-02-10", "--compare=previous").words
    assert words.startswith("sales sales, before ───")
    assert "─ 4 6 exact" in words


def test_what_an_answer_is_made_of_is_explained(asked):
    asked("roll")
    words = asked("query", "sales", "--to=2026-02-10", "--explain").words
    assert "exact · final · 10 days, 0 missing · from rollup 10" in words
    assert "1 row read" in words


def test_a_guarded_question_hides_small_groups(asked):
    asked("roll")
    said = asked("query", "sales", "--by=place", "--guarded", "--to=2026-02-10", "--json")
    assert said.json["labels"]["guarded"] is True
    assert "york" not in str(said.json["rows"])


def test_periods_are_written_as_people_write_them(asked):
    for grain, shown in (("quarter", "2026 Q1"), ("year", "2026 10"), ("month", "2026-02"), ("day", "2026-02-10")):
        assert shown in asked("query", "sales", f"--grain={grain}", "--to=2026-02-10").words


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["nonsense"], "UNKNOWN_METRIC"),
        (["sales", "--by=colour"], "UNKNOWN_DIMENSION"),
        (["sales", "--from=2026-02-03", "--to=2026-02-01"], "RANGE_REVERSED"),
        (["sales", "--grain=fortnight"], "BAD_PARAMETER"),
        (["sales", "--from=soon"], "BAD_PARAMETER"),
        (["sales", "--where=york"], "BAD_FILTER"),
    ],
)
def test_a_question_that_makes_no_sense_is_wrong_use(asked, words, code):
    said = asked("query", *words)
    assert said.code == 2
    assert code in said.err
