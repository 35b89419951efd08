"""Exporting a workspace whole: one snapshot of its file, the segments that it lists, and no key."""

import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from keepsum.model.access import Caller
from keepsum.model.audit import Kind
from keepsum.model.errors import Unavailable
from keepsum.model.workspace import WorkspaceEntry
from keepsum.pipeline import audit
from keepsum.pipeline.jobs import Means
from keepsum.store import database, ledger, manifest, parcel, records
from keepsum.store.database import Connection
from keepsum.store.homes.embedded import file_digest
from keepsum.store.manifest import Segment
from keepsum.store.parcel import DATABASE, Item
from keepsum.store.workspace import Workspace, terms


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What was written: the file's bytes, how many segments are in it, and the head of the ledger in it."""

    bytes: int
    segments: int
    head: str


def export(means: Means, entry: WorkspaceEntry, path: Path, caller: Caller) -> Exported:
    """Write all that a workspace has into one file, while others go on working on it.

    Raises `FILE_EXISTS`, and `EXPORT_DAMAGED` when a segment is missing or damaged.
    """
    now, workspace = means.clock(), means.workspace
    audit.record(means.control, Kind.WORKSPACE_EXPORTED, caller, now=now, workspace=entry.id)
    with TemporaryDirectory(dir=workspace.segments.scratch) as folder, ExitStack() as snapshot:
        draft = Path(folder)
        with workspace.file.lock.held():
            connection = snapshot.enter_context(workspace.file.read())
            listed = manifest.everything(connection)
            items = [_linked(workspace, one, draft) for one in listed]  # before anybody purges them
        about = _about(connection, workspace, entry, now=now)
        database.copy(connection, draft / DATABASE)
        snapshot.close()
        whole = Item(name=DATABASE, path=draft / DATABASE, sha256=file_digest(draft / DATABASE))
        size = parcel.pack(path, about, [whole, *items])
    return Exported(bytes=size, segments=len(items), head=about["ledger"]["head"])


def _linked(workspace: Workspace, segment: Segment, draft: Path) -> Item:
    source, kept = workspace.segments.path(segment), draft / Path(segment.file).name
    try:
        os.link(source, kept)
    except FileNotFoundError as error:
        message = f"The segment {segment.file!r} is missing: accept the damage first, with `keepsum days accept`."
        raise Unavailable("EXPORT_DAMAGED", message) from error
    return Item(name=f"segments/{segment.file}", path=kept, sha256=segment.sha256)


def _about(connection: Connection, workspace: Workspace, entry: WorkspaceEntry, *, now: int) -> dict[str, Any]:
    seq, head, _ = ledger.head(connection)
    made, holds = workspace.identity, terms(connection)
    return {
        "workspace": {
            "id": made.id,
            "name": entry.name,
            "zone": made.zone,
            "week_start": holds.week_start,
            "k": holds.k,
            "packs": None if entry.packs is None else list(entry.packs),
            "created_at": entry.created_at,
        },
        "keys": workspace.keys.digests,
        "epoch": workspace.keys.number,
        "ledger": {"entries": seq, "head": head},
        "sequences": {name: records.sequence(connection, name) for name in workspace.catalog.streams},
        "exported_at": now,
    }
