"""The one list of what anybody may ask: all other routes answer 401 to a request without a valid credential."""

# Method and path as it was declared; a name in braces stands for one part of a path.
PUBLIC: frozenset[tuple[str, str]] = frozenset(
    (
        ("GET", "/"),
        ("GET", "/docs"),
        ("GET", "/docs/files/{name}"),
        ("GET", "/openapi.json"),
        ("GET", "/health/live"),
        ("GET", "/health/ready"),
        ("POST", "/v1/session"),  # to sign in
        ("POST", "/v1/links"),  # to ask for a new password
        ("GET", "/v1/links/{link}"),  # to see what a link is good for: an invitation, a new password, an owner's first
        ("POST", "/v1/links/{link}"),  # to use it
    )
)
METRICS = ("GET", "/metrics")  # where the setting `open_metrics` says so

_OPEN = frozenset((method, path.partition("{")[0]) for method, path in PUBLIC if path.endswith("}"))


def is_public(method: str, path: str) -> bool:
    """Say whether anybody may ask for a path as it was asked, decoded."""
    if (method, path) in PUBLIC:
        return "{" not in path
    parent, _, last = path.rpartition("/")
    return bool(last) and (method, parent + "/") in _OPEN
