"""Restoring an exported workspace: as it was, where its keys are, else under new ones and in a new epoch."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keepsum.model.access import Caller
from keepsum.model.audit import Kind
from keepsum.model.errors import Invalid, NotFound, ProofFailed
from keepsum.model.workspace import WorkspaceEntry, WorkspaceState
from keepsum.pipeline import move, rekey
from keepsum.pipeline.jobs import Means
from keepsum.pipeline.verify import verify_ledger
from keepsum.pipeline.workspaces import Ground, check_name, folder_of, making
from keepsum.store import ids, manifest, parcel, workspaces
from keepsum.store.homes.embedded import Damaged
from keepsum.store.keys import open_keys
from keepsum.store.workspace import Identity, Terms


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What was restored; `epoch` is new where the keys were gone, and `days` were then collected anew under it."""

    entry: WorkspaceEntry
    epoch: int
    new_keys: bool
    days: int
    head: str


def restore(
    ground: Ground, path: Path, caller: Caller, *, name: str | None = None, head: str | None = None
) -> Restored:
    """Put an exported workspace into an install that does not have it, checked byte by byte and against its ledger.

    `head` is one that was kept elsewhere. Raises `NO_SUCH_FILE`, `BAD_EXPORT`, `WORKSPACE_EXISTS`, `OTHER_KEYS` and,
    when its ledger does not hold, `RESTORE_UNPROVEN`; then nothing of it is left.
    """
    if not path.is_file():
        raise NotFound("NO_SUCH_FILE", f"There is no file {str(path)!r}.")
    told = parcel.about(path)
    entry, identity, terms = _wanted(told, name, now=ground.clock())
    has_keys = (ground.key_folder / entry.id).is_dir()
    with making(ground, entry, {"keys": "kept" if has_keys else "made"}, Kind.WORKSPACE_RESTORED, caller):
        parcel.unpack(path, folder_of(ground, entry))
        if not has_keys:
            keys = open_keys(ground.key_folder / entry.id, ground.data, create=True, epoch=int(told["epoch"]) + 1)
            rekey.begin(folder_of(ground, entry), keys, now=ground.clock())
        system = ground.make(entry, identity, terms)
        try:
            found = _prove(system, head, deep=has_keys)
            count = 0 if has_keys else rekey.collect_anew(system.workspace, now=ground.clock())
        finally:
            system.close()
    there = workspaces.get(ground.control, entry.id)
    return Restored(entry=there, epoch=system.workspace.keys.number, new_keys=not has_keys, days=count, head=found)


def _wanted(told: dict[str, Any], name: str | None, *, now: int) -> tuple[WorkspaceEntry, Identity, Terms]:
    """Give what an export says it is, in a form that can be trusted."""
    said = told["workspace"]
    try:
        entry = WorkspaceEntry(
            id=str(said["id"]),
            name=name or str(said["name"]),
            folder=ids.made(now),
            state=WorkspaceState.MAKING,
            packs=None if said["packs"] is None else tuple(str(pack) for pack in said["packs"]),
            created_at=int(said["created_at"]),
        )
        made = Identity(id=entry.id, zone=str(said["zone"]))
        terms = Terms(week_start=int(said["week_start"]), k=int(said["k"]))
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid("BAD_EXPORT", "The export does not say which workspace it is of.") from error
    if not (entry.id.isascii() and entry.id.isalnum()):
        raise Invalid("BAD_EXPORT", "The export is of a workspace whose id is none.")
    check_name(entry.name)
    return entry, made, terms


def _prove(system: Means, head: str | None, *, deep: bool) -> str:
    """Check the ledger against all that was restored; records against control only where the keys are."""
    verdict = verify_ledger(system.workspace, head=head, deep=deep, elsewhere=False)
    if not verdict.ok:
        raise ProofFailed("RESTORE_UNPROVEN", str(verdict))
    with system.workspace.file.read() as connection:
        listed = manifest.everything(connection)
    try:
        move.check_all(system.workspace, listed)
    except Damaged as error:
        raise ProofFailed("RESTORE_UNPROVEN", f"{error}.") from error
    return verdict.head
