"""An entry of the ledger, and how entries are chained."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

GENESIS = "0" * 64


class Kind(StrEnum):
    """What an entry is about."""

    OPENED = "opened"
    SETTINGS_CHANGED = "settings_changed"
    ATTACHED = "attached"
    SEALED = "sealed"
    HELD = "held"
    ACCEPTED = "accepted"
    PURGING = "purging"
    PURGED = "purged"
    PARTLY_PURGED = "partly_purged"
    PURGE_ENABLED = "purge_enabled"
    PURGE_DISABLED = "purge_disabled"
    CORRECTED = "corrected"
    CLOSED = "closed"
    REAPPEARED = "reappeared"
    EXPIRED = "expired"
    RESTORED = "restored"
    REKEYED = "rekeyed"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One link: `hash` is SHA-256 over the previous hash and everything else in canonical JSON."""

    seq: int
    at: int
    kind: Kind
    stream: str | None
    day: int | None
    body: Mapping[str, object]
    previous: str
    hash: str


def canonical(value: object) -> str:
    """Give the one JSON text of a plain value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def link(*parts: str | int | None) -> str:
    """Give the hash of an entry: of (seq, at, kind, stream, day, body, previous), the body being canonical JSON.

    That of an event of the audit log is made so, too, of its own parts.
    """
    return hashlib.sha256(canonical(parts).encode()).hexdigest()
