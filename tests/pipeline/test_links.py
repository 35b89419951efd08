from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.accounts import EMAIL, HASHED, NOON, PASSWORD, PASSWORDS, Install, catalog, roles

from keepsum.engine import access
from keepsum.model.access import ROLES, machine
from keepsum.model.audit import Kind
from keepsum.model.errors import Conflict, Forbidden, Invalid, KeepsumError, NotFound
from keepsum.pipeline import links, people
from keepsum.pipeline.accounts import Accounts
from keepsum.pipeline.callers import caller_of_session
from keepsum.pipeline.links import HOUR, LASTS, RESETS, RESETS_FROM, Given
from keepsum.pipeline.passwords import Passwords
from keepsum.pipeline.sign_in import PAIR, Attempt, TooManyAttempts, sign_in
from keepsum.store import accounts as store
from keepsum.store.links import LinkKind

NEW, NEW_PASSWORD = "new@north.example", "quite another sentence"
MACHINE = machine("default")


@pytest.fixture
def install(tmp_path):
    made = Install(tmp_path)
    yield made
    made.control.close()


def holding(*names, workspace="default", who="01ADMIN"):
    return access.caller("person", who, workspace, names, ROLES)


OWNER = holding("owner")


def given(**how):
    return Given(**{"password": NEW_PASSWORD, "name": "New Person"} | how)


def use(install, link, now=NOON, **how):
    return links.use(install.accounts, link.text, given(**how), now=now)


def enter(install, email, password=NEW_PASSWORD, device=None):
    attempt = Attempt(email=email, password=password, device=device)
    return sign_in(install.accounts, attempt, now=NOON)


def member(install, email, workspace="default"):
    with install.control.read() as connection:
        person = store.person_of(connection, install.vault.under(connection), email)
        return person and store.member(connection, workspace, person.id)


def code(function, *args, **how):
    with pytest.raises(KeepsumError) as caught:
        function(*args, **how)
    return caught.value.code


def test_the_first_link_makes_an_owner_without_any_password_before(install):
    assert not people.has_owner(install.accounts, "default")
    link = links.owner_link(install.accounts, MACHINE, now=NOON)
    assert (link.kind, link.until) == (LinkKind.OWNER, NOON + 24 * HOUR)
    used = use(install, link, email=NEW)
    assert people.has_owner(install.accounts, "default")
    entry = enter(install, NEW, device=used.device)
    assert entry.person == used.person
    found = caller_of_session(install.control, entry.cookie, roles=roles, now=NOON)
    assert found is not None
    assert found.caller.roles == ("owner",)


def test_another_owner_link_stops_the_earlier_one(install):
    first = links.owner_link(install.accounts, MACHINE, now=NOON)
    north = links.owner_link(install.accounts, machine("north"), now=NOON)
    links.owner_link(install.accounts, MACHINE, now=NOON)
    assert code(use, install, first, email=NEW) == "LINK_INVALID"
    assert use(install, north, email=NEW).workspace == "north"


def test_an_invitation_lets_its_address_in_with_its_roles(install):
    link = links.invite(install.accounts, OWNER, f" {NEW.upper()} ", ("analyst", "collector"), now=NOON)
    shown = links.look(install.accounts, link.text, now=NOON)
    assert (shown.kind, shown.email, shown.workspace) == (LinkKind.INVITATION, NEW, "default")
    use(install, link, email="somebody.else@x.example", name="  New \n Person ")
    found = member(install, NEW)
    assert found is not None
    assert found.roles == ("analyst", "collector")
    assert member(install, "somebody.else@x.example") is None
    assert enter(install, NEW)
    (row,) = people.listing(install.accounts, OWNER)
    assert (row.person.email, row.person.name) == (NEW, "New Person")


def test_a_link_works_once(install):
    link = links.invite(install.accounts, OWNER, NEW, ("viewer",), now=NOON)
    use(install, link)
    assert code(use, install, link) == "LINK_INVALID"
    assert code(links.look, install.accounts, link.text, now=NOON) == "LINK_INVALID"


