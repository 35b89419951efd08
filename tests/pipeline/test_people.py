from dataclasses import replace

import pytest
from tests.accounts import EMAIL, NAME, NOON, PASSWORD, Install, roles

from keepsum.engine import access
from keepsum.model.access import ROLES, Grant, Permission, Role, last, machine
from keepsum.model.audit import Kind
from keepsum.model.catalog import Catalog, Pack
from keepsum.model.errors import KeepsumError
from keepsum.pipeline import links, people, tokens
from keepsum.pipeline.accounts import Accounts
from keepsum.pipeline.callers import caller_of_session, caller_of_token
from keepsum.pipeline.sign_in import Attempt, sign_in
from keepsum.store import accounts as store

MACHINE = machine("default")
OWNER = access.caller("person", "01OWNER", "default", ("owner",), ROLES)


@pytest.fixture
def install(tmp_path):
    made = Install(tmp_path)
    made.person("boss@x.example", name="Boss")
    yield made
    made.control.close()


@pytest.fixture
def person(install):
    return install.person(given=("analyst",))


def code(function, *args, **how):
    with pytest.raises(KeepsumError) as caught:
        function(*args, **how)
    return caught.value.code


def enter(install):
    return sign_in(install.accounts, Attempt(email=EMAIL, password=PASSWORD), now=NOON)


def membership(install, person, workspace="default"):
    with install.control.read() as connection:
        return store.member(connection, workspace, person.id)


def boss(install):
    return people.find(install.accounts, OWNER, "boss@x.example").person


def test_a_workspace_lists_its_own_people_only(install, person):
    install.person("far@x.example", workspace="north")
    listed = {(row.person.email, row.person.name) for row in people.listing(install.accounts, OWNER)}
    assert listed == {("boss@x.example", "Boss"), (EMAIL, NAME)}
    assert people.find(install.accounts, OWNER, EMAIL.upper()).member.roles == ("analyst",)
    assert code(people.find, install.accounts, OWNER, "far@x.example") == "UNKNOWN_PERSON"
    assert code(people.find, install.accounts, OWNER, "nobody@x.example") == "UNKNOWN_PERSON"


def test_roles_are_given_and_seen_at_the_next_request(install, person):
    cookie = enter(install).cookie
    people.set_roles(install.accounts, OWNER, person.id, ("admin",), actor="staff-7", team="north", now=NOON)
    found = caller_of_session(install.control, cookie, roles=roles, now=NOON)
    assert found is not None
    assert (found.caller.roles, found.caller.actor, found.caller.team) == (("admin",), "staff-7", {"staff-7"})
    people.set_roles(install.accounts, OWNER, person.id, ("viewer",), team="", now=NOON)
    found = membership(install, person)
    assert found is not None
    assert (found.roles, found.actor, found.team) == (("viewer",), "staff-7", None)
    assert [event.body for event in install.events(Kind.ROLES_CHANGED)] == [
        {"person": person.id, "before": ["analyst"], "roles": ["admin"], "sessions": 0, "tokens": []},
        {"person": person.id, "before": ["admin"], "roles": ["viewer"], "sessions": 0, "tokens": []},
    ]


def test_what_somebody_gave_out_does_not_outlive_the_roles_it_was_given_with(install, person):
    people.set_roles(install.accounts, OWNER, person.id, ("owner",), now=NOON)
    mine = access.caller("person", person.id, "default", ("owner",), ROLES)
    made = {name: tokens.make(install.accounts, mine, name, name, now=NOON).token.id for name in ROLES}
    link = links.invite(install.accounts, mine, "second@x.example", ("owner",), now=NOON)
    assert people.set_roles(install.accounts, OWNER, person.id, ("owner", "viewer"), now=NOON).tokens == ()
    assert links.look(install.accounts, link.text, now=NOON)
    gone = people.set_roles(install.accounts, OWNER, person.id, ("analyst",), now=NOON)
    assert {one.id for one in gone.tokens} == {made[name] for name in made if name not in {"viewer", "analyst"}}
    assert code(links.look, install.accounts, link.text, now=NOON) == "LINK_INVALID"
    assert set(install.events(Kind.ROLES_CHANGED)[-1].body["tokens"]) == {one.id for one in gone.tokens}


