import pytest
from tests.systems import sale

from keepsum.cli.door import REFUSED, WRONG_USE


def names(install):
    return [one["name"] for one in install("workspaces", "list", "--json").json["workspaces"]]


@pytest.fixture
def acme(shop):
    """The shop with a second workspace, which has one sale."""
    assert shop("workspaces", "create", "acme", "--zone=Europe/Rome").code == 0
    one = shop.write("one.ndjson", [sale("one", "2026-02-01")])
    assert shop("collect", one, "--stream=sales", "--workspace=acme").code == 0
    return shop


def test_a_command_works_on_the_workspace_it_is_told(acme):
    assert names(acme) == ["acme", "default"]
    found = {name: acme("status", f"--workspace={name}", "--json").json for name in ("acme", "default")}
    assert {name: one["zone"] for name, one in found.items()} == {"acme": "Europe/Rome", "default": "UTC"}
    assert {name: one["streams"][0]["records"] for name, one in found.items()} == {"acme": 1, "default": 6}


def test_the_environment_names_the_workspace_too(acme, monkeypatch):
    monkeypatch.setenv("KEEPSUM_WORKSPACE", "acme")
    assert acme("status", "--json").json["streams"][0]["records"] == 1


def test_an_unknown_workspace_is_refused(acme):
    said = acme("status", "--workspace=nobody")
    assert (said.code, said.err.strip()) == (WRONG_USE, "keepsum: UNKNOWN_WORKSPACE: There is no workspace 'nobody'.")


def test_jobs_are_listed_and_shown_of_one_workspace_only(acme):
    number = acme("jobs", "start", "roll", "--json").json["id"]
    assert acme("jobs", "--json").json["jobs"][0]["id"] == number
    assert acme("jobs", "--workspace=acme", "--json").json["jobs"] == []
    said = acme("jobs", "show", number, "--workspace=acme")
    assert said.code == WRONG_USE
    unknown = acme("jobs", "show", number + 1000, "--workspace=acme")
    assert said.err == unknown.err.replace(str(number + 1000), str(number))


def test_a_workspace_is_renamed_archived_and_taken_back(acme):
    acme("workspaces", "rename", "acme", "emca")
    assert names(acme) == ["default", "emca"]
    assert "archived" in acme("workspaces", "archive", "emca").words
    said = acme("collect", acme.folder / "one.ndjson", "--stream=sales", "--workspace=emca")
    assert (said.code, said.err.split()[1]) == (REFUSED, "WORKSPACE_ARCHIVED:")
    assert acme("jobs", "start", "roll", "--workspace=emca").code == REFUSED
    assert acme("workspaces", "archive", "emca", "--undo", "--json").json["state"] == "active"


def test_k_and_weeks_are_set_for_one_workspace(acme):
    said = acme("workspaces", "set", "acme", "--k=20", "--week-start=sunday")
    assert said.words.startswith("small groups: hidden below 20 people in days sealed from now on;")
    assert acme("workspaces", "set", "acme", "--json").json.items() >= {"k": 20, "week_start": "sunday"}.items()
    assert acme("workspaces", "set", "default", "--json").json.items() >= {"k": 10, "week_start": "monday"}.items()
    for flag, code in (("--k=0", "BAD_K:"), ("--week-start=payday", "BAD_WEEKDAY:")):
        said = acme("workspaces", "set", "acme", flag)
        assert (said.code, said.err.split()[1]) == (WRONG_USE, code)


def test_packs_are_switched_for_one_workspace(acme):
    assert acme("workspaces", "packs", "acme", "demo", "--json").json["packs"] == ["demo"]
    assert acme("status", "--workspace=acme", "--json").json["streams"][0]["stream"] != "sales"
    assert acme("status", "--json").json["streams"][0]["stream"] == "sales"
    assert acme("workspaces", "packs", "acme", "--follow", "--json").json["packs"] is None
    for words in ((), ("demo", "--follow"), ("nobody",)):
        assert acme("workspaces", "packs", "acme", *words).code == WRONG_USE


def test_nothing_is_deleted_before_its_name_is_said_again(acme):
    for words in ((), ("--confirm=acm",)):
        said = acme("workspaces", "delete", "acme", *words)
        assert (said.code, said.err.split()[1]) == (REFUSED, "NOT_CONFIRMED:")
    assert names(acme) == ["acme", "default"]


def test_a_deletion_prints_its_receipt_which_is_kept(acme):
    receipt = acme("workspaces", "delete", "acme", "--confirm=acme", "--json").json
    assert receipt["streams"]["sales"]["records"] == 1
    assert names(acme) == ["default"]
    assert acme("workspaces", "receipts", "--json").json == {"receipts": [receipt]}
    assert "deleted: workspace acme" in acme("workspaces", "receipts").words
    assert acme("status", "--json").json["streams"][0]["records"] == 6
