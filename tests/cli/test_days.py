import pytest


def statuses(said):
    return {one["day"]: one["status"] for one in said.json["days"]}


def test_rolling_moves_and_seals_every_ended_day(shop):
    said = shop("roll", "--json")
    assert (said.code, said.json) == (0, {"moved": 6, "sealed": 10, "records": 6, "held": []})
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


def test_a_plan_says_what_would_go_and_what_stops_being_answerable_and_deletes_nothing(sealed):
    said = sealed("purge", "--plan", "--json")
    assert (said.code, said.json["days"], said.json["records"]) == (0, 3, 6)
    assert {"stream": "sales", "what": "any figure by amount"} in said.json["lost"]
    assert "sales 3 2026-02-01 2026-02-03 6" in sealed("purge", "--plan").words
    assert "purged" not in statuses(sealed("days", "--json")).values()


def test_purging_deletes_what_is_due_once(sealed):
    said = sealed("purge", "--json")
    assert (said.code, said.json["days"], said.json["records"]) == (0, 3, 6)
    assert sealed("purge", "--json").json["days"] == 0
    assert statuses(sealed("days", "--to=2026-02-04", "--json")) == {
        "2026-02-01": "purged",
        "2026-02-02": "purged",
        "2026-02-03": "purged",
        "2026-02-04": "sealed",
    }


def test_days_that_are_not_sealed_may_not_go_and_that_is_code_1(shop):
    said = shop("purge", "--json")
    assert said.code == 1
    assert [(due["day"], due["blocked"]) for due in said.json["blocked"]] == [
        (f"2026-02-0{day}", "NOT_SEALED") for day in (1, 2, 3)
    ]
    assert "sales NOT_SEALED 3 2026-02-01 2026-02-03 6" in shop("purge", "--plan").words


def test_an_unproven_day_goes_by_a_persons_decision_only(shop):
    assert shop("purge", "--unproven=2026-02-02").code == 2
    assert shop("purge", "--reason=because").code == 2
    said = shop("purge", "--unproven=2026-02-02", "--reason=told to", "--json")
    assert (said.code, said.json["records"]) == (0, 2)
    (entry,) = shop("ledger", "list", "--kind=purging", "--json").json["entries"]
    assert (entry["body"]["unproven"], entry["body"]["reason"]) == ("NOT_SEALED", "told to")


def test_an_unproven_day_within_its_retention_stays(shop):
    said = shop("purge", "--unproven=2026-02-02", "--reason=told to", clock="2026-02-08T12:00:00Z")
    assert said.code == 1
    assert "NOT_DUE" in said.err


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
