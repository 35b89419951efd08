import pytest


def statuses(said):
    return {one["day"]: one["status"] for one in said.json["days"]}


def test_rolling_moves_and_seals_every_ended_day(shop):
    said = shop("roll", "--json")
    assert (said.code, said.json) == (0, {"moved": 6, "sealed": 10, "records": 6, "held": [], "left": None})
    assert set(statuses(shop("days", "--json")).values()) == {"sealed"}


def test_rolling_a_range_leaves_the_other_days(shop):
    assert shop("roll", "--from=2026-02-02", "--to=2026-02-03", "--json").json["sealed"] == 2
    assert statuses(shop("days", "--json")) == {"2026-02-01": "open", "2026-02-02": "sealed", "2026-02-03": "sealed"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--from=soon"], "BAD_DATE"),
        (["--from=20260131"], "BAD_DATE"),
        (["--from=2026-02-03", "--to=2026-02-01"], "RANGE_REVERSED"),
    ],
)
def test_a_range_that_is_none_is_wrong_use(shop, words, code):
    said = shop("roll", *words)
    assert said.code == 2
    assert code in said.err


def test_a_held_day_is_shown_with_its_reason_and_what_to_do(shop):
    shop("roll", "--to=2026-02-01")
    for segment in (shop.folder / "data").rglob("2026-02-02/*.parquet"):
        segment.unlink()
    said = shop("roll")
    assert said.code == 1
    assert "sales 2026-02-02 DAMAGED" in said.words
    assert "keepsum days accept DATE --reason" in said.words
    assert statuses(shop("days", "--status=held", "--json")) == {"2026-02-02": "held"}


def test_a_held_day_goes_on_when_a_person_accepts_it(shop):
    shop("roll", "--to=2026-02-01")
    for segment in (shop.folder / "data").rglob("2026-02-02/*.parquet"):
        segment.unlink()
    shop("roll")
    said = shop("days", "accept", "2026-02-02", "--reason=the disk is gone", "--json")
    assert (said.code, said.json["held"]) == (0, "DAMAGED")
    assert shop("roll").code == 0
    entries = shop("ledger", "list", "--kind=accepted", "--json").json["entries"]
    assert [entry["body"]["reason"] for entry in entries] == ["the disk is gone"]


def test_accepting_a_day_that_is_not_held_is_refused(sealed):
    said = sealed("days", "accept", "2026-02-02", "--reason=why not")
    assert said.code == 2
    assert "NOT_HELD" in said.err


def test_a_day_is_shown_with_what_proves_it(sealed):
    said = sealed("days", "show", "2026-02-02", "--json")
    shown = said.json
    assert (shown["status"], shown["records"], shown["control"]["records"]) == ("sealed", 2, 2)
    assert shown["proof"]["entry"] == shown["seal"]
    assert [entry["kind"] for entry in shown["entries"]] == ["sealed"]
    words = sealed("days", "show", "2026-02-02").words
    assert "2026-02-02T00:00:00Z to 2026-02-03T00:00:00Z, UTC" in words
    assert shown["proof"]["hash"] in words


def test_a_day_nothing_is_known_of_is_not_found(sealed):
    said = sealed("days", "show", "2020-01-01")
    assert said.code == 2
    assert "UNKNOWN_DAY" in said.err


def test_days_can_be_narrowed_by_range_and_stream(sealed):
    listed = statuses(sealed("days", "--stream=sales", "--from=2026-02-03", "--to=2026-02-05", "--json"))
    assert list(listed) == ["2026-02-03", "2026-02-04", "2026-02-05"]
    assert sealed("days", "--stream=sails").code == 2
