"""One-time links: who gets one, and what using it does.  Using one up and what it does are one transaction."""

from dataclasses import dataclass, replace

from keepsum.engine import access
from keepsum.model.access import Caller, Permission
from keepsum.model.audit import Kind
from keepsum.model.errors import Conflict, Forbidden, NotFound
from keepsum.pipeline import audit, passwords, people
from keepsum.pipeline.accounts import Accounts, asked_email, check_roles, clean_email, clean_name, origin
from keepsum.pipeline.sign_in import Attempt, TooManyAttempts, device_cookie, failed, place_of, prove, refuse_changed
from keepsum.store import accounts as store
from keepsum.store import attempts, links, sessions
from keepsum.store.accounts import Member, Person
from keepsum.store.attempts import Limit
from keepsum.store.database import Connection
from keepsum.store.links import Link, LinkKind
from keepsum.store.vault import Cipher

HOUR = 3_600_000_000
LASTS = {LinkKind.OWNER: 24 * HOUR, LinkKind.INVITATION: 7 * 24 * HOUR, LinkKind.RESET: HOUR}  # µs
RESETS, RESETS_FROM = 3, 20  # asked for in a window, for one account and from one address
LONGEST = 64  # characters of a link worth looking up


@dataclass(frozen=True, kw_only=True, repr=False)
class NewLink:
    """A link and its text, which is shown or sent once; `email` is whom it is for."""

    text: str
    kind: LinkKind
    workspace: str | None
    email: str | None
    until: int


@dataclass(frozen=True, kw_only=True, repr=False)
class Given:
    """What somebody fills in to use a link: the address for an owner's, the name for all but a new password."""

    password: str
    email: str | None = None
    name: str | None = None
    address: str | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Used:
    """What using a link came to: whose it was, and the device's cookie for signing in."""

    kind: LinkKind
    person: str
    email: str
    workspace: str | None
    device: str


def owner_link(accounts: Accounts, caller: Caller, *, now: int) -> NewLink:
    """Give a link that makes somebody an owner of the caller's workspace; earlier ones stop working.

    Raises `ROLE_TOO_WIDE`.
    """
    access.require(caller, Permission.PEOPLE)
    check_roles(accounts.catalog(caller.workspace).roles, caller, (people.OWNER,))
    with accounts.control.write() as connection:
        cipher = accounts.vault.under(connection)
        links.drop_owner_links(connection, caller.workspace)
        made = _add(connection, cipher, caller, LinkKind.OWNER, now=now, roles=(people.OWNER,))
        audit.note(connection, Kind.OWNER_LINK_MADE, caller, now=now)
    return made


def invite(accounts: Accounts, caller: Caller, email: str, roles: tuple[str, ...], *, now: int) -> NewLink:
    """Give a link that lets the holder of an address into the caller's workspace.

    Raises `BAD_EMAIL`, `UNKNOWN_ROLE`, `ROLE_TOO_WIDE` and `MEMBER_ALREADY`.
    """
    access.require(caller, Permission.PEOPLE)
    check_roles(accounts.catalog(caller.workspace).roles, caller, roles)
    address = clean_email(email)
    with accounts.control.write() as connection:
        cipher = accounts.vault.under(connection)
        known = store.person_of(connection, cipher, address)
        if known is not None and store.member(connection, caller.workspace, known.id) is not None:
            raise Conflict("MEMBER_ALREADY", "This person is in the workspace already: change their roles instead.")
        made = _add(connection, cipher, caller, LinkKind.INVITATION, now=now, roles=roles, email=address)
        audit.note(connection, Kind.PERSON_INVITED, caller, {"roles": list(roles)}, now=now)
    return made


def reset_link(accounts: Accounts, caller: Caller, person: str, *, now: int) -> NewLink:
    """Give a link for a member's new password, to hand over to them.

    Raises `UNKNOWN_PERSON`, `ROLE_TOO_WIDE` and `PERSON_SHARED`.
    """
    access.require(caller, Permission.PEOPLE)
    known = accounts.catalog(caller.workspace).roles
    with accounts.control.write() as connection:
        cipher = accounts.vault.under(connection)
        people.alone(known, connection, caller, person)
        found = store.person(connection, cipher, person)
        if found is None or found.disabled_at is not None:
            raise Forbidden("PERSON_DISABLED", "This person is shut out: enable them first.")
        made = _add(connection, cipher, caller, LinkKind.RESET, now=now, person=found)
        audit.note(connection, Kind.PASSWORD_RESET_ASKED, caller, {"person": person}, now=now)
    return made


