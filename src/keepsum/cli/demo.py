"""`keepsum demo`: three months of a real shop."""

from typing import TYPE_CHECKING

from keepsum.cli.screen import Screen

if TYPE_CHECKING:
    from keepsum.settings import Settings


def demo(settings: "Settings", screen: Screen) -> None:
    """Show the promise on real data."""
    del settings, screen
