"""What everything about people and tokens works with, and the rules that all of it keeps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from keepsum.engine import access
from keepsum.model.access import Caller, Grant, Role
from keepsum.model.audit import Origin, network_of
from keepsum.model.catalog import Catalog
from keepsum.model.errors import Forbidden, Invalid, NotFound
from keepsum.pipeline.passwords import Passwords
from keepsum.store.database import Database
from keepsum.store.vault import Cipher, Vault

LONGEST_NAME, LONGEST_EMAIL = 200, 320  # characters


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """The control file with its vault, what hashes passwords, and what gives the catalog of a workspace."""

    control: Database
    vault: Vault
    passwords: Passwords
    catalog: Callable[[str], Catalog]


def check_roles(known: Mapping[str, Role], caller: Caller, roles: tuple[str, ...]) -> None:
    """Raise `UNKNOWN_ROLE`, and `ROLE_TOO_WIDE` for one that may or shows more than the caller's own.

    `known` are the roles of the caller's workspace.
    TRICKY: the workspace may be opened for its roles, which writes to the control file, so they are asked for before a
    transaction.
    """
    if not roles:
        raise Invalid("NO_ROLES", "Name at least one role.")
    for name in roles:
        if name not in known:
            raise NotFound("UNKNOWN_ROLE", f"There is no role {name!r}; known: {', '.join(sorted(known))}.")
        if not covers(known, caller, name):
            message = f"The role {name!r} may or shows more than your own, so you cannot give it or take it away."
            raise Forbidden("ROLE_TOO_WIDE", message)


def covers(known: Mapping[str, Role], caller: Caller, role: str) -> bool:
    """Say whether a role may and shows nothing that the caller's own do not; one that nobody knows does."""
    wanted = access.hold(known[role], known) if role in known else None
    return wanted is None or (
        wanted.permissions <= caller.permissions and all(_has(caller, grant) for grant in wanted.grants)
    )


def _has(caller: Caller, wanted: Grant) -> bool:
    """Say whether a caller has a grant, or sees everything at its level."""
    mine = [grant for role in caller.held for grant in role.grants]
    everything = (grant for grant in mine if grant.on == "*" and grant.reach.kind == "full")
    return (
        wanted.reach.kind == "none"
        or wanted in mine
        or any(grant.level.rank >= wanted.level.rank for grant in everything)
    )


def clean_email(text: str) -> str:
    """Give an address in its one form; raises `BAD_EMAIL`, never with its value."""
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise Invalid("BAD_EMAIL", "That is no e-mail address.") from error


def asked_email(text: str) -> str:
    """Give an address as somebody may have stored it; also for what is none, so that nobody learns of a difference."""
    try:
        return clean_email(text[:LONGEST_EMAIL])
    except Invalid:
        return text[:LONGEST_EMAIL].strip().lower()


def clean_name(text: str) -> str:
    """Give a name in one line; raises `BAD_NAME`."""
    name = " ".join(text.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise Invalid("BAD_NAME", f"A name has 1 to {LONGEST_NAME} printable characters.")
    return name


def origin(cipher: Cipher, address: str | None) -> Origin | None:
    """Give what the audit log keeps of the address a request came from."""
    if address is None:
        return None
    return Origin(mark=cipher.mark("address", address), network=network_of(address))