def test_who_is_removed_leaves_no_way_back_in_though_they_are_in_another_workspace(install, person):
    with install.control.write() as connection:
        made = {"workspace": "north", "actor": None, "team": None, "created_at": NOON}
        store.put_member(connection, store.Member(person=person.id, roles=("owner",), **made))
    mine = {name: access.caller("person", person.id, name, ("owner",), ROLES) for name in ("default", "north")}
    back, there = (
        links.invite(install.accounts, one, "second@x.example", ("owner",), now=NOON) for one in mine.values()
    )
    people.remove(install.accounts, OWNER, person.id, now=NOON)
    assert code(links.look, install.accounts, back.text, now=NOON) == "LINK_INVALID"
    assert links.look(install.accounts, there.text, now=NOON)


def test_a_token_of_some_streams_decides_about_nobody(install, person):
    narrow = replace(OWNER, streams=frozenset(("sales",)))
    for function, given in (
        (links.invite, ("second@x.example", ("viewer",))),
        (links.owner_link, ()),
        (links.reset_link, (person.id,)),
        (people.set_roles, (person.id, ("viewer",))),
        (people.disable, (person.id,)),
        (people.remove, (person.id,)),
    ):
        assert code(function, install.accounts, narrow, *given, now=NOON) == "NOT_PERMITTED"


def test_nobody_gives_or_takes_a_role_that_may_or_shows_more_than_their_own(install, person):
    declared = (
        Role("keeper", includes=("viewer",), permissions=(Permission.PEOPLE,)),
        Role("recent", permissions=(Permission.READ,), grants=(Grant("metric:*", reach=last(7)),)),
        Role(
            "usher",
            permissions=(Permission.READ, Permission.PEOPLE),
            grants=(Grant("metric:*", reach=last(7)), Grant("metric:revenue", reach=last(1))),
        ),
    )
    catalog = Catalog((Pack("staff", roles=declared),))
    accounts, known = Accounts(**vars(install.accounts) | {"catalog": lambda _workspace: catalog}), catalog.roles
    keeper, usher = (access.caller("person", "01X", "default", (name,), known) for name in ("keeper", "usher"))
    set_roles, who = people.set_roles, person.id
    assert code(set_roles, accounts, keeper, who, ("viewer",), now=NOON) == "ROLE_TOO_WIDE"  # theirs is analyst
    set_roles(accounts, OWNER, who, ("viewer",), now=NOON)
    set_roles(accounts, keeper, who, ("recent", "keeper"), now=NOON)
    assert code(set_roles, accounts, keeper, who, ("analyst",), now=NOON) == "ROLE_TOO_WIDE"
    assert code(set_roles, accounts, keeper, boss(install).id, ("viewer",), now=NOON) == "ROLE_TOO_WIDE"
    set_roles(accounts, OWNER, who, ("recent",), now=NOON)
    set_roles(accounts, usher, who, ("recent",), now=NOON)
    assert code(set_roles, accounts, usher, who, ("viewer",), now=NOON) == "ROLE_TOO_WIDE"
    assert code(set_roles, accounts, usher, who, ("king",), now=NOON) == "UNKNOWN_ROLE"


def test_somebody_else_than_an_owner_decides_about_nobody(install, person):
    for name in ("viewer", "analyst", "manager", "admin", "collector"):
        caller = access.caller("person", "01X", "default", (name,), ROLES)
        for function in (people.disable, people.enable, people.remove):
            assert code(function, install.accounts, caller, person.id, now=NOON) == "NOT_PERMITTED"
        assert code(people.set_roles, install.accounts, caller, person.id, ("viewer",), now=NOON) == "NOT_PERMITTED"
        assert code(people.find, install.accounts, caller, EMAIL) == "NOT_PERMITTED"