@pytest.mark.parametrize("what", ["disabled", "removed", "password"])
def test_who_is_shut_out_while_their_password_is_looked_at_comes_in_by_no_link(install, what):
    person = install.person(workspace="north")
    change = {
        "disabled": lambda connection: store.set_disabled(connection, person.id, NOON),
        "removed": lambda connection: store.remove_person(connection, person.id),
        "password": lambda connection: store.set_password(connection, person.id, PASSWORDS.hashed(NEW_PASSWORD)),
    }[what]

    class Changing(Passwords):
        def matches(self, stored, password):
            is_right = super().matches(stored, password)
            with install.control.write() as connection:
                change(connection)
            return is_right

    link = links.invite(install.accounts, OWNER, EMAIL, ("viewer",), now=NOON)
    accounts = Accounts(control=install.control, vault=install.vault, passwords=Changing(memory=64), catalog=catalog)
    assert code(links.use, accounts, link.text, Given(password=PASSWORD), now=NOON) == "SIGN_IN_FAILED"
    with install.control.read() as connection:
        assert store.member(connection, "default", person.id) is None
    assert links.look(install.accounts, link.text, now=NOON)


def test_a_password_that_changes_while_the_old_one_is_looked_at_stays_what_it_is_then(install):
    person = install.person()

    class Changing(Passwords):
        def matches(self, stored, password):
            is_right = super().matches(stored, password)
            with install.control.write() as connection:
                store.set_password(connection, person.id, PASSWORDS.hashed(NEW_PASSWORD))
            return is_right

    accounts = Accounts(control=install.control, vault=install.vault, passwords=Changing(memory=64), catalog=catalog)
    old, late = Attempt(email=EMAIL, password=PASSWORD), "what came too late to count"
    assert (
        code(links.change_password, accounts, person.id, old, late, workspace="default", now=NOON) == "SIGN_IN_FAILED"
    )
    assert enter(install, EMAIL)


def test_of_many_who_use_a_link_at_once_one_does(install):
    link = links.owner_link(install.accounts, MACHINE, now=NOON)

    def attempt(number):
        try:
            return use(install, link, email=f"p{number}@x.example").kind
        except NotFound as error:
            return error.code

    with ThreadPoolExecutor(6) as pool:
        said = sorted(pool.map(attempt, range(6)))
    assert said == ["LINK_INVALID"] * 5 + ["owner"]


@pytest.mark.parametrize("kind", list(LinkKind))
def test_a_link_ends(install, kind):
    person = install.person()
    make = {
        LinkKind.OWNER: lambda: links.owner_link(install.accounts, MACHINE, now=NOON),
        LinkKind.INVITATION: lambda: links.invite(install.accounts, OWNER, NEW, ("viewer",), now=NOON),
        LinkKind.RESET: lambda: links.reset_link(install.accounts, OWNER, person.id, now=NOON),
    }
    link = make[kind]()
    assert links.look(install.accounts, link.text, now=NOON + LASTS[kind] - 1).kind is kind
    assert code(use, install, link, NOON + LASTS[kind], email=NEW) == "LINK_INVALID"


def test_what_is_no_link_is_refused_cheaply(install):
    for text in ("", "x", "x" * 1_000_000, "é"):
        assert code(links.look, install.accounts, text, now=NOON) == "LINK_INVALID"


def test_a_bad_password_or_name_leaves_the_link_good(install):
    link = links.invite(install.accounts, OWNER, NEW, ("viewer",), now=NOON)
    assert code(use, install, link, password="short") == "BAD_PASSWORD"
    assert code(use, install, link, password=NEW) == "BAD_PASSWORD"
    assert code(use, install, link, name=" ") == "BAD_NAME"
    assert code(use, install, link, name="a\x00b") == "BAD_NAME"
    assert use(install, link)
    owner = links.owner_link(install.accounts, MACHINE, now=NOON)
    for email in (None, "", "nobody", "a@b", "x@y.example\nBcc: z@y.example"):
        assert code(use, install, owner, email=email) == "BAD_EMAIL"


def test_who_has_an_account_joins_with_its_password_which_stays(install):
    install.person(workspace="north")
    link = links.invite(install.accounts, OWNER, EMAIL, ("viewer",), now=NOON)
    assert code(use, install, link) == "SIGN_IN_FAILED"
    assert member(install, EMAIL) is None
    use(install, link, password=PASSWORD)
    found = member(install, EMAIL)
    assert found is not None
    assert found.roles == ("viewer",)
    assert enter(install, EMAIL, PASSWORD)
    assert code(enter, install, EMAIL) == "SIGN_IN_FAILED"


