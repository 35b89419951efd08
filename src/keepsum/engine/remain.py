"""Which chunks of a day are still as they were sealed, whatever came and went beside them."""

from collections import deque
from collections.abc import Sequence
from typing import TypeVar

Chunk = TypeVar("Chunk")


def places(sealed: Sequence[Chunk], found: Sequence[Chunk]) -> list[int | None]:
    """Give for each chunk that was found its place among the sealed ones; None for one that is not as sealed.

    Cuts depend on content, so where rows came, went or changed, only the chunks around them differ.
    """
    waiting: dict[Chunk, deque[int]] = {}
    for place, chunk in enumerate(sealed):
        waiting.setdefault(chunk, deque()).append(place)
    return [waiting[chunk].popleft() if waiting.get(chunk) else None for chunk in found]
