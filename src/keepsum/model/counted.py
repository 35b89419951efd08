"""How many of something, in words."""


def counted(number: int, many: str) -> str:
    """Give a number and what is counted, named in the plural: `2 entries`, `1 entry`."""
    one = many[:-3] + "y" if many.endswith("ies") else many.removesuffix("s")
    return f"{number:,} {one if number == 1 else many}"
