"""A workspace as its install knows it: its name, whether it is in use, and which packs it has."""

from dataclasses import dataclass
from enum import StrEnum


class WorkspaceState(StrEnum):
    """What may be done with a workspace; one that is being made or deleted is not there for anybody."""

    MAKING = "making"
    ACTIVE = "active"
    ARCHIVED = "archived"
    DELETING = "deleting"


MOST_K = 10_000  # people that a group may have to have before guarded callers see it
THERE = (WorkspaceState.ACTIVE, WorkspaceState.ARCHIVED)


@dataclass(frozen=True, kw_only=True)
class WorkspaceEntry:
    """One workspace of an install; `packs` are those it has, None for those that the setting names.

    `id` never changes and is never given again by chance; `name` is what people call it. `sequence` counts the records
    it had accepted, and `ledger_seq` the entries of its ledger, when it was last looked at.
    """

    id: str
    name: str
    folder: str
    state: WorkspaceState
    packs: tuple[str, ...] | None
    created_at: int
    ledger_seq: int = 0
    ledger_hash: str = ""
    sequence: int = 0