def request_reset(accounts: Accounts, email: str, *, address: str | None = None, now: int) -> NewLink | None:
    """Give a link to mail to whoever forgot a password; None if nobody has the address, which nobody may be told.

    Raises `TOO_MANY_ATTEMPTS`, whether or not somebody has it.
    """
    account = asked_email(email)
    with accounts.control.write() as connection:
        cipher = accounts.vault.under(connection)
        counted = {f"reset {account}": RESETS, f"reset from {place_of(address)}": RESETS_FROM}
        limits = [Limit(mark=cipher.mark("attempt", text), most=most) for text, most in counted.items()]
        wait = attempts.count(connection, limits, now=now)
        if not wait:
            return _add_asked(connection, cipher, account, address, now=now)
    raise TooManyAttempts(wait)


def look(accounts: Accounts, text: str, *, now: int) -> Link:
    """Give what a link is good for; raises `LINK_INVALID`."""
    with accounts.control.read() as connection:
        return _found(connection, accounts.vault.under(connection), text, now=now)


def use(accounts: Accounts, text: str, given: Given, *, now: int) -> Used:
    """Use a link up: set a new password, or let somebody in.

    Who has an account already gives its password, and keeps it.  Raises `LINK_INVALID`, `BAD_PASSWORD`, `BAD_EMAIL`,
    `BAD_NAME`, `SIGN_IN_FAILED` and `TOO_MANY_ATTEMPTS`; the link then stays good.
    """
    link = look(accounts, text, now=now)
    if link.kind is LinkKind.RESET:
        return _reset(accounts, text, link, given, now=now)
    email = clean_email(link.email or given.email or "")
    with accounts.control.read() as connection:
        known = store.person_of(connection, accounts.vault.under(connection), email)
    if known is not None:
        proved = prove(accounts, Attempt(email=email, password=given.password, address=given.address), now=now)
        return _enter(accounts, text, link, proved, given, now=now)
    name = clean_name(given.name or "")
    passwords.check(given.password, email, name)
    hashed = accounts.passwords.hashed(given.password)
    return _enter(accounts, text, link, _Newcomer(email=email, name=name, password=hashed), given, now=now)


def change_password(accounts: Accounts, person: str, old: Attempt, new: str, *, workspace: str, now: int) -> None:
    """Set the password of somebody who is signed in and knows the old one; all their sessions end.

    Raises `BAD_PASSWORD`, `SIGN_IN_FAILED` and `TOO_MANY_ATTEMPTS`.
    """
    proved = prove(accounts, old, now=now)
    if proved.id != person:
        raise failed()
    passwords.check(new, proved.email, proved.name)
    hashed = accounts.passwords.hashed(new)
    with accounts.control.write() as connection:
        refuse_changed(connection, accounts.vault.under(connection), proved)
        _set_password(accounts, connection, person, hashed, workspace, old.address, now=now)


@dataclass(frozen=True, kw_only=True, repr=False)
class _Newcomer:
    email: str
    name: str
    password: str


def _reset(accounts: Accounts, text: str, link: Link, given: Given, *, now: int) -> Used:
    with accounts.control.read() as connection:
        person = _person(connection, accounts.vault.under(connection), link)
    passwords.check(given.password, person.email, person.name)
    hashed = accounts.passwords.hashed(given.password)
    with accounts.control.write() as connection:
        _use_up(connection, text)
        cipher = accounts.vault.under(connection)
        _person(connection, cipher, link)
        of = store.memberships(connection, person.id)
        workspace = of[0].workspace if of else None
        _set_password(accounts, connection, person.id, hashed, workspace, given.address, now=now)
        return _used(cipher, link, person.id, person.email)


