from tests.cli.test_people import opened

from keepsum.pipeline.callers import caller_of_token


def caller(install, text):
    with opened(install) as found:
        now = found.clock()
        return caller_of_token(found.control, text, roles=lambda name: found.accounts.catalog(name).roles, now=now)


def test_a_token_is_printed_once_and_works_until_it_is_stopped(install):
    said = install("tokens", "create", "nightly import", "--role=collector", "--stream=sales", "--json").json
    found = caller(install, said["text"])
    assert found is not None
    assert (found.workspace, found.roles, found.streams) == ("default", ("collector",), {"sales"})
    (listed,) = install("tokens", "--json").json["tokens"]
    assert listed == {name: value for name, value in said.items() if name != "text"}
    assert (listed["start"], listed["state"], listed["until"]) == (said["text"][:12], "ok", "2027-02-11T12:00:00Z")
    assert said["text"] not in install("tokens").out
    assert install("tokens", "revoke", said["id"]).words == "stopped: nightly import"
    assert caller(install, said["text"]) is None
    assert install("tokens", "--json").json["tokens"][0]["state"] == "stopped"


def test_for_people_the_text_stands_alone_on_the_first_line(install):
    said = install("tokens", "create", "dashboard", "--role=viewer", "--days=0")
    assert caller(install, said.out.splitlines()[0]) is not None
    assert install("tokens", "--json").json["tokens"][0]["until"] is None


def test_what_a_token_may_not_be_is_refused(install):
    assert "UNKNOWN_ROLE" in install("tokens", "create", "x", "--role=king").err
    assert "UNKNOWN_STREAM" in install("tokens", "create", "x", "--role=collector", "--stream=sails").err
    assert "BAD_DAYS" in install("tokens", "create", "x", "--role=collector", "--days=10000").err
    assert "UNKNOWN_TOKEN" in install("tokens", "revoke", "01X").err
    assert install("tokens", "--json").json["tokens"] == []


def test_tokens_of_another_workspace_are_not_seen(install):
    install("workspaces", "create", "north")
    made = install("tokens", "create", "x", "--role=viewer", "--workspace=north", "--json").json
    assert install("tokens", "--json").json["tokens"] == []
    assert "UNKNOWN_TOKEN" in install("tokens", "revoke", made["id"]).err
    assert "UNKNOWN_WORKSPACE" in install("tokens", "--workspace=south").err
