from tests.cli.test_days import statuses


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
