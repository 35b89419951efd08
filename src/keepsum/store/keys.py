"""The workspace's keys: random, one file each, never in the data directory."""

import hashlib
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from keepsum.model.errors import Invalid, Unavailable
from keepsum.store import disk

NAMES = ("control", "fingerprint", "epoch-1")
LENGTH = 32


@dataclass(frozen=True, kw_only=True, repr=False)
class Keys:
    """What row hashes, fingerprints of purged keys and uniques are keyed with, 32 bytes each, and which epoch it is."""

    control: bytes
    fingerprint: bytes
    epoch: bytes
    number: int = 1

    @property
    def digests(self) -> str:
        """Which keys these are, without giving them away."""
        parts = (self.control, self.fingerprint, self.epoch)
        return ",".join(hashlib.sha256(b"keepsum key name" + key).hexdigest()[:16] for key in parts)

    def mark(self, text: str) -> int:
        """Give the keyed signed 64-bit fingerprint of a text."""
        digest = hashlib.blake2b(text.encode(), digest_size=8, key=self.fingerprint).digest()
        return int.from_bytes(digest, "little", signed=True)


def open_keys(folder: Path, data: Path, *, create: bool, epoch: int = 1) -> Keys:
    """Give the keys kept in a folder outside the data directory, making those of an epoch for a new workspace."""
    refuse_inside(folder, data)
    if create:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in ("control", "fingerprint", f"epoch-{epoch}"):
            make_key(folder / f"{name}.key")
    numbers = (path.stem.partition("-")[2] for path in folder.glob("epoch-*.key"))
    number = max((int(text) for text in numbers if text.isdecimal()), default=epoch)
    found = (read_key(folder / f"{name}.key") for name in ("control", "fingerprint", f"epoch-{number}"))
    return Keys(**dict(zip(("control", "fingerprint", "epoch"), found, strict=True)), number=number)


def destroy(folder: Path) -> None:
    """Overwrite and delete every key of a folder, and the folder; what is gone already is fine."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    folder.rmdir()
    disk.sync(folder.parent)


def refuse_inside(folder: Path, data: Path) -> None:
    """Raise `KEYS_IN_DATA` when a key folder would be copied along with every backup of the data."""
    if folder.resolve().is_relative_to(data.resolve()):
        message = f"The key folder {str(folder)!r} lies inside the data directory; choose one outside with --key-dir."
        raise Invalid("KEYS_IN_DATA", message)


def make_key(path: Path) -> None:
    """Make a key unless there is one; a process killed on the way, or one that makes it too, leaves no half key."""
    draft = path.with_name(f".{secrets.token_hex(8)}")
    try:
        with disk.new_file(draft) as file:
            file.write(secrets.token_bytes(LENGTH))
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)
    disk.sync(path.parent)


def read_key(path: Path) -> bytes:
    """Give a key; raises `KEY_FILE_MISSING` and `KEY_FILE_DAMAGED`."""
    try:
        key = path.read_bytes()
    except FileNotFoundError as error:
        message = (
            f"The key file {str(path)!r} is missing: without it nothing can be proven. Put it back, or set --key-dir."
        )
        raise Unavailable("KEY_FILE_MISSING", message) from error
    if len(key) != LENGTH:
        raise Unavailable("KEY_FILE_DAMAGED", f"The key file {str(path)!r} has {len(key)} bytes instead of {LENGTH}.")
    return key