def test_a_link_is_no_way_round_the_limit_of_guesses(install):
    install.person(workspace="north")
    link = links.invite(install.accounts, OWNER, EMAIL, ("viewer",), now=NOON)
    said = [code(use, install, link) for _ in range(PAIR + 1)]
    assert said == ["SIGN_IN_FAILED"] * PAIR + ["TOO_MANY_ATTEMPTS"]


def test_a_new_owner_by_link_keeps_the_roles_they_have(install):
    install.person(given=("collector",))
    use(install, links.owner_link(install.accounts, MACHINE, now=NOON), email=EMAIL, password=PASSWORD)
    found = member(install, EMAIL)
    assert found is not None
    assert found.roles == ("collector", "owner")


def test_a_member_is_not_invited_again(install):
    install.person()
    with pytest.raises(Conflict, match="MEMBER_ALREADY"):
        links.invite(install.accounts, OWNER, EMAIL, ("viewer",), now=NOON)


def test_nobody_gives_a_role_that_may_more_than_their_own(install):
    assert code(links.invite, install.accounts, OWNER, NEW, ("king",), now=NOON) == "UNKNOWN_ROLE"
    assert code(links.invite, install.accounts, OWNER, NEW, (), now=NOON) == "NO_ROLES"
    for name in ("viewer", "analyst", "manager", "admin", "collector"):
        caller = holding(name)
        for function in (links.owner_link, people.listing):
            how = {"now": NOON} if function is links.owner_link else {}
            assert code(function, install.accounts, caller, **how) == "NOT_PERMITTED"
        assert code(links.invite, install.accounts, caller, NEW, ("viewer",), now=NOON) == "NOT_PERMITTED"


def test_a_new_password_ends_all_sessions_and_the_old_password(install):
    person = install.person()
    cookies = [enter(install, EMAIL, PASSWORD).cookie for _ in range(2)]
    link = links.reset_link(install.accounts, OWNER, person.id, now=NOON)
    other = links.reset_link(install.accounts, OWNER, person.id, now=NOON)
    used = use(install, link)
    assert (used.kind, used.person, used.email) == (LinkKind.RESET, person.id, EMAIL)
    assert [caller_of_session(install.control, one, roles=roles, now=NOON) for one in cookies] == [None, None]
    assert code(enter, install, EMAIL, PASSWORD) == "SIGN_IN_FAILED"
    assert enter(install, EMAIL)
    assert code(use, install, other) == "LINK_INVALID"
    (event,) = install.events(Kind.PASSWORD_CHANGED)
    assert event.body == {"person": person.id, "sessions": 2}


def test_a_new_password_lets_its_person_in_while_the_account_is_attacked(install):
    person = install.person()
    for n in range(30):
        attempt = Attempt(email=EMAIL, password="a wrong password", address=f"203.0.113.{n}")
        with pytest.raises(KeepsumError):
            sign_in(install.accounts, attempt, now=NOON)
    assert code(enter, install, EMAIL, PASSWORD) == "TOO_MANY_ATTEMPTS"
    used = use(install, links.reset_link(install.accounts, OWNER, person.id, now=NOON))
    assert enter(install, EMAIL, device=used.device)


def test_an_owner_of_one_workspace_gets_no_key_to_another(install):
    person = install.person()
    with install.control.write() as connection:
        made = {"workspace": "north", "actor": None, "team": None, "created_at": NOON}
        store.put_member(connection, store.Member(person=person.id, roles=("owner",), **made))
    for function in (links.reset_link, people.disable, people.enable):
        assert code(function, install.accounts, OWNER, person.id, now=NOON) == "PERSON_SHARED"
    assert links.reset_link(install.accounts, MACHINE, person.id, now=NOON)
    assert code(links.reset_link, install.accounts, holding("owner", workspace="south"), person.id, now=NOON) == (
        "UNKNOWN_PERSON"
    )


