"""What an install can be told: by the environment (`KEEPSUM_...`), a `.env` file, or a flag."""

import datetime as dt
import os
import re
from collections import Counter
from collections.abc import Iterable
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from pydantic import (
    AliasChoices,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    create_model,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from keepsum.model.audit import LEAST_KEPT
from keepsum.model.catalog import Pack
from keepsum.model.dashboard import MOST_WIDGETS, REFRESH, SOONEST
from keepsum.model.day import WEEKDAYS, Weekday
from keepsum.model.errors import Invalid
from keepsum.model.identity import IdentityRule
from keepsum.model.setting import Secret, Setting, Told
from keepsum.model.workspace import MOST_K

SHORTEST_SECRET = 32  # bytes that a JWT is signed with, as RFC 7518 wants

_ORIGIN = re.compile(r"https?://[^\s/?#@]+/?")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


class _Rule(msgspec.Struct, forbid_unknown_fields=True):
    """An identity rule as it is written."""

    claim: str
    value: str
    workspace: str
    role: str


def _key_dir() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME", "~/.config")).expanduser() / "keepsum" / "keys"


class Settings(BaseSettings):
    """All settings, with their defaults; each is also a flag of the commands that need it."""

    model_config = SettingsConfigDict(env_prefix="KEEPSUM_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(Path("keepsum-data"), description="Where the control file, workspaces and segments live.")
    key_dir: Path = Field(
        default_factory=_key_dir, description="Where keys live; never inside the data directory, never in its backups."
    )
    secret_key: SecretStr | None = Field(
        None,
        description="What people and secrets are encrypted with, 32 bytes as base64, the newest of several first; "
        "by default a file in the key directory.",
    )
    workspace: str = Field("default", description="The workspace that a command works on, by name.")
    packs: Path = Field(Path("packs"), description="The folder with your own packs, one folder or file each.")
    enabled: Annotated[tuple[str, ...] | None, NoDecode] = Field(
        None,
        description="Which packs are on, by name, comma-separated; by default all of your own and none that ships.",
    )
    host: str = Field(
        "127.0.0.1", description="The address to serve on; one that others reach needs --tls-cert or --trusted-proxies."
    )
    port: int = Field(8001, ge=0, le=65_535, description="The port to serve on; 0 picks a free one.")
    hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Names that requests may ask for beside localhost and that of --public-url, comma-separated.",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Addresses or networks of proxies whose forwarded headers are believed, comma-separated.",
    )
    origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Origins whose pages may ask with a token, such as https://app.example.org, comma-separated.",
    )
    tls_cert: Path | None = Field(
        None, description="A file with the certificate and those that vouch for it, to serve HTTPS with."
    )
    tls_key: Path | None = Field(None, description="A file with the key of the certificate.")
    request_limit: int = Field(
        6_000,
        ge=0,
        description="How many requests a minute one caller may make, batches of records apart; 0 is no limit.",
    )
    batch_limit: int = Field(
        600_000, ge=0, description="How many batches of records a minute one caller may send; 0 is no limit."
    )
    address_limit: int = Field(
        600,
        ge=0,
        description="How many requests a minute one address may make without a credential that is good; 0 is no limit.",
    )
    identity_issuer: str | None = Field(
        None, description="Who signs the JWTs that are accepted, as their claim iss says; none are accepted without."
    )
    identity_audience: str | None = Field(None, description="Whom they have to be for, as their claim aud says.")
    identity_audience_claim: str = Field("aud", description="Another claim that says whom they are for.")
    identity_secret: SecretStr | None = Field(
        None,
        description="The secret that they are signed with (HS256), 32 bytes or more; instead of --identity-keys-url.",
    )
    identity_keys_url: str | None = Field(None, description="Where their issuer publishes its keys (JWKS).")
    identity_leeway: int = Field(30, ge=0, le=300, description="How many seconds the clocks of both may differ.")
    identity_actor: str = Field("sub", description="The claim with the id that somebody has in records.")
    identity_rules: Annotated[tuple[IdentityRule, ...], NoDecode] = Field(
        (), description="Which claims give which role in which workspace, as JSON."
    )
    zone: str = Field("UTC", description="The IANA zone that days are cut in; fixed once a workspace is made.")
    week_start: Weekday = Field("monday", description="The day a week starts on in a workspace that is made.")
    k: int = Field(
        10,
        ge=1,
        le=MOST_K,
        description="How many people a group needs before guarded callers see it, in a workspace that is made.",
    )
    clock: dt.datetime | None = Field(
        None, description="Freezes business time at an instant with zone; for demos and tests."
    )
    worker: bool = Field(default=True, description="Whether the server contains a worker.")
    writer: bool = Field(default=True, description="Whether the server writes records in a process of its own.")
    nightly: str = Field(
        "15 2 * * *",
        description="When days are rolled, proven and purged, as cron in the zone; unless set, a pack may say when.",
    )
    body_limit: int = Field(32 << 20, ge=1_024, description="The largest request body in bytes, after inflating.")
    processes: int = Field(2, ge=1, le=64, description="How many processes roll up a backlog.")
    audit_keep: int = Field(
        365, ge=LEAST_KEPT, le=36_500, description="How many days the audit log keeps what was done."
    )
    export_rows: int = Field(
        100_000, ge=1, le=1_000_000_000, description="How many rows one export of a dataset may have."
    )
    export_days: int = Field(365, ge=1, le=36_600, description="How many days one export of a dataset may be about.")
    dashboard_widgets: int = Field(MOST_WIDGETS, ge=1, le=100, description="How many widgets one dashboard may have.")
    dashboard_refresh: int = Field(
        REFRESH, ge=SOONEST, le=86_400, description="After how many seconds a new dashboard is looked at again."
    )
    open_metrics: bool = Field(
        default=False, description="Whether anybody who reaches the server may read /metrics, of all workspaces."
    )
    public_url: str | None = Field(
        None, description="The address people reach the server at; links in mails begin with it."
    )
    smtp_host: str | None = Field(
        None, description="The mail server for invitations and new passwords; without one, whoever asks gets the link."
    )
    smtp_port: int = Field(587, ge=1, le=65_535, description="The mail server's port.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the way to the mail server is encrypted; none only on this machine."
    )
    smtp_user: str | None = Field(None, description="The name to sign in at the mail server with.")
    smtp_password: SecretStr | None = Field(
        None, description="The password for it; by default the stored secret of this name."
    )
    smtp_from: str | None = Field(None, description="The address that mail comes from.")
    smtp_ca: Path | None = Field(None, description="A file of certificates to trust the mail server by, and no others.")
    memory: str = Field("1GB", pattern=r"^\d+(MB|GB)$", description="How much memory one process may compute with.")

    @field_validator("enabled", "hosts", "trusted_proxies", "origins", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value

    @field_validator("hosts")
    @classmethod
    def _bare(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not _HOST.fullmatch(name) for name in value):
            raise ValueError("give names without scheme and port, such as keepsum.example.org")
        return tuple(name.lower() for name in value)

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(str(ip_network(text)) for text in value)
        except ValueError:
            raise ValueError("give addresses or networks, such as 10.0.0.0/8") from None

    @field_validator("identity_rules", mode="before")
    @classmethod
    def _rules(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            listed = msgspec.json.decode(value, type=tuple[_Rule, ...])
        except msgspec.MsgspecError as error:
            raise ValueError(f"give a list of objects with claim, value, workspace and role ({error})") from None
        return tuple(IdentityRule(**msgspec.structs.asdict(rule)) for rule in listed)

    @field_validator("public_url")
    @classmethod
    def _without_path(cls, value: str | None) -> str | None:
        if value is not None and not _ORIGIN.fullmatch(value):
            raise ValueError("give a scheme and a host, such as https://keepsum.example.org")
        return value and value.rstrip("/")

    @field_validator("origins")
    @classmethod
    def _without_paths(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not _ORIGIN.fullmatch(origin) for origin in value):
            raise ValueError("give schemes and hosts, such as https://app.example.org")
        return tuple(origin.rstrip("/").lower() for origin in value)

    @field_validator("clock")
    @classmethod
    def _with_zone(cls, value: dt.datetime | None) -> dt.datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("name the zone, such as 2026-01-31T12:00:00Z")
        return value

    @field_validator("tls_key")
    @classmethod
    def _with_certificate(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if (value is None) != (info.data.get("tls_cert") is None):
            raise ValueError("set the certificate and its key together")
        return value

    @field_validator("identity_audience")
    @classmethod
    def _for_somebody(cls, value: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("identity_issuer") and not value:
            raise ValueError("with an issuer, say whom its tokens have to be for")
        return value

    @field_validator("identity_secret")
    @classmethod
    def _long(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value().encode()) < SHORTEST_SECRET:
            raise ValueError(f"give {SHORTEST_SECRET} bytes or more")
        return value

    @field_validator("identity_keys_url")
    @classmethod
    def _encrypted(cls, value: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("identity_issuer") and (value is None) == (info.data.get("identity_secret") is None):
            raise ValueError("with an issuer, set either this or KEEPSUM_IDENTITY_SECRET")
        if value is not None and not re.match(r"https://|http://(localhost|127\.0\.0\.1|\[::1\])[:/]", value):
            raise ValueError("give an address that begins with https://")
        return value

    @property
    def week_start_number(self) -> int:
        """The day a week starts on, Monday as 0."""
        return WEEKDAYS.index(self.week_start)


def load(**flags: object) -> Settings:
    """Give the settings, flags first; raises `BAD_SETTING` naming which and why, never with its value."""
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)  # pyright: ignore[reportArgumentType] -- pydantic checks them
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "_".join(str(part) for part in first["loc"])
        raise Invalid(
            "BAD_SETTING", f"The setting {name!r} (KEEPSUM_{name.upper()}) is wrong: {first['msg']}."
        ) from error


def of_packs(packs: Iterable[Pack]) -> dict[str, dict[str, Told]]:
    """Give what packs that are on together are told, by pack and name.

    Raises `BAD_SETTING`, never with the value, and `SETTING_TAKEN` for a pack's that Keepsum itself has.
    """
    listed = tuple(packs)
    claims = Counter(one.name for pack in listed for one in pack.settings)
    return {
        pack.name: {one.name: _told(pack, one, is_alone=claims[one.name] == 1) for one in pack.settings}
        for pack in listed
    }


class _Packs(BaseSettings):
    """Where settings of packs are read from: as our own are."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")


_KINDS: dict[str, type] = {"text": str, "integer": int, "boolean": bool, "secret": SecretStr}


def _told(pack: Pack, one: Setting, *, is_alone: bool) -> Told:
    whole = one.variable(pack.name)
    if whole.removeprefix("KEEPSUM_").lower() in Settings.model_fields:
        raise Invalid("SETTING_TAKEN", f"The setting {one.name!r} of pack {pack.name!r} would be {whole!r}: rename it.")
    names = AliasChoices(whole, one.name) if is_alone else AliasChoices(whole)
    kind = _KINDS.get(one.kind, str)  # lint refuses all other kinds
    field: Any = (kind | None, Field(one.default, validation_alias=names))
    try:
        found: Told | SecretStr = create_model("Told", __base__=_Packs, value=field)().model_dump()["value"]
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        message = f"The setting {one.name!r} of pack {pack.name!r} ({whole}) is wrong: {first['msg']}."
        raise Invalid("BAD_SETTING", message) from None
    if isinstance(found, SecretStr):
        return Secret(found.get_secret_value()) if found else None
    return found
