"""What is written to people: a link and what it is for, in a few plain words."""

import datetime as dt

from keepsum.deliver.mail import Letter
from keepsum.pipeline.links import NewLink
from keepsum.store.links import LinkKind

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

SUBJECTS = {
    LinkKind.OWNER: "Your Keepsum is ready",
    LinkKind.INVITATION: "You are invited to Keepsum",
    LinkKind.RESET: "A new password for Keepsum",
}
WORDS = {
    LinkKind.OWNER: "This link makes you the owner of a workspace:",
    LinkKind.INVITATION: "Somebody invites you to a workspace. This link lets you in:",
    LinkKind.RESET: "Somebody asked for a new password for your account. This link sets one, and ends all sessions:",
}
CLOSING = {
    LinkKind.OWNER: "If you do not expect this, do nothing.",
    LinkKind.INVITATION: "If you do not expect this, do nothing.",
    LinkKind.RESET: "If it was not you, do nothing: your password stays as it is.",
}


def address_of(link: NewLink, public_url: str) -> str:
    """Give the page that uses a link; what the link is stands behind the #, which browsers send to nobody."""
    return f"{public_url}/app/link#{link.text}"


def letter(link: NewLink, public_url: str) -> Letter:
    """Give the mail that brings a link to whom it is for."""
    until = (EPOCH + dt.timedelta(microseconds=link.until)).strftime("%Y-%m-%d %H:%M UTC")
    text = (
        f"{WORDS[link.kind]}\n\n{address_of(link, public_url)}\n\nIt works once, until {until}. {CLOSING[link.kind]}\n"
    )
    return Letter(to=link.email or "", subject=SUBJECTS[link.kind], text=text)
