import pytest


def test_init_makes_a_data_directory_and_its_keys(bare):
    said = bare.bare("init", "--zone=Europe/London", "--week-start=sunday", "--k=5", "--json")
    made = said.json
    assert made.pop("owner_link")["kind"] == "owner"
    assert made == {
        "made": True,
        "data_dir": "keepsum-data",
        "key_dir": str(bare.folder / "config" / "keepsum" / "keys"),
        "workspace": "default",
        "zone": "Europe/London",
        "week_start": "sunday",
        "k": 5,
        "packs": [],
        "streams": [],
    }
    assert (bare.folder / "keepsum-data" / "workspaces" / "default" / "truth.db").is_file()
    names = sorted(path.name for path in (bare.folder / "config").rglob("*.key"))
    assert names == ["control.key", "epoch-1.key", "fingerprint.key", "install-1.key"]


def test_init_again_changes_nothing_and_says_what_is_there(bare):
    bare.bare("init", "--zone=Europe/London")
    said = bare.bare("init", "--json")
    assert (said.json["made"], said.json["zone"]) == (False, "Europe/London")


def test_init_again_says_what_is_there_though_the_workspace_has_another_name(bare):
    bare.bare("init", "--zone=Europe/London")
    bare.bare("workspaces", "rename", "default", "shop")
    said = bare.bare("init", "--json")
    assert (said.code, said.json["made"], said.json["workspace"], said.json["zone"]) == (
        0, False, "shop", "Europe/London",
    )  # fmt: skip
    said = bare.bare("init", "--zone=Asia/Tokyo")
    assert said.code == 1
    assert said.err.startswith("keepsum: MADE_OTHERWISE: Workspace 'shop' was made with another 'zone'")


def test_a_zone_for_a_workspace_that_was_deleted_is_not_ignored_in_silence(bare):
    bare.bare("init")
    bare.bare("workspaces", "create", "shop")
    bare.bare("workspaces", "delete", "default", "--confirm=default")
    said = bare.bare("init", "--zone=Asia/Tokyo")
    assert said.code == 0
    assert said.err == "zone is not used: it is for the workspace that the install began with, which was deleted\n"
    assert "workspace the first one was deleted: keepsum workspaces" in said.words
    assert bare.bare("init", "--json").json["zone"] is None


@pytest.mark.parametrize("flag", ["--zone=Asia/Tokyo", "--week-start=sunday", "--k=3"])
def test_what_a_workspace_was_made_with_is_not_changed_behind_ones_back(bare, flag):
    bare.bare("init", "--zone=Europe/London")
    bare.bare("workspaces", "create", "acme", "--zone=Asia/Tokyo", "--week-start=sunday", "--k=3")
    said = bare.bare("init", flag)
    assert said.code == 1
    assert said.err.startswith("keepsum: MADE_OTHERWISE: Workspace 'default' ")


def test_settings_may_go_on_naming_what_a_workspace_was_made_with_after_it_was_changed(bare):
    bare.bare("init", "--k=20")
    bare.bare("workspaces", "set", "default", "--k=5")
    for flag in ("--k=20", "--k=5", "--week-start=monday"):
        assert bare.bare("init", flag, "--json").json["k"] == 5
    said = bare.bare("init", "--k=6")
    assert (said.code, "'k' (5)" in said.err, "workspaces set" in said.err) == (1, True, True)


def test_a_zone_that_does_not_exist_is_refused_before_anything_is_made(bare):
    said = bare.bare("init", "--zone=Mars/Olympus")
    assert said.code == 2
    assert "UNKNOWN_ZONE" in said.err
    assert not (bare.folder / "keepsum-data" / "workspaces").exists()


def test_keys_inside_the_data_directory_are_refused(bare):
    said = bare.bare("init", "--data-dir=data", "--key-dir=data/keys")
    assert said.code == 2
    assert "KEYS_IN_DATA" in said.err


def test_status_of_a_fresh_install_is_quiet(install):
    said = install("status", "--json", clock="2026-02-01T12:00:00Z")
    assert said.code == 0
    assert said.json["streams"][0] | {"days": None} == {
        "stream": "sales",
        "attached": None,
        "first": None,
        "last": None,
        "days": None,
        "records": 0,
        "purged": 0,
        "held": [],
        "overdue": [],
        "oldest_personal": None,
        "oldest_personal_days": None,
    }
    assert said.json["ledger"]["entries"] == 1
    assert said.json["disk"] > 0


def test_status_says_what_is_overdue_and_how_old_personal_records_are(shop):
    said = shop("status", "--json", clock="2026-02-11T12:00:00Z")
    stream = said.json["streams"][0]
    assert said.code == 1
    assert stream["overdue"] == ["2026-02-01", "2026-02-02"]  # the third was over this midnight: tonight's purge
    assert (stream["oldest_personal"], stream["oldest_personal_days"]) == ("2026-02-01", 10)
    assert (stream["records"], stream["purged"]) == (6, 0)


def test_status_after_the_purge_is_at_rest(sealed):
    sealed("purge")
    said = sealed("status", "--json")
    stream = said.json["streams"][0]
    assert said.code == 0
    assert stream["days"] == {"purged": 3, "sealed": 7}
    assert (stream["records"], stream["purged"], stream["oldest_personal"]) == (0, 6, None)


def test_status_for_people_is_one_screen(sealed):
    said = sealed("status")
    for words in (
        "sales 2026-02-01 10 sealed 6 0 10 days 2026-02-03",
        "2 days past the deadline",
        "ledger 11 entries, head ",
    ):
        assert words in said.words


def test_status_shows_held_days_with_their_reason(shop):
    shop("roll", "--from=2026-02-02", "--to=2026-02-02")  # which moves the other days
    (segment,) = (shop.folder / "data").rglob("2026-02-01/*.parquet")
    segment.unlink()
    shop("roll")
    said = shop("status", "--json")
    assert said.code == 1
    (held,) = said.json["streams"][0]["held"]
    assert (held["day"], held["reason"], held["records"]) == ("2026-02-01", "DAMAGED", 1)
    assert "DAMAGED" in shop("status").words
