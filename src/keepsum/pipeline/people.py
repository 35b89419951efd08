"""People of a workspace: invited, let in, given roles, shut out; and their links for a first or a new password.

A password opens every workspace of its person.  So who administers one of them neither sets the password of
somebody who is also in another, nor shuts them out of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from keepsum.engine import access
from keepsum.model.access import Caller, Permission, Role
from keepsum.model.audit import Kind
from keepsum.model.errors import Conflict, Forbidden, NotFound
from keepsum.model.workspace import WorkspaceEntry
from keepsum.pipeline import audit
from keepsum.pipeline.accounts import Accounts, check_roles, clean_email, covers
from keepsum.store import accounts as store
from keepsum.store import links, sessions, tokens, workspaces
from keepsum.store.accounts import Member, Person
from keepsum.store.database import Connection
from keepsum.store.tokens import Token

OWNER = "owner"


@dataclass(frozen=True, kw_only=True, repr=False)
class MemberPerson:
    """A member with who it is."""

    person: Person
    member: Member


@dataclass(frozen=True, kw_only=True)
class Gone:
    """What shutting somebody out ended: sessions, and tokens they had made that still worked."""

    sessions: int
    tokens: tuple[Token, ...]


def listing(accounts: Accounts, caller: Caller) -> list[MemberPerson]:
    """Give the members of the caller's workspace, the longest first."""
    access.require(caller, Permission.PEOPLE)
    with accounts.control.read() as connection:
        cipher = accounts.vault.under(connection)
        members = store.members_of(connection, caller.workspace)
        found = [(member, store.person(connection, cipher, member.person)) for member in members]
    return [MemberPerson(person=person, member=member) for member, person in found if person is not None]


def oneself(accounts: Accounts, caller: Caller) -> Person | None:
    """Give who a caller is, to nobody but themself; None for tokens and outside identities."""
    if caller.kind != "person":
        return None
    with accounts.control.read() as connection:
        return store.person(connection, accounts.vault.under(connection), caller.id)


def workspaces_of(accounts: Accounts, caller: Caller) -> list[WorkspaceEntry]:
    """Give the workspaces a person is in, by name; of any other caller the one it is for."""
    with accounts.control.read() as connection:
        mine = {member.workspace for member in store.memberships(connection, caller.id)}
    if caller.kind != "person":
        mine = {caller.workspace}
    return [entry for entry in workspaces.listing(accounts.control) if entry.id in mine]


def find(accounts: Accounts, caller: Caller, email: str) -> MemberPerson:
    """Give a member by address; raises `UNKNOWN_PERSON`."""
    access.require(caller, Permission.PEOPLE)
    with accounts.control.read() as connection:
        person = store.person_of(connection, accounts.vault.under(connection), clean_email(email))
        if person is None:
            raise _unknown()
        return MemberPerson(person=person, member=_member(connection, caller, person.id))


def set_roles(
    accounts: Accounts,
    caller: Caller,
    person: str,
    roles: tuple[str, ...],
    *,
    actor: str | None = None,
    team: str | None = None,
    now: int,
) -> Gone:
    """Give a member these roles instead of their own, and say who they are in records and of which team.

    An actor or team that is not named stays; an empty one is taken away.  Whoever loses a role loses the links they
    gave to others, and of the tokens they made those that may or show more than they do now.
    Raises `UNKNOWN_PERSON`, `UNKNOWN_ROLE`, `ROLE_TOO_WIDE` and `LAST_OWNER`.
    """
    access.require(caller, Permission.PEOPLE)
    known = accounts.catalog(caller.workspace).roles
    check_roles(known, caller, roles)
    with accounts.control.write() as connection:
        old = _member(connection, caller, person)
        _check_known_roles(known, caller, old)
        actor, team = (
            mine if given is None else given or None for mine, given in ((old.actor, actor), (old.team, team))
        )
        new = replace(old, roles=roles, actor=actor, team=team)
        store.put_member(connection, new)
        _refuse_without_owner(connection, old)
        gone = Gone(sessions=0, tokens=_narrowed(known, connection, old, new, now=now))
        about = {"before": list(old.roles), "roles": list(roles), **_about(person, gone)}
        audit.note(connection, Kind.ROLES_CHANGED, caller, about, now=now)
    return gone


