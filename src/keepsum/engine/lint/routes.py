"""Rules about the routes of packs: who may ask them, where they lie, and what they take."""

import re
from collections.abc import Iterator
from itertools import combinations

from keepsum.engine.lint.finding import Hits, of_pack, of_route
from keepsum.model import errors
from keepsum.model.catalog import Catalog, Pack
from keepsum.model.day import date_in
from keepsum.model.errors import KeepsumError
from keepsum.model.route import Parameter, Route

# The first segments of paths that every server has, and those that are kept free for it.
OWN = ("v1", "docs", "health", "metrics", "openapi.json", "app")
LONGEST = 200  # characters of a path
MOST_CHARACTERS = 10_000  # of one text
SEGMENT = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")
TOLD_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,79}")
KINDS = frozenset(one.kind for one in vars(errors).values() if isinstance(one, type) and issubclass(one, KeepsumError))
DEFAULTS = {"text": str, "integer": int, "boolean": bool, "date": str, "object": dict}
STATUSES = (200, 201, 202)


def _routes(catalog: Catalog) -> Iterator[tuple[Pack, Route]]:
    return ((pack, route) for pack in catalog.packs for route in pack.routes)


def route_open(catalog: Catalog) -> Hits:
    """A route names the permission that its callers need."""
    for _, route in _routes(catalog):
        if route.permission is None:
            yield of_route(route), "it names no permission: say permission=Permission.READ, or a rarer one"


def route_path(catalog: Catalog) -> Hits:
    """A route's path is of plain segments and parameters in braces, by GET or POST, and is none of the server's own."""
    for _, route in _routes(catalog):
        plain = [part for part in route.shape if part is not None]
        if route.method not in ("GET", "POST"):
            yield of_route(route), f"its method is {route.method!r}: say GET or POST"
        if not route.path.startswith("/") or len(route.path) > LONGEST or not all(map(SEGMENT.fullmatch, plain)):
            yield of_route(route), "its path must be a slash and a segment, again and again: write /shop/days/{day}"
        elif route.shape[0] is None or route.shape[0] in OWN:
            message = f"its path begins with a parameter, or as the server's own do ({', '.join(OWN)})"
            yield of_route(route), f"{message}: begin it with a word of your own"


def route_status(catalog: Catalog) -> Hits:
    """A route answers with a status of success that has a body."""
    for _, route in _routes(catalog):
        if route.status not in STATUSES:
            yield of_route(route), f"it answers with {route.status}: say one of {', '.join(map(str, STATUSES))}"


def route_taken(catalog: Catalog) -> Hits:
    """A path is claimed once: by one route a method, and by one pack."""
    for (pack, one), (other_pack, other) in combinations(_routes(catalog), 2):
        if pack.name == other_pack.name:
            if (one.method, one.shape) == (other.method, other.shape):
                yield of_route(other), f"the pack has {of_route(one)} already: remove one"
        elif _overlap(one, other):
            message = f"pack {pack.name!r} claims such paths with {of_route(one)}: change one, or switch one pack off"
            yield of_route(other), message


def _overlap(one: Route, other: Route) -> bool:
    if len(one.shape) != len(other.shape):
        return False
    return all(None in (a, b) or a == b for a, b in zip(one.shape, other.shape, strict=True))


def parameter_unfit(catalog: Catalog) -> Hits:
    """A route declares what its path and its callers give, each once, with a default and bounds of its own kind."""
    for _, route in _routes(catalog):
        declared = [parameter.name for parameter in route.parameters]
        for name in (name for name in route.slots if name not in declared or route.slots.count(name) > 1):
            yield of_route(route), f"its path has {{{name}}}, which is not declared, or there twice: declare it once"
        for name in sorted({name for name in declared if declared.count(name) > 1}):
            yield of_route(route), f"it declares the parameter {name!r} twice: remove one"
        for parameter in route.parameters:
            if parameter.kind == "object" and (route.method == "GET" or parameter.name in route.slots):
                yield of_route(route), f"the parameter {parameter.name!r} is an object, and not in a body: use POST"
            yield from ((of_route(route), f"the parameter {parameter.name!r} {wrong}") for wrong in _wrongs(parameter))


def _wrongs(parameter: Parameter) -> Iterator[str]:
    is_text, is_integer = parameter.kind == "text", parameter.kind == "integer"
    given, bounds = parameter.default, (parameter.least, parameter.most)
    if not NAME.fullmatch(parameter.name):
        yield "must be a letter, then up to 39 of a-z, A-Z, 0-9, _, . and -: rename it"
    if parameter.kind not in DEFAULTS:
        yield f"is of kind {parameter.kind!r}: write one of {', '.join(DEFAULTS)}"
    elif given is not None and (type(given) is not DEFAULTS[parameter.kind] or not _is_within(parameter, given)):
        yield f"has the default {given!r}, which nobody could send: choose another"
    if given is not None and parameter.required:
        yield "is required and has a default: keep one of them"
    if parameter.options and not is_text:
        yield "has options, and is no text: leave one out"
    if bounds != (None, None) and not is_integer:
        yield "has bounds, and is no integer: leave them out"
    if None not in bounds and (parameter.least or 0) > (parameter.most or 0):
        yield f"can be nothing between {parameter.least} and {parameter.most}: swap them"
    if not 1 <= parameter.longest <= MOST_CHARACTERS:
        yield f"has longest={parameter.longest}, which is not within 1 and {MOST_CHARACTERS}: choose another"


def _is_within(parameter: Parameter, given: str | int | bool) -> bool:  # noqa: FBT001 -- such is the default
    if parameter.kind == "date":
        return date_in(str(given)) is not None
    if isinstance(given, str):
        return given in parameter.options if parameter.options else 1 <= len(given) <= parameter.longest
    above = parameter.least is None or given >= parameter.least
    return above and (parameter.most is None or given <= parameter.most)


def errors_unfit(catalog: Catalog) -> Hits:
    """A pack's shape of errors gives plain codes and statuses from 400 to 599, by kinds or codes of errors."""
    for pack in catalog.packs:
        if pack.errors.told and pack.errors.form != "nested":
            yield of_pack(pack), "its errors are problem documents, which have codes of their own: say form='nested'"
        for name, (code, status) in pack.errors.told.items():
            if name not in KINDS and name != name.upper():
                known = ", ".join(sorted(KINDS))
                yield of_pack(pack), f"its errors tell {name!r}, which is no kind ({known}) and no code: name one"
            if not TOLD_CODE.fullmatch(code) or not 400 <= status <= 599:
                message = f"its errors tell {name!r} as {code!r} with {status}: write a plain code, and 400 to 599"
                yield of_pack(pack), message
