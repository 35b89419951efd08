"""Mail going out: plain letters, over SMTP that is encrypted unless it stays on this machine."""

import asyncio
import ssl
from dataclasses import dataclass
from email.errors import MessageError
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

import aiosmtplib

from keepsum.model.errors import Invalid, Unavailable

PATIENCE = 30.0  # seconds for a whole delivery


@dataclass(frozen=True, kw_only=True, repr=False)
class MailServer:
    """Where mail is handed over, and as whom; `ca` is a file of certificates to trust instead of the system's."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    sender: str
    user: str | None = None
    password: str | None = None
    ca: Path | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Letter:
    """One mail to one person."""

    to: str
    subject: str
    text: str


def check(server: MailServer) -> None:
    """Raise `MAIL_NOT_ENCRYPTED` for a server that letters would reach in the clear over a network."""
    if server.security == "none" and not _is_here(server.host):
        message = f"Mail to {server.host!r} would go in the clear: set --smtp-security to starttls or tls."
        raise Invalid("MAIL_NOT_ENCRYPTED", message)


async def send(server: MailServer, letter: Letter) -> None:
    """Hand a letter over; raises `MAIL_NOT_ENCRYPTED`, and `MAIL_FAILED` saying how far it got, without the address."""
    check(server)
    message = _message(server, letter)
    try:
        await asyncio.wait_for(_hand_over(server, letter.to, message), PATIENCE)
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        said = f"Mail could not be handed to {server.host!r}, port {server.port}: {_reason(error)}."
        raise Unavailable("MAIL_FAILED", said) from error


def send_now(server: MailServer, letter: Letter) -> None:
    """Do the same where nothing else waits."""
    asyncio.run(send(server, letter))


async def _hand_over(server: MailServer, to: str, message: EmailMessage) -> None:
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.security == "tls",
        start_tls=server.security == "starttls",
        tls_context=_trust(server),
        timeout=PATIENCE,
    )
    transport: asyncio.BaseTransport | None = None
    try:
        async with client:  # signing in comes after, so that a refusal is followed by a goodbye
            transport = client.transport
            if server.user is not None:
                await client.login(server.user, server.password or "")
            await client.send_message(message, sender=server.sender, recipients=[to])
    finally:
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()  # TLS would wait for the other side's last word, and the loop may end before
            await asyncio.sleep(0)


def _message(server: MailServer, letter: Letter) -> EmailMessage:
    message = EmailMessage()
    try:
        message["From"], message["To"], message["Subject"] = server.sender, letter.to, letter.subject
    except (ValueError, MessageError) as error:  # a line break would begin a header of somebody else's
        raise Invalid("BAD_EMAIL", "An address or a subject cannot stand in a mail.") from error
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message


def _trust(server: MailServer) -> ssl.SSLContext | None:
    if server.security == "none":
        return None
    try:
        context = ssl.create_default_context(cafile=None if server.ca is None else str(server.ca))
    except (OSError, ssl.SSLError) as error:
        message = f"The certificates in {str(server.ca)!r} cannot be read."
        raise Unavailable("MAIL_FAILED", message) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _reason(error: BaseException) -> str:
    """Say in words of ours what went wrong: a server's words may hold the address."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({cause.verify_message})"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return "it refuses the name and password"
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"it answers {error.code}"
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return f"it answers {error.recipients[0].code}"
    if isinstance(error, TimeoutError | aiosmtplib.SMTPTimeoutError):
        return "it does not answer in time"
    if isinstance(error, OSError):
        return "it cannot be reached"
    return "it offers no STARTTLS, or no way to sign in"
