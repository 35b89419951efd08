"""The one list of what anybody may ask: all other routes answer 401 to a request without a valid credential."""

# Method and path as it was declared; a name in braces stands for one part of a path, `:path` for all that are left.
PUBLIC: frozenset[tuple[str, str]] = frozenset(
    (
        ("GET", "/"),
        ("GET", "/app"),
        ("GET", "/app/assets/{name}"),  # the interface: who may see what is said by the routes that it asks
        ("GET", "/app/{page:path}"),
        ("GET", "/docs"),
        ("GET", "/docs/files/{name}"),
        ("GET", "/openapi.json"),
        ("GET", "/health/live"),
        ("GET", "/health/ready"),
        ("POST", "/v1/session"),  # to sign in
        ("POST", "/v1/links"),  # to ask for a new password
        ("GET", "/v1/links/{link}"),  # to see what a link is good for: an invitation, a new password, an owner's first
        ("POST", "/v1/links/{link}"),  # to use it
        ("GET", "/v1/public/{link}"),  # a dashboard that was published: its link is a secret of its own
        ("POST", "/v1/public/{link}/query"),  # what its widgets ask, and nothing else
        ("POST", "/v1/public/{link}/live"),  # the same, again whenever it changes
        ("GET", "/v1/exports/{id}/file"),  # the link to a file carries its own signature
    )
)
METRICS = ("GET", "/metrics")  # where the setting `open_metrics` says so

_SHAPES = tuple((method, path.split("/")) for method, path in sorted(PUBLIC) if "{" in path)


def is_public(method: str, path: str) -> bool:
    """Say whether anybody may ask for a path as it was asked, decoded."""
    if "{" in path:
        return False
    given = path.split("/")
    return (method, path) in PUBLIC or any(method == of and _fits(shape, given) for of, shape in _SHAPES)


def _fits(shape: list[str], given: list[str]) -> bool:
    """Say whether something stands in place of each name, and all else is as it is declared."""
    if shape[-1].endswith(":path}"):
        shape, given = shape[:-1], given[: len(shape) - 1]
    pairs = zip(shape, given, strict=False)
    return len(shape) == len(given) and all(bool(one) if part[:1] == "{" else part == one for part, one in pairs)
