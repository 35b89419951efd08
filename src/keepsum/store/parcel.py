"""A workspace as one file: a list of what is in it, then its database and its segments, as a tar packed with zstd."""

import hashlib
import io
import json
import re
import secrets
import tarfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import zstandard

from keepsum.model.errors import Conflict, Invalid, Unavailable
from keepsum.store import disk
from keepsum.store.homes.embedded import file_digest

FORMAT = 1
LIST, DATABASE = "list.json", "truth.db"
LONGEST_LIST = 256 << 20  # bytes: a hundred years of a thousand streams stay below
CHUNK = 1 << 20

# All that a parcel may hold beside its list, so that nothing of it can lie anywhere else than it should.
_NAME = re.compile(r"truth\.db|segments/[a-z][a-z0-9_]{0,200}/[0-9]{4}-[0-9]{2}-[0-9]{2}/[0-9a-f]{16}\.parquet")


@dataclass(frozen=True, kw_only=True)
class Item:
    """One file of a parcel: its name there, where it is, and the SHA-256 it must have."""

    name: str
    path: Path
    sha256: str


def pack(path: Path, about: Mapping[str, object], items: Sequence[Item]) -> int:
    """Write a parcel and give how many bytes it has; it is there whole or not at all.

    Raises `FILE_EXISTS`, and `EXPORT_DAMAGED` for a file that is not what it should be.
    """
    if path.exists():
        raise Conflict("FILE_EXISTS", f"There is a file {str(path)!r} already; choose another name.")
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with disk.new_file(draft) as file:
            _write(file, about, items)
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
    disk.sync(path.parent)
    return path.stat().st_size


def about(path: Path) -> dict[str, Any]:
    """Give what a parcel says of itself; raises `BAD_EXPORT`."""
    with _opened(path) as tar:
        return _list(path, tar)


def unpack(path: Path, folder: Path) -> None:
    """Put the files of a parcel into a new folder, durably; raises `BAD_EXPORT` unless each is what the list says."""
    with _opened(path) as tar:
        waiting = {one["name"]: one for one in _files(path, _list(path, tar))}
        folder.mkdir(mode=0o700)
        while (member := tar.next()) is not None:
            if not member.isreg() or member.name not in waiting:
                raise _bad(path, f"it holds {member.name[:200]!r}, which its list does not name")
            _place(path, tar, member, folder / member.name, waiting.pop(member.name))
        if waiting:
            raise _bad(path, f"{min(waiting)!r} is missing")
    for inner in (folder, *(p for p in folder.rglob("*") if p.is_dir())):
        disk.sync(inner)


def _write(file: IO[bytes], about: Mapping[str, object], items: Sequence[Item]) -> None:
    listed = [{"name": one.name, "bytes": one.path.stat().st_size, "sha256": one.sha256} for one in items]
    text = json.dumps({"format": FORMAT, **about, "files": listed}, indent=1).encode()
    packer = zstandard.ZstdCompressor(level=3, write_checksum=True)
    with packer.stream_writer(file, closefd=False) as packed, tarfile.open(mode="w|", fileobj=packed) as tar:
        tar.addfile(_member(LIST, len(text)), io.BytesIO(text))
        for one, said in zip(items, listed, strict=True):
            with one.path.open("rb") as source:
                reading = _Reading(source)
                tar.addfile(_member(one.name, int(said["bytes"])), reading)  # pyright: ignore[reportArgumentType] -- reading is all it does
            if reading.sha256 != one.sha256:
                message = f"The file {one.name!r} has other bytes than were written: the export would not be whole."
                raise Unavailable("EXPORT_DAMAGED", message)


class _Reading:
    """A file that is read once, with the SHA-256 of what was read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self._hash = source, hashlib.sha256()

    @property
    def sha256(self) -> str:
        """In hex."""
        return self._hash.hexdigest()

    def read(self, size: int = -1) -> bytes:
        """Give the next bytes."""
        piece = self._source.read(size)
        self._hash.update(piece)
        return piece


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


@contextmanager
def _opened(path: Path) -> Generator[tarfile.TarFile]:
    try:
        with (
            path.open("rb") as file,
            zstandard.ZstdDecompressor().stream_reader(file) as plain,
            tarfile.open(mode="r|", fileobj=plain) as tar,
        ):
            yield tar
    except (tarfile.TarError, zstandard.ZstdError, EOFError) as error:
        raise _bad(path, "it cannot be unpacked") from error


def _list(path: Path, tar: tarfile.TarFile) -> dict[str, Any]:
    first = tar.next()
    if first is None or first.name != LIST or not first.isreg() or first.size > LONGEST_LIST:
        raise _bad(path, "it does not begin with its list")
    source = tar.extractfile(first)
    try:
        said = json.loads(source.read() if source else b"")
        if said["format"] != FORMAT:
            raise _bad(path, f"it has format {str(said['format'])[:20]!r}, and this version reads {FORMAT}")
        return {**said, "files": list(_files(path, said))}
    except (KeyError, TypeError, ValueError) as error:
        raise _bad(path, "its list cannot be read") from error


def _files(path: Path, said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    names: set[str] = set()
    for one in said["files"]:
        if not _NAME.fullmatch(one["name"]) or one["name"] in names:
            raise _bad(path, f"its list names {str(one['name'])[:200]!r}")
        names.add(one["name"])
        yield {"name": one["name"], "bytes": int(one["bytes"]), "sha256": str(one["sha256"])}
    if DATABASE not in names:
        raise _bad(path, f"its list names no {DATABASE!r}")


def _place(path: Path, tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path, said: Mapping[str, Any]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    source = tar.extractfile(member)
    if source is None or member.size != said["bytes"]:
        raise _bad(path, f"{member.name!r} has another size than its list says")
    with disk.new_file(target) as file:
        while piece := source.read(CHUNK):
            file.write(piece)
    if file_digest(target) != said["sha256"]:
        raise _bad(path, f"{member.name!r} has other bytes than its list says")


def _bad(path: Path, reason: str) -> Invalid:
    return Invalid("BAD_EXPORT", f"The file {path.name!r} is no whole export of a workspace: {reason}.")
