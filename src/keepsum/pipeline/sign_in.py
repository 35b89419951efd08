"""Signing in and out: by address and password, with limits that stop guessing and shut nobody else out.

Attempts are counted before the password is looked at, so that many at once gain nothing:
  1. From a device that this person signed in on before (it has a signed cookie), only that device's attempts count.
  2. Else those at this person's account from this address, those from this address at all accounts, and those at
     this account from everywhere.  So whoever attacks from many addresses keeps out new devices only, and a link by
     mail or from an administrator makes a device known.
An account that does not exist is counted, takes as long, and is answered as one that does.
"""

import secrets
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from keepsum.engine import access
from keepsum.model.audit import Kind
from keepsum.model.day import A_DAY
from keepsum.model.errors import Forbidden, NotFound, Unavailable
from keepsum.pipeline import audit
from keepsum.pipeline.accounts import Accounts, asked_email, origin
from keepsum.store import accounts as store
from keepsum.store import attempts, sessions
from keepsum.store.accounts import Member, Person
from keepsum.store.attempts import Limit
from keepsum.store.database import Connection
from keepsum.store.vault import Cipher

LONGEST_SESSION = 30 * A_DAY  # µs
PAIR, DEVICE, ACCOUNT, ADDRESS = 5, 10, 20, 50  # attempts in a window
LONGEST_DEVICE = 128  # characters


@dataclass(frozen=True, kw_only=True, repr=False)
class Attempt:
    """What somebody shows to come in; `device` is the cookie of an earlier time, `address` where it comes from."""

    email: str
    password: str
    address: str | None = None
    device: str | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Entry:
    """Somebody is in: the cookie of the session, what pages send along, and the device's cookie for the next time."""

    person: str
    workspace: str
    cookie: str
    csrf: str
    until: int
    device: str


