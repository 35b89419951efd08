"""An event of the audit log: who did what to people, rights and records; and how events are chained."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network

LEAST_KEPT = 30  # days; a shorter retention would be a way to empty the log

_SHOWN = {4: 24, 6: 48}  # bits of an address that its network keeps


class Kind(StrEnum):
    """What happened."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    TOKEN_USED_FROM_NEW_ADDRESS = "token_used_from_new_address"
    TOKEN_MADE = "token_made"
    TOKEN_REVOKED = "token_revoked"
    PERSON_INVITED = "person_invited"
    PERSON_JOINED = "person_joined"
    PERSON_DISABLED = "person_disabled"
    PERSON_ENABLED = "person_enabled"
    PERSON_REMOVED = "person_removed"
    ROLES_CHANGED = "roles_changed"
    PASSWORD_RESET_ASKED = "password_reset_asked"
    PASSWORD_CHANGED = "password_changed"
    OWNER_LINK_MADE = "owner_link_made"
    WORKSPACE_CREATED = "workspace_created"
    WORKSPACE_RENAMED = "workspace_renamed"
    WORKSPACE_ARCHIVED = "workspace_archived"
    WORKSPACE_EXPORTED = "workspace_exported"
    WORKSPACE_RESTORED = "workspace_restored"
    WORKSPACE_DELETED = "workspace_deleted"
    SETTINGS_CHANGED = "settings_changed"
    KEYS_ROTATED = "keys_rotated"
    PURGED_BY_PERSON = "purged_by_person"
    PURGE_ENABLED = "purge_enabled"
    PURGE_DISABLED = "purge_disabled"
    DAY_ACCEPTED = "day_accepted"
    PERSONAL_READ = "personal_read"
    EXPORT_ASKED = "export_asked"
    EXPORTED = "exported"  # a file was made, or could not be
    EXPORT_FETCHED = "export_fetched"
    EXPORT_DELETED = "export_deleted"
    ANSWER_EXPORTED = "answer_exported"  # as a file, at once
    DASHBOARD_SHARED = "dashboard_shared"
    DASHBOARD_PUBLISHED = "dashboard_published"
    DASHBOARD_UNPUBLISHED = "dashboard_unpublished"
    DASHBOARD_DELETED = "dashboard_deleted"
    METRIC_CHANGED = "metric_changed"  # or made, by somebody
    METRIC_DELETED = "metric_deleted"
    EXPIRED = "expired"  # older events left the log; what follows chains to the last of them


@dataclass(frozen=True, kw_only=True)
class CallerId:
    """Whoever did something, or whose it is: the kind of caller, and an opaque id."""

    kind: str
    id: str


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a request came from: `mark` only tells an address from others, `network` is the address cut short."""

    mark: str
    network: str


@dataclass(frozen=True, kw_only=True)
class Event:
    """One link: `hash` is SHA-256 over the previous hash and everything else in canonical JSON; `at` is in µs.

    `caller` is an opaque id; `workspace` is None for what concerns the install. What is hashed is (seq, at, kind,
    workspace, caller kind, caller, mark, network, body, previous).
    """

    seq: int
    at: int
    kind: Kind
    workspace: str | None
    caller_kind: str | None
    caller: str | None
    origin: Origin | None
    body: Mapping[str, object]
    previous: str
    hash: str


def network_of(address: str) -> str:
    """Give an address cut short: 24 bits of IPv4, 48 of IPv6; empty for what is no address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return str(ip_network((found, _SHOWN[found.version]), strict=False))
