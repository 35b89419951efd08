"""Every setting as a flag, and which of them a command takes.

The words are those of `keepsum.settings`, said again because loading that takes longer than showing help may; a test
holds them together.
"""

from collections.abc import Iterable, Mapping
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any

from typer import Option

PANEL = "Settings"

FLAGS: Mapping[str, tuple[type, str]] = {
    "data_dir": (Path, "Where the control file, workspaces and segments live."),
    "key_dir": (Path, "Where keys live; never inside the data directory, never in its backups."),
    "workspace": (str, "The workspace that a command works on, by name."),
    "packs": (Path, "The folder with your own packs, one folder or file each."),
    "enabled": (str, "Which packs are on, by name, comma-separated; by default all of your own and none that ships."),
    "host": (str, "The address to serve on; one that others reach needs --tls-cert or --trusted-proxies."),
    "port": (int, "The port to serve on; 0 picks a free one."),
    "hosts": (
        str,
        "Names that requests may ask for beside localhost and that of --public-url, comma-separated.",
    ),
    "trusted_proxies": (str, "Addresses or networks of proxies whose forwarded headers are believed, comma-separated."),
    "origins": (
        str,
        "Origins whose pages may ask with a token, such as https://app.example.org, comma-separated.",
    ),
    "tls_cert": (Path, "A file with the certificate and those that vouch for it, to serve HTTPS with."),
    "tls_key": (Path, "A file with the key of the certificate."),
    "request_limit": (int, "How many requests a minute one caller may make, batches of records apart; 0 is no limit."),
    "batch_limit": (int, "How many batches of records a minute one caller may send; 0 is no limit."),
    "address_limit": (
        int,
        "How many requests a minute one address may make without a credential that is good; 0 is no limit.",
    ),
    "identity_issuer": (
        str,
        "Who signs the JWTs that are accepted, as their claim iss says; none are accepted without.",
    ),
    "identity_audience": (str, "Whom they have to be for, as their claim aud says."),
    "identity_audience_claim": (str, "Another claim that says whom they are for."),
    "identity_keys_url": (str, "Where their issuer publishes its keys (JWKS)."),
    "identity_leeway": (int, "How many seconds the clocks of both may differ."),
    "identity_actor": (str, "The claim with the id that somebody has in records."),
    "identity_rules": (str, "Which claims give which role in which workspace, as JSON."),
    "zone": (str, "The IANA zone that days are cut in; fixed once a workspace is made."),
    "week_start": (str, "The day a week starts on in a workspace that is made."),
    "k": (int, "How many people a group needs before guarded callers see it, in a workspace that is made."),
    "clock": (str, "Freezes business time at an instant with zone; for demos and tests."),
    "worker": (bool, "Whether the server contains a worker."),
    "writer": (bool, "Whether the server writes records in a process of its own."),
    "nightly": (
        str,
        "When days are rolled, proven and purged, as cron in the zone; unless set, a pack may say when.",
    ),
    "body_limit": (int, "The largest request body in bytes, after inflating."),
    "processes": (int, "How many processes roll up a backlog."),
    "audit_keep": (int, "How many days the audit log keeps what was done."),
    "export_rows": (int, "How many rows one export of a dataset may have."),
    "export_days": (int, "How many days one export of a dataset may be about."),
    "dashboard_widgets": (int, "How many widgets one dashboard may have."),
    "dashboard_refresh": (int, "After how many seconds a new dashboard is looked at again."),
    "open_metrics": (bool, "Whether anybody who reaches the server may read /metrics, of all workspaces."),
    "public_url": (str, "The address people reach the server at; links in mails begin with it."),
    "smtp_host": (str, "The mail server for invitations and new passwords; without one, whoever asks gets the link."),
    "smtp_port": (int, "The mail server's port."),
    "smtp_security": (str, "How the way to the mail server is encrypted; none only on this machine."),
    "smtp_user": (str, "The name to sign in at the mail server with."),
    "smtp_from": (str, "The address that mail comes from."),
    "smtp_ca": (Path, "A file of certificates to trust the mail server by, and no others."),
    "memory": (str, "How much memory one process may compute with."),
}
# Settings that are no flags, because everybody on a machine sees its command lines.
SECRET = ("secret_key", "identity_secret", "smtp_password")

DECLARED = ("packs", "enabled")
INSTALLED = ("data_dir", "key_dir", *DECLARED, "clock", "memory")
OPENED = ("workspace", *INSTALLED)
MADE = (*INSTALLED, "zone", "week_start", "k")
ROLLED = (*OPENED, "processes")
MAILED = (*OPENED, "host", "port", "public_url", *(name for name in FLAGS if name.startswith("smtp_")))
EXPORTED = ("export_rows", "export_days")
ORDERED = (*OPENED, *EXPORTED)
WORKED = (*INSTALLED, "processes", "nightly", "audit_keep", *EXPORTED)
SERVED = tuple(name for name in FLAGS if name != "workspace")
SHOWN = ("data_dir", "port")


def parameters(names: Iterable[str]) -> list[Parameter]:
    """Give the flags of some settings as parameters of a command; what is not given is None."""
    return [_parameter(name, *FLAGS[name]) for name in names]


def _parameter(name: str, kind: type, about: str) -> Parameter:
    option: Any = Option(help=about, rich_help_panel=PANEL, show_default=False)
    return Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, option])
