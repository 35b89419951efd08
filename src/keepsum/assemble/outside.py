"""What lies outside an install: the server that its mail goes to, and the provider that knows its people."""

from typing import TYPE_CHECKING

from keepsum.assemble.install import Install
from keepsum.model.errors import Invalid
from keepsum.settings import Settings

if TYPE_CHECKING:
    from keepsum.connect.identity import Identities
    from keepsum.deliver.mail import MailServer


def mail_server(install: Install) -> "MailServer | None":
    """Give where mail goes out; None unless a server is set. Raises `MAIL_UNSET` when a part of it is missing."""
    from keepsum.deliver.mail import MailServer  # noqa: PLC0415 -- few processes send mail
    from keepsum.store.vault import secret  # noqa: PLC0415 -- the same

    told = install.settings
    if told.smtp_host is None:
        return None
    if told.smtp_from is None or told.public_url is None:
        raise Invalid("MAIL_UNSET", "To send mail, set --smtp-from and --public-url beside --smtp-host.")
    given = told.smtp_password
    kept = secret(install.control, install.accounts.vault, "", "smtp_password") if given is None else None
    return MailServer(
        host=told.smtp_host,
        port=told.smtp_port,
        security=told.smtp_security,
        sender=told.smtp_from,
        user=told.smtp_user,
        password=kept if given is None else given.get_secret_value(),
        ca=told.smtp_ca,
    )


def identities(told: Settings) -> "Identities | None":
    """Give what checks JWTs of an identity provider; None unless one is set."""
    from keepsum.connect.identity import Identities, Provider  # noqa: PLC0415 -- few installs have one

    if told.identity_issuer is None:
        return None
    secret = told.identity_secret
    provider = Provider(
        issuer=told.identity_issuer,
        audience=told.identity_audience or "",
        audience_claim=told.identity_audience_claim,
        secret=None if secret is None else secret.get_secret_value(),
        keys_url=told.identity_keys_url,
        leeway=told.identity_leeway,
    )
    return Identities(provider)
