"""What is stored encrypted: AES-256-GCM under a key outside the data directory, and how that key is changed.

One row of the control file names the key that everything in the file is encrypted with.  Whoever encrypts asks for it
in the same transaction, so a process that runs while the key is changed never goes on with the old one.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets as chance
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Column, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from keepsum.model.errors import Conflict, Invalid, NotFound, Unavailable
from keepsum.store.database import Connection, Database, fetch
from keepsum.store.keys import LENGTH, make_key, read_key, refuse_inside
from keepsum.store.tables import attempts, encryption, exports, links, people, public_links, secrets

DRAFT = re.compile(r"\.[0-9a-f]{16}")  # what a process that was killed while it made a key leaves
NONCE = 12  # bytes, random for each value
FORM = "1"  # the first part of an encrypted text
KEY_FILE = re.compile(r"install-([0-9]{1,9})\.key")
# Every encrypted column; its table's primary key is bound in, so that values cannot change places.
ENCRYPTED: tuple[Column[str], ...] = (
    people.c.email_encrypted,
    people.c.name_encrypted,
    links.c.email_encrypted,
    secrets.c.value_encrypted,
    exports.c.asked_encrypted,
    public_links.c.text_encrypted,
)


@dataclass(frozen=True, kw_only=True, repr=False)
class Cipher:
    """Encrypts with one key and decrypts with any that is there; good for the transaction it was given in."""

    key: str
    keys: Mapping[str, bytes]

    def encrypt(self, text: str, column: "Column[str]", *row: str) -> str:
        """Give a text as it is stored in a column of the row with this primary key."""
        nonce = chance.token_bytes(NONCE)
        sealed = AESGCM(self.keys[self.key]).encrypt(nonce, text.encode(), _place(column, row))
        return ".".join((FORM, self.key, base64.urlsafe_b64encode(nonce + sealed).decode()))

    def decrypt(self, stored: str, column: "Column[str]", *row: str) -> str:
        """Give a text that was encrypted for this place; raises `KEY_FILE_MISSING` and `ENCRYPTED_DAMAGED`."""
        form, _, rest = stored.partition(".")
        key, _, body = rest.partition(".")
        if form == FORM and key not in self.keys:
            raise _missing(key)
        try:
            if form != FORM:
                raise ValueError(form)
            content = base64.urlsafe_b64decode(body.encode())
            return AESGCM(self.keys[key]).decrypt(content[:NONCE], content[NONCE:], _place(column, row)).decode()
        except (InvalidTag, KeyError, ValueError) as error:
            message = f"A value of {column} cannot be decrypted: it was changed, or moved from another row."
            raise Unavailable("ENCRYPTED_DAMAGED", message) from error

    def mark(self, purpose: str, text: str) -> str:
        """Give 32 hex digits that stand for a text and cannot be guessed without the key; other with every key."""
        return hmac.new(self._marking, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()[:32]

    @cached_property
    def _marking(self) -> bytes:
        """A key of its own, so that no mark tells anything of what is encrypted."""
        return HKDF(SHA256(), LENGTH, salt=None, info=b"keepsum mark").derive(self.keys[self.key])


class Vault:
    """The keys of an install: those given by the environment, else files in the key folder."""

    def __init__(self, folder: Path, given: Sequence[bytes] = ()) -> None:
        self.folder, self.given = folder, tuple(given)
        self._keys: Mapping[str, bytes] = {}
        self._ciphers: dict[str, Cipher] = {}
        self.load()

    def load(self) -> None:
        """Read the key files again; what was known stays known."""
        self._keys = {**self._keys, **{name_of(key): key for key in (*self.given, *_in_files(self.folder))}}

    def under(self, connection: Connection) -> Cipher:
        """Give what encrypts inside a transaction; raises `KEY_FILE_MISSING`."""
        ((name,),) = fetch(connection, "SELECT key FROM encryption")
        if name not in self._ciphers:
            self.load()
            self._ciphers[name] = self.cipher(name)
        return self._ciphers[name]

    def cipher(self, name: str) -> Cipher:
        """Give what encrypts with one key."""
        if name not in self._keys:
            raise _missing(name)
        return Cipher(key=name, keys=self._keys)


def open_vault(control: Database, folder: Path, data: Path, given: str = "") -> Vault:
    """Give the vault of an install, whose first key is made with its control file.

    `given` are keys as base64 with commas between, the newest first; without them keys are files in the folder.
    Raises `BAD_SECRET_KEY`, `KEYS_IN_DATA` and `KEY_FILE_MISSING`.
    """
    refuse_inside(folder, data)
    vault = Vault(folder, _given(given))
    with control.read() as connection:
        if fetch(connection, "SELECT key FROM encryption"):
            vault.under(connection)
            return vault
    with control.write() as connection:
        if not fetch(connection, "SELECT key FROM encryption"):
            connection.execute(insert(encryption).values(key=name_of(vault.given[0] if vault.given else _first(vault))))
        vault.under(connection)
    return vault


def _first(vault: Vault) -> bytes:
    vault.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = vault.folder / "install-1.key"
    make_key(path)
    return read_key(path)


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """What a change of keys came to: the new key's name, how many values it holds, which key files went."""

    key: str
    values: int
    removed: tuple[str, ...]