def test_people_of_another_workspace_are_as_unknown_as_nobody(install):
    far = install.person("far@x.example", workspace="north")
    said = set()
    for who in (far.id, "01NOBODY"):
        for function in (people.disable, people.enable, people.remove):
            with pytest.raises(KeepsumError) as caught:
                function(install.accounts, OWNER, who, now=NOON)
            said.add(str(caught.value))
    assert said == {"UNKNOWN_PERSON: There is no such person in this workspace."}


def test_who_is_shut_out_is_out_with_sessions_and_tokens(install, person):
    cookies = [enter(install).cookie for _ in range(2)]
    mine = access.caller("person", person.id, "default", ("admin",), ROLES)
    token = tokens.make(install.accounts, mine, "mine", "viewer", now=NOON)
    other = tokens.make(install.accounts, OWNER, "other", "viewer", now=NOON)
    gone = people.disable(install.accounts, OWNER, person.id, now=NOON)
    assert (gone.sessions, [one.id for one in gone.tokens]) == (2, [token.token.id])
    assert not any(caller_of_session(install.control, cookie, roles=roles, now=NOON) for cookie in cookies)
    assert caller_of_token(install.control, token.text, roles=roles, now=NOON) is None
    assert caller_of_token(install.control, other.text, roles=roles, now=NOON) is not None
    assert code(enter, install) == "SIGN_IN_FAILED"
    people.enable(install.accounts, OWNER, person.id, now=NOON)
    assert enter(install)
    for kind in (Kind.PERSON_DISABLED, Kind.PERSON_ENABLED):
        (event,) = install.events(kind)
        assert (event.caller, event.body["person"]) == ("01OWNER", person.id)


def test_who_is_removed_from_the_last_workspace_is_deleted(install, person):
    with install.control.write() as connection:
        made = {"workspace": "north", "actor": None, "team": None, "created_at": NOON}
        store.put_member(connection, store.Member(person=person.id, roles=("viewer",), **made))
    cookie = enter(install).cookie
    assert people.remove(install.accounts, OWNER, person.id, now=NOON).sessions == 1
    assert caller_of_session(install.control, cookie, roles=roles, now=NOON) is None
    assert enter(install).workspace == "north"
    people.remove(install.accounts, machine("north"), person.id, now=NOON)
    with install.control.read() as connection:
        assert store.person(connection, install.vault.under(connection), person.id) is None
        for table in ("sessions", "members", "links"):
            query = f"SELECT count(*) FROM {table} WHERE person = ?"
            assert connection.exec_driver_sql(query, (person.id,)).scalar() == 0


def test_a_workspace_keeps_an_owner_who_can_sign_in(install, person):
    last_one = boss(install)
    for function in (people.disable, people.remove):
        assert code(function, install.accounts, OWNER, last_one.id, now=NOON) == "LAST_OWNER"
    assert code(people.set_roles, install.accounts, OWNER, last_one.id, ("admin",), now=NOON) == "LAST_OWNER"
    assert people.has_owner(install.accounts, "default")
    people.set_roles(install.accounts, OWNER, person.id, ("owner",), now=NOON)
    people.disable(install.accounts, OWNER, last_one.id, now=NOON)
    assert code(people.remove, install.accounts, OWNER, person.id, now=NOON) == "LAST_OWNER"


def test_a_role_that_no_pack_declares_any_more_can_be_taken_away(install, person):
    with install.control.write() as connection:
        made = {"workspace": "default", "actor": None, "team": None, "created_at": NOON}
        store.put_member(connection, store.Member(person=person.id, roles=("monitor",), **made))
    people.set_roles(install.accounts, OWNER, person.id, ("viewer",), now=NOON)
    found = membership(install, person)
    assert found is not None
    assert found.roles == ("viewer",)
