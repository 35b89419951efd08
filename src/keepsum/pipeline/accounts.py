"""What everything about people and tokens works with, and the rules that all of it keeps."""

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from keepsum.engine import access
from keepsum.model.access import Caller, Grant
from keepsum.model.audit import Origin, network_of
from keepsum.model.errors import Forbidden, Invalid, NotFound
from keepsum.pipeline.callers import RolesOf
from keepsum.pipeline.passwords import Passwords
from keepsum.store.database import Database
from keepsum.store.vault import Cipher, Vault

LONGEST_NAME = 200


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """The control file with its vault, what hashes passwords, and what gives the roles of a workspace."""

    control: Database
    vault: Vault
    passwords: Passwords
    roles: RolesOf


def check_roles(accounts: Accounts, caller: Caller, roles: tuple[str, ...]) -> None:
    """Raise `UNKNOWN_ROLE`, and `ROLE_TOO_WIDE` for one that may or shows more than the caller's own."""
    if not roles:
        raise Invalid("NO_ROLES", "Name at least one role.")
    known = accounts.roles(caller.workspace)
    for name in roles:
        if name not in known:
            raise NotFound("UNKNOWN_ROLE", f"There is no role {name!r}; known: {', '.join(sorted(known))}.")
        wanted = access.hold(known[name], known)
        if not (wanted.permissions <= caller.permissions and all(_has(caller, grant) for grant in wanted.grants)):
            message = f"The role {name!r} may or shows more than your own, so you cannot give it or take it away."
            raise Forbidden("ROLE_TOO_WIDE", message)


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