def rotate(control: Database, vault: Vault, note: Callable[[Connection, str], None]) -> Rotation:
    """Encrypt everything anew under a new key and remove the old ones; raises `NO_NEW_KEY`.

    `note` writes down in the same transaction that it was done, and the new key's name.

    1. The new key is made and durable: a file, or the first of those given.
    2. One transaction encrypts everything anew and names the new key.
    3. The old files go.  Killed before that, an old file stays until this is done again.

    TRICKY: the lock is held until the end, or whoever changes the key right after this would lose the newest one.
    """
    with control.lock.held():
        with control.write() as connection:
            old = vault.under(connection)
            key = _newest(vault, old)
            vault.load()
            new = vault.cipher(name_of(key))
            count = sum(_encrypt_anew(connection, column, old, new) for column in ENCRYPTED)
            _mark_anew(connection, new)
            connection.execute(delete(attempts))
            connection.execute(update(encryption).values(key=new.key))
            note(connection, new.key)
        control.truncate()
        return Rotation(key=new.key, values=count, removed=_remove_others(vault.folder, new))


def _remove_others(folder: Path, new: Cipher) -> tuple[str, ...]:
    """Delete the files of all other keys, and what making one may have left; give which keys' files went."""
    gone = [path for path in key_files(folder).values() if name_of(read_key(path)) != new.key]
    drafts = [path for path in folder.glob(".*") if DRAFT.fullmatch(path.name)]
    for path in (*gone, *drafts):
        path.unlink(missing_ok=True)
    return tuple(path.name for path in gone)


def _newest(vault: Vault, old: Cipher) -> bytes:
    if vault.given:
        if name_of(vault.given[0]) == old.key:
            message = "Everything is encrypted with the first key of KEEPSUM_SECRET_KEY: put a new one before it."
            raise Conflict("NO_NEW_KEY", message)
        return vault.given[0]
    vault.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = vault.folder / f"install-{max(key_files(vault.folder), default=0) + 1}.key"
    make_key(path)
    return read_key(path)


def _encrypt_anew(connection: Connection, column: "Column[str]", old: Cipher, new: Cipher) -> int:
    key = list(column.table.primary_key.columns)
    rows = connection.execute(select(*key, column).where(column.is_not(None))).all()
    for *row, stored in rows:
        text = new.encrypt(old.decrypt(stored, column, *row), column, *row)
        where = (one == value for one, value in zip(key, row, strict=True))
        connection.execute(update(column.table).where(*where).values({column.name: text}))
    return len(rows)


