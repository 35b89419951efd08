"""The key that people and secrets are encrypted with: which there are, and changing it."""

from dataclasses import dataclass

from keepsum.model.access import Caller
from keepsum.model.audit import Kind
from keepsum.pipeline import audit
from keepsum.pipeline.accounts import Accounts
from keepsum.store import vault
from keepsum.store.keys import read_key
from keepsum.store.vault import Rotation


@dataclass(frozen=True, kw_only=True)
class Key:
    """A key that is there: what it is called, its file (none: given by the environment), whether it encrypts."""

    name: str
    file: str | None
    in_use: bool


def listing(accounts: Accounts) -> list[Key]:
    """Give the keys there are, those of the environment first."""
    with accounts.control.read() as connection:
        used = accounts.vault.under(connection).key
    given = [(vault.name_of(key), None) for key in accounts.vault.given]
    files = vault.key_files(accounts.vault.folder).values()
    found = [*given, *((vault.name_of(read_key(path)), path.name) for path in files)]
    return [Key(name=name, file=file, in_use=name == used) for name, file in found]


def rotate(accounts: Accounts, caller: Caller, *, now: int) -> Rotation:
    """Encrypt everything anew under a new key, and remove the old ones; raises `NO_NEW_KEY`."""
    return vault.rotate(
        accounts.control,
        accounts.vault,
        lambda connection, key: audit.note(connection, Kind.KEYS_ROTATED, caller, {"key": key}, now=now),
    )