class TooManyAttempts(Unavailable):
    """Somebody has to wait so many seconds before the next attempt."""

    def __init__(self, wait: int) -> None:
        self.seconds = max(1, -(-wait // 1_000_000))
        super().__init__("TOO_MANY_ATTEMPTS", f"Too many attempts: try again in {self.seconds} seconds.")


def sign_in(accounts: Accounts, attempt: Attempt, *, workspace: str | None = None, now: int) -> Entry:
    """Let somebody in, to a workspace (by id) or the first they are in.

    Raises `SIGN_IN_FAILED`, `TOO_MANY_ATTEMPTS`, and `UNKNOWN_WORKSPACE` for one they are not a member of.
    """
    person = prove(accounts, attempt, now=now)
    again = person.password is not None and accounts.passwords.outdated(person.password)
    fresh = accounts.passwords.hashed(attempt.password) if again else None
    with accounts.control.write() as connection:
        cipher = accounts.vault.under(connection)
        refuse_changed(connection, cipher, person)
        if fresh is not None:
            store.set_password(connection, person.id, fresh)
        chosen = _chosen(store.memberships(connection, person.id), workspace)
        until = now + LONGEST_SESSION
        cookie = sessions.begin(connection, person=person.id, workspace=chosen, now=now, until=until)
        came = access.caller("person", person.id, chosen, (), {})
        audit.note(connection, Kind.SIGNED_IN, came, now=now, origin=origin(cipher, attempt.address))
        device = device_cookie(cipher, person.email)
    csrf = sessions.csrf_of(cookie)
    return Entry(person=person.id, workspace=chosen, cookie=cookie, csrf=csrf, until=until, device=device)


def prove(accounts: Accounts, attempt: Attempt, *, now: int) -> Person:
    """Give the person whose password this is; raises `SIGN_IN_FAILED` and `TOO_MANY_ATTEMPTS`."""
    email = asked_email(attempt.email)
    with accounts.control.write() as connection:
        cipher = accounts.vault.under(connection)
        limits = _limits(cipher, email, attempt)
        wait = attempts.count(connection, limits, now=now)
        person = store.person_of(connection, cipher, email)
    if wait:
        raise TooManyAttempts(wait)
    stored = person.password if person is not None and person.disabled_at is None else None
    if not accounts.passwords.matches(stored, attempt.password) or person is None:
        _note_failure(accounts, person, attempt, now=now)
        raise failed()
    with accounts.control.write() as connection:
        attempts.forgive(connection, limits[0])
        attempts.take_back(connection, limits[1:])
    return person


def refuse_changed(connection: Connection, cipher: Cipher, proved: Person) -> None:
    """Raise `SIGN_IN_FAILED` for a person who was shut out or removed, or whose password changed, since `prove`."""
    if store.person(connection, cipher, proved.id) != proved:
        raise failed()


def sign_out(accounts: Accounts, cookie: str, *, address: str | None = None, now: int) -> None:
    """End a session."""
    with accounts.control.write() as connection:
        session = sessions.find(connection, cookie)
        if session is None:
            return
        sessions.end(connection, cookie)
        _note_out(accounts, connection, session.person, session.workspace, address, now)


def sign_out_everywhere(
    accounts: Accounts, person: str, workspace: str, *, address: str | None = None, now: int
) -> int:
    """End all sessions of a person, who asks for it in a workspace; give how many there were."""
    with accounts.control.write() as connection:
        ended = sessions.end_all(connection, person)
        _note_out(accounts, connection, person, workspace, address, now, everywhere=True)
        return ended


def switch(accounts: Accounts, cookie: str, workspace: str) -> None:
    """Let a session go on in another workspace of the person's; raises `UNKNOWN_WORKSPACE`."""
    with accounts.control.write() as connection:
        session = sessions.find(connection, cookie)
        if session is None or store.member(connection, workspace, session.person) is None:
            raise _no_workspace(workspace)
        sessions.move(connection, cookie, workspace)


def device_cookie(cipher: Cipher, email: str) -> str:
    """Give a device what shows next time that this person signed in on it."""
    nonce = secrets.token_urlsafe(16)
    return f"{nonce}.{_signature(cipher, email, nonce)}"


def _signature(cipher: Cipher, email: str, nonce: str) -> str:
    return cipher.mark("device", f"{email} {nonce}")


def _limits(cipher: Cipher, email: str, attempt: Attempt) -> list[Limit]:
    """Give what this attempt counts as, the closest first; whose it is, is in the marks only."""
    nonce, _, signature = (attempt.device or "")[:LONGEST_DEVICE].partition(".")
    known = secrets.compare_digest(signature.encode(), _signature(cipher, email, nonce).encode())
    place = place_of(attempt.address)
    if known:
        counted = {f"device {email} {nonce}": DEVICE}
    else:
        counted = {f"pair {email} {place}": PAIR, f"account {email}": ACCOUNT, f"address {place}": ADDRESS}
    return [Limit(mark=cipher.mark("attempt", text), most=most) for text, most in counted.items()]


def place_of(address: str | None) -> str:
    """Give what counts as one address: of IPv6 the network that one customer has, else the address itself."""
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(ip_network((found, 64), strict=False))
    return str(found.ipv4_mapped if isinstance(found, IPv6Address) else found)


def _note_failure(accounts: Accounts, person: Person | None, attempt: Attempt, *, now: int) -> None:
    with accounts.control.write() as connection:
        cipher = accounts.vault.under(connection)
        of = [] if person is None else store.memberships(connection, person.id)
        about = {} if person is None else {"person": person.id}
        came = origin(cipher, attempt.address)
        workspace = of[0].workspace if of else None
        audit.note(connection, Kind.SIGN_IN_FAILED, None, about, now=now, origin=came, workspace=workspace)


def _note_out(
    accounts: Accounts,
    connection: Connection,
    person: str,
    workspace: str,
    address: str | None,
    now: int,
    *,
    everywhere: bool = False,
) -> None:
    came = origin(accounts.vault.under(connection), address)
    left = access.caller("person", person, workspace, (), {})
    audit.note(connection, Kind.SIGNED_OUT, left, {"everywhere": everywhere}, now=now, origin=came)


def _chosen(memberships: list[Member], workspace: str | None) -> str:
    mine = [member.workspace for member in memberships]
    if workspace is None and mine:
        return mine[0]
    if workspace is None:
        raise Forbidden("NO_WORKSPACE", "You are not a member of any workspace: ask an owner for an invitation.")
    if workspace not in mine:
        raise _no_workspace(workspace)
    return workspace


def _no_workspace(workspace: str) -> NotFound:
    return NotFound("UNKNOWN_WORKSPACE", f"There is no workspace {workspace!r}.")


def failed() -> Forbidden:
    """Give the error of who is not let in, which does not say why."""
    return Forbidden("SIGN_IN_FAILED", "The address or the password is not right.")