def _mark_anew(connection: Connection, new: Cipher) -> None:
    for person, stored in connection.execute(select(people.c.id, people.c.email_encrypted)).all():
        mark = new.mark("email", new.decrypt(stored, people.c.email_encrypted, person))
        connection.execute(update(people).where(people.c.id == person).values(email_mark=mark))


def keep_secret(control: Database, vault: Vault, workspace: str, name: str, value: str, *, now: int) -> None:
    """Store a password or key of another service, encrypted; the empty workspace is the install itself."""
    with control.write() as connection:
        text = vault.under(connection).encrypt(value, secrets.c.value_encrypted, workspace, name)
        changed = {"value_encrypted": text, "changed_at": now}
        query = upsert(secrets).values(workspace=workspace, name=name, **changed)
        connection.execute(query.on_conflict_do_update(index_elements=["workspace", "name"], set_=changed))


def secret(control: Database, vault: Vault, workspace: str, name: str) -> str | None:
    """Give a stored secret; None if there is none of this name."""
    mine = (secrets.c.workspace == workspace, secrets.c.name == name)
    with control.read() as connection:
        stored = connection.execute(select(secrets.c.value_encrypted).where(*mine)).scalar()
        if stored is None:
            return None
        return vault.under(connection).decrypt(stored, secrets.c.value_encrypted, workspace, name)


def secret_names(control: Database, workspace: str) -> dict[str, int]:
    """Give the names of a workspace's secrets, each with when it was stored, in microseconds."""
    query = select(secrets.c.name, secrets.c.changed_at).where(secrets.c.workspace == workspace)
    with control.read() as connection:
        return {row.name: row.changed_at for row in connection.execute(query.order_by(secrets.c.name))}


def drop_secret(control: Database, workspace: str, name: str) -> None:
    """Delete a stored secret; raises `UNKNOWN_SECRET`."""
    mine = (secrets.c.workspace == workspace, secrets.c.name == name)
    with control.write() as connection:
        if not connection.execute(delete(secrets).where(*mine)).rowcount:
            raise NotFound("UNKNOWN_SECRET", f"There is no secret {name!r}; `keepsum secrets` lists them.")


def key_files(folder: Path) -> dict[int, Path]:
    """Give the files of the install's keys by number."""
    found = {path: KEY_FILE.fullmatch(path.name) for path in folder.glob("install-*.key")}
    return {int(match[1]): path for path, match in sorted(found.items()) if match}


def _in_files(folder: Path) -> Iterator[bytes]:
    for path in key_files(folder).values():
        try:
            yield read_key(path)
        except Unavailable as error:
            if error.code != "KEY_FILE_MISSING":  # another process is changing keys, and took it away just now
                raise


def name_of(key: bytes) -> str:
    """Give what a key is called, which does not give it away."""
    return hashlib.sha256(b"keepsum key name" + key).hexdigest()[:16]


def _given(text: str) -> tuple[bytes, ...]:
    try:
        keys = tuple(base64.b64decode(part.strip(), validate=True) for part in text.split(",") if part.strip())
    except (binascii.Error, ValueError) as error:
        raise Invalid("BAD_SECRET_KEY", "KEEPSUM_SECRET_KEY is not base64.") from error
    if any(len(key) != LENGTH for key in keys):
        message = f"A key of KEEPSUM_SECRET_KEY has not {LENGTH} bytes: make one with `openssl rand -base64 {LENGTH}`."
        raise Invalid("BAD_SECRET_KEY", message)
    return keys


def _place(column: "Column[str]", row: Sequence[str]) -> bytes:
    return "\0".join((str(column), *row)).encode()


def _missing(name: str) -> Unavailable:
    message = (
        f"The key {name!r}, which people and secrets are encrypted with, is missing: put the file back into the key "
        "folder (--key-dir), or the key into KEEPSUM_SECRET_KEY."
    )
    return Unavailable("KEY_FILE_MISSING", message)
