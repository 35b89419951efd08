"""What an install can be told: by the environment (`KEEPSUM_...`), a `.env` file, or a flag."""

import datetime as dt
import os
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from keepsum.model.audit import LEAST_KEPT
from keepsum.model.errors import Invalid

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


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
    host: str = Field("127.0.0.1", description="The address to serve on; only loopback until access control exists.")
    port: int = Field(8001, ge=0, le=65_535, description="The port to serve on; 0 picks a free one.")
    zone: str = Field("UTC", description="The IANA zone that days are cut in; fixed once a workspace is made.")
    week_start: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = Field(
        "monday", description="The day a week starts on; fixed once a workspace is made."
    )
    k: int = Field(10, ge=1, le=10_000, description="How many people a group needs before guarded callers see it.")
    clock: dt.datetime | None = Field(
        None, description="Freezes business time at an instant with zone; for demos and tests."
    )
    worker: bool = Field(default=True, description="Whether the server contains a worker.")
    nightly: str = Field("15 2 * * *", description="When days are rolled, proven and purged, as cron in the zone.")
    body_limit: int = Field(32 << 20, ge=1_024, description="The largest request body in bytes, after inflating.")
    processes: int = Field(2, ge=1, le=64, description="How many processes roll up a backlog.")
    audit_keep: int = Field(
        365, ge=LEAST_KEPT, le=36_500, description="How many days the audit log keeps what was done."
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

    @field_validator("enabled", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value

    @field_validator("public_url")
    @classmethod
    def _without_path(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"https?://[^\s/?#@]+/?", value):
            raise ValueError("give a scheme and a host, such as https://keepsum.example.org")
        return value and value.rstrip("/")

    @field_validator("clock")
    @classmethod
    def _with_zone(cls, value: dt.datetime | None) -> dt.datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("name the zone, such as 2026-01-31T12:00:00Z")
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