def _set_password(
    accounts: Accounts,
    connection: Connection,
    person: str,
    hashed: str,
    workspace: str | None,
    address: str | None,
    *,
    now: int,
) -> None:
    """Set a password; what an older one opened, or a link might, is closed."""
    store.set_password(connection, person, hashed)
    links.drop_of_person(connection, person)
    about = {"person": person, "sessions": sessions.end_all(connection, person)}
    came = origin(accounts.vault.under(connection), address)
    audit.note(connection, Kind.PASSWORD_CHANGED, None, about, now=now, origin=came, workspace=workspace)


def _enter(accounts: Accounts, text: str, link: Link, person: "Person | _Newcomer", given: Given, *, now: int) -> Used:
    """Make somebody a member, with the roles of the link beside those they have."""
    with accounts.control.write() as connection:
        _use_up(connection, text)
        cipher = accounts.vault.under(connection)
        if isinstance(person, _Newcomer):
            person = _add_person(connection, cipher, person, now=now)
        else:
            refuse_changed(connection, cipher, person)
        workspace = link.workspace or ""
        old = store.member(connection, workspace, person.id)
        roles = tuple(dict.fromkeys((*(old.roles if old else ()), *link.roles)))
        fresh = Member(workspace=workspace, person=person.id, roles=roles, actor=None, team=None, created_at=now)
        store.put_member(connection, replace(old, roles=roles) if old else fresh)
        came = access.caller("person", person.id, workspace, (), {})
        about = {"link": str(link.kind), "roles": list(link.roles), "made_by": link.made_by}
        audit.note(connection, Kind.PERSON_JOINED, came, about, now=now, origin=origin(cipher, given.address))
        return _used(cipher, link, person.id, person.email)


def _add_person(connection: Connection, cipher: Cipher, newcomer: _Newcomer, *, now: int) -> Person:
    if store.person_of(connection, cipher, newcomer.email) is not None:
        raise Conflict("PERSON_KNOWN", "This address got an account just now: use the link again, with its password.")
    return store.add_person(connection, cipher, **vars(newcomer), now=now)


def _used(cipher: Cipher, link: Link, person: str, email: str) -> Used:
    device = device_cookie(cipher, email)
    return Used(kind=link.kind, person=person, email=email, workspace=link.workspace, device=device)


def _add(
    connection: Connection,
    cipher: Cipher,
    caller: Caller | None,
    kind: LinkKind,
    *,
    now: int,
    roles: tuple[str, ...] = (),
    email: str | None = None,
    person: Person | None = None,
) -> NewLink:
    made = Link(
        kind=kind,
        workspace=caller.workspace if caller and person is None else None,
        person=person and person.id,
        email=email,
        roles=roles,
        made_by=caller.id if caller else "",
        made_at=now,
        until=now + LASTS[kind],
    )
    text = links.add(connection, cipher, made)
    address = email if person is None else person.email
    return NewLink(text=text, kind=kind, workspace=made.workspace, email=address, until=made.until)


def _add_asked(connection: Connection, cipher: Cipher, email: str, address: str | None, *, now: int) -> NewLink | None:
    person = store.person_of(connection, cipher, email)
    if person is None or person.disabled_at is not None:
        return None
    of = store.memberships(connection, person.id)
    workspace = of[0].workspace if of else None
    asked, came = Kind.PASSWORD_RESET_ASKED, origin(cipher, address)
    audit.note(connection, asked, None, {"person": person.id}, now=now, origin=came, workspace=workspace)
    return _add(connection, cipher, None, LinkKind.RESET, now=now, person=person)


def _found(connection: Connection, cipher: Cipher, text: str, *, now: int) -> Link:
    link = links.find(connection, cipher, text, now=now) if 0 < len(text) <= LONGEST else None
    if link is None:
        raise _invalid()
    return link


def _person(connection: Connection, cipher: Cipher, link: Link) -> Person:
    """Give the person a link is for, while they may come in."""
    person = store.person(connection, cipher, link.person or "")
    if person is None or person.disabled_at is not None:
        raise _invalid()
    return person


def _use_up(connection: Connection, text: str) -> None:
    if not links.use(connection, text):
        raise _invalid()


def _invalid() -> NotFound:
    return NotFound("LINK_INVALID", "This link was used, has ended, or never was: ask for a new one.")