def disable(accounts: Accounts, caller: Caller, person: str, *, now: int) -> Gone:
    """Shut a person out: their sessions end, tokens they made stop, and no password or link lets them in.

    Raises `UNKNOWN_PERSON`, `ROLE_TOO_WIDE`, `PERSON_SHARED` and `LAST_OWNER`.
    """
    access.require(caller, Permission.PEOPLE)
    known = accounts.catalog(caller.workspace).roles
    with accounts.control.write() as connection:
        alone(known, connection, caller, person)
        store.set_disabled(connection, person, now)
        links.drop_of_person(connection, person)
        stopped: list[Token] = []
        for one in store.memberships(connection, person):
            _refuse_without_owner(connection, one)
            stopped += tokens.revoke_made_by(connection, one.workspace, person, now=now)
        gone = Gone(sessions=sessions.end_all(connection, person), tokens=tuple(stopped))
        audit.note(connection, Kind.PERSON_DISABLED, caller, _about(person, gone), now=now)
    return gone


def enable(accounts: Accounts, caller: Caller, person: str, *, now: int) -> None:
    """Let a person in again who was shut out; raises as `disable` does."""
    access.require(caller, Permission.PEOPLE)
    known = accounts.catalog(caller.workspace).roles
    with accounts.control.write() as connection:
        alone(known, connection, caller, person)
        store.set_disabled(connection, person, None)
        audit.note(connection, Kind.PERSON_ENABLED, caller, {"person": person}, now=now)


def remove(accounts: Accounts, caller: Caller, person: str, *, now: int) -> Gone:
    """Take a person out of the caller's workspace; one who is in no other is deleted.

    Raises `UNKNOWN_PERSON`, `ROLE_TOO_WIDE` and `LAST_OWNER`.
    """
    access.require(caller, Permission.PEOPLE)
    known = accounts.catalog(caller.workspace).roles
    with accounts.control.write() as connection:
        member = _member(connection, caller, person)
        _check_known_roles(known, caller, member)
        ended = store.remove_member(connection, caller.workspace, person)
        _refuse_without_owner(connection, member)
        stopped = tokens.revoke_made_by(connection, caller.workspace, person, now=now)
        if not store.memberships(connection, person):
            store.remove_person(connection, person)
        gone = Gone(sessions=ended, tokens=tuple(stopped))
        audit.note(connection, Kind.PERSON_REMOVED, caller, _about(person, gone), now=now)
    return gone


def has_owner(accounts: Accounts, workspace: str) -> bool:
    """Say whether somebody owns a workspace who can sign in."""
    with accounts.control.read() as connection:
        return _has_owner(connection, workspace)


def alone(known: Mapping[str, Role], connection: Connection, caller: Caller, person: str) -> Member:
    """Give a member whose account the caller may decide about: of this workspace only, and with no wider roles.

    Raises `UNKNOWN_PERSON`, `ROLE_TOO_WIDE` and `PERSON_SHARED`.
    """
    found = _member(connection, caller, person)
    _check_known_roles(known, caller, found)
    if caller.kind != "machine" and len(store.memberships(connection, person)) > 1:
        message = "This account is not only of this workspace: remove the person from it instead."
        raise Forbidden("PERSON_SHARED", message)
    return found


def _member(connection: Connection, caller: Caller, person: str) -> Member:
    found = store.member(connection, caller.workspace, person)
    if found is None:
        raise _unknown()
    return found


def _unknown() -> NotFound:
    return NotFound("UNKNOWN_PERSON", "There is no such person in this workspace.")


def _check_known_roles(known: Mapping[str, Role], caller: Caller, member: Member) -> None:
    """Raise `ROLE_TOO_WIDE` for a member who may more than the caller; a role that no pack has any more is none."""
    declared = tuple(name for name in member.roles if name in known)
    if declared:
        check_roles(known, caller, declared)


def _narrowed(
    known: Mapping[str, Role], connection: Connection, old: Member, new: Member, *, now: int
) -> tuple[Token, ...]:
    """Take back what a member gave out with roles they lost, and give the tokens that stopped."""
    if set(old.roles) <= set(new.roles):
        return ()
    links.drop_made_by(connection, new.workspace, new.person)
    holder = access.caller("person", new.person, new.workspace, new.roles, known)
    mine = (token for token in tokens.listing(connection, new.workspace) if token.made_by == new.person)
    wider = [token.id for token in mine if not covers(known, holder, token.role)]
    return tuple(tokens.revoke(connection, new.workspace, wider, now=now))


def _refuse_without_owner(connection: Connection, before: Member) -> None:
    if OWNER in before.roles and not _has_owner(connection, before.workspace):
        message = "A workspace needs an owner who can sign in: make somebody else an owner first."
        raise Conflict("LAST_OWNER", message)


def _has_owner(connection: Connection, workspace: str) -> bool:
    owners = (member.person for member in store.members_of(connection, workspace) if OWNER in member.roles)
    return any(not store.is_disabled(connection, person) for person in owners)


def _about(person: str, gone: Gone) -> dict[str, object]:
    return {"person": person, "sessions": gone.sessions, "tokens": [token.id for token in gone.tokens]}