def test_who_forgot_a_password_gets_a_link_and_nobody_learns_whether_there_is_an_account(install):
    install.person()
    link = links.request_reset(install.accounts, f" {EMAIL.upper()}", now=NOON)
    assert link is not None
    assert link.email == EMAIL
    assert links.request_reset(install.accounts, "nobody@x.example", now=NOON) is None
    use(install, link)
    assert enter(install, EMAIL)
    for email, known in ((EMAIL, True), ("nobody@x.example", False)):
        for _ in range(RESETS - 1):
            assert (links.request_reset(install.accounts, email, now=NOON) is not None) == known
        with pytest.raises(TooManyAttempts):
            links.request_reset(install.accounts, email, now=NOON)


def test_one_address_asks_for_a_few_new_passwords_only(install):
    for n in range(RESETS_FROM):
        links.request_reset(install.accounts, f"p{n}@x.example", address="192.0.2.1", now=NOON)
    with pytest.raises(TooManyAttempts):
        links.request_reset(install.accounts, "p@x.example", address="192.0.2.1", now=NOON)


def test_who_is_shut_out_gets_no_link_and_none_they_have_works(install):
    person = install.person()
    install.person("other@x.example")
    link = links.reset_link(install.accounts, OWNER, person.id, now=NOON)
    asked = links.request_reset(install.accounts, EMAIL, now=NOON)
    assert asked is not None
    people.disable(install.accounts, OWNER, person.id, now=NOON)
    assert code(use, install, link) == code(use, install, asked) == "LINK_INVALID"
    assert links.request_reset(install.accounts, EMAIL, now=NOON) is None
    assert code(links.reset_link, install.accounts, OWNER, person.id, now=NOON) == "PERSON_DISABLED"


def test_an_invitation_of_somebody_who_is_shut_out_since_lets_nobody_in(install):
    install.person("other@x.example")
    person = install.person()
    link = links.invite(install.accounts, holding("owner", who=person.id), NEW, ("viewer",), now=NOON)
    people.disable(install.accounts, OWNER, person.id, now=NOON)
    assert code(use, install, link) == "LINK_INVALID"


def test_a_password_is_changed_by_who_knows_the_old_one(install):
    person = install.person()
    cookie = enter(install, EMAIL, PASSWORD).cookie
    how = {"workspace": "default", "now": NOON}

    def change(old, new, email=EMAIL):
        old = Attempt(email=email, password=old, address="192.0.2.1")
        links.change_password(install.accounts, person.id, old, new, **how)

    install.person("eve@x.example")
    assert code(change, "a wrong password", NEW_PASSWORD) == "SIGN_IN_FAILED"
    assert code(change, PASSWORD, NEW_PASSWORD, "eve@x.example") == "SIGN_IN_FAILED"
    with pytest.raises(Invalid, match="BAD_PASSWORD"):
        change(PASSWORD, "short")
    change(PASSWORD, NEW_PASSWORD)
    assert caller_of_session(install.control, cookie, roles=roles, now=NOON) is None
    assert enter(install, EMAIL)


def test_no_link_address_name_or_password_is_in_any_byte(install):
    person = install.person()
    made = [
        links.owner_link(install.accounts, MACHINE, now=NOON),
        links.invite(install.accounts, OWNER, NEW, ("viewer",), now=NOON),
        links.reset_link(install.accounts, OWNER, person.id, now=NOON),
    ]
    waiting = install.bytes()
    use(install, made[1])
    content = waiting + install.bytes()
    markers = [NEW, "north.example", EMAIL, "petiolatum", "New Person", "Zyxomma", PASSWORD, NEW_PASSWORD]
    for text in [*markers, *(link.text for link in made)]:
        assert text.encode() not in content
    assert HASHED.encode() in content


def test_the_audit_log_says_who_let_whom_in(install):
    link = links.invite(install.accounts, OWNER, NEW, ("viewer",), now=NOON)
    used = use(install, link, address="198.51.100.7")
    (invited,) = install.events(Kind.PERSON_INVITED)
    assert (invited.caller, invited.workspace, invited.body) == ("01ADMIN", "default", {"roles": ["viewer"]})
    (joined,) = install.events(Kind.PERSON_JOINED)
    assert (joined.caller, joined.workspace) == (used.person, "default")
    assert joined.body == {"link": "invitation", "roles": ["viewer"], "made_by": "01ADMIN"}
    with pytest.raises(Forbidden):
        links.owner_link(install.accounts, holding("viewer"), now=NOON)
    assert install.events(Kind.OWNER_LINK_MADE) == []
