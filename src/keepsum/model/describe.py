"""What a catalog declares as plain JSON values, and a formula as people read it."""

from decimal import Decimal
from fractions import Fraction

from keepsum.model.access import Grant, Role
from keepsum.model.attached import described
from keepsum.model.catalog import Catalog, Pack, Reader, definition, definition_hash
from keepsum.model.document import document
from keepsum.model.export import Dataset, Question
from keepsum.model.filter import Filter, Value
from keepsum.model.metric import Metric
from keepsum.model.published import Nested, Published
from keepsum.model.rollup import (
    Arithmetic,
    Cumulative,
    Formula,
    Measure,
    MeasureOf,
    Ratio,
    Rollup,
    Scaled,
)
from keepsum.model.route import Parameter, Route
from keepsum.model.stream import Choice, Duration, Field, Number, Stream, Text

Described = dict[str, object]


def describe(catalog: Catalog) -> Described:
    """Give everything declared as plain JSON values: packs, routes, published tables, and by name streams, rollups,
    metrics, dashboards, datasets, readers, roles.

    Lengths of time are {days, months}, filters lists of [field, [values]], exact constants texts.
    """
    return {
        "packs": [_pack(p) for p in catalog.packs],
        "streams": [_stream(s) for _, s in sorted(catalog.streams.items())],
        "rollups": [_rollup(r) for _, r in sorted(catalog.rollups.items())],
        "metrics": [_metric(m) for _, m in sorted(catalog.metrics.items())],
        "datasets": [_dataset(d) for _, d in sorted(catalog.datasets.items())],
        "readers": [_reader(r) for _, r in sorted(catalog.readers.items())],
        "roles": [_role(r) for _, r in sorted(catalog.roles.items())],
        "routes": [_route(pack, route) for pack, route in catalog.routes],
        "dashboards": [{"name": name, **document(one)} for name, (_, one) in sorted(catalog.dashboards.items())],
        "published": [_published(pack, table) for pack in catalog.packs for table in pack.published],
    }


def _pack(pack: Pack) -> Described:
    return {
        "name": pack.name,
        "about": pack.about,
        "streams": [s.name for s in pack.streams],
        "rollups": [r.name for r in pack.rollups],
        "metrics": [m.name for m in pack.metrics],
        "dashboards": [d.name for d in pack.dashboards],
        "datasets": [d.name for d in pack.datasets],
        "readers": [r.name for r in pack.readers],
        "roles": [r.name for r in pack.roles],
        "errors": {"form": pack.errors.form, "told": {name: list(said) for name, said in pack.errors.told.items()}},
        "nightly": None if pack.nightly is None else pack.nightly.cron,
        "data": [{"name": d.name, "reader": d.reader, "attribution": d.attribution} for d in pack.data],
        "later": [{"name": d.name, "kind": d.kind} for d in pack.later],
        "settings": [{"name": s.name, "kind": s.kind, "default": s.default, "about": s.about} for s in pack.settings],
    }


def _stream(stream: Stream) -> Described:
    return {
        "name": stream.name,
        "about": stream.about,
        "owner": stream.owner,
        "time": stream.time,
        "time_kind": stream.time_kind,
        "key": stream.key,
        "subject": stream.subject,
        "keep": _duration(stream.keep),
        "late": _duration(stream.late),
        "settles": _duration(stream.settles),
        "reread": _duration(stream.reread),
        "start": stream.start.isoformat() if stream.start else None,
        "covered_with": stream.covered_with,
        "shrinks": stream.shrinks,
        "mode": stream.mode,
        "home": stream.home,
        "actor": stream.actor,
        "erase": stream.erase,
        "attached": described(stream.attached),
        "fields": [_field(f) for f in stream.fields],
    }


def _duration(length: Duration | None) -> Described | None:
    return {"days": length.days, "months": length.months} if length is not None else None


def _field(declared: Field) -> Described:
    said: Described = {
        "name": declared.name,
        "type": type(declared).__name__.lower(),
        "sensitivity": str(declared.exposure),
        "required": declared.required,
        "about": declared.about,
    }
    match declared:
        case Text():
            return {**said, "most": declared.most, "longest": declared.longest}
        case Choice():
            return {**said, "options": list(declared.options)}
        case Number():
            return {**said, "unit": declared.unit, "scale": declared.scale}
        case _:
            return said


def _rollup(rollup: Rollup) -> Described:
    return {
        "name": rollup.name,
        "about": rollup.about,
        "keep": _duration(rollup.keep),
        "closes": rollup.closes,
        "definition": definition(rollup),
        "hash": definition_hash(rollup),
        "measures": {m.name: m.about for m in rollup.measures},
    }


def _dataset(dataset: Dataset) -> Described:
    said: Described = {"name": dataset.name, "about": dataset.about, "filters": list(dataset.filters)}
    if isinstance(dataset.of, Stream):
        return {**said, "stream": dataset.of.name, "columns": list(dataset.listed), "question": None}
    return {**said, "stream": None, "columns": None, "question": _question(dataset.of)}


def _question(question: Question) -> Described:
    return {
        "metrics": [metric.name for metric in question.metrics],
        "by": list(question.by),
        "grain": question.grain,
        "where": [[name, list(values)] for name, values in question.where],
        "basis": question.basis,
    }


def _reader(reader: Reader) -> Described:
    return {"name": reader.name, "stream": reader.stream}


def _role(role: Role) -> Described:
    return {
        "name": role.name,
        "about": role.about,
        "includes": list(role.includes),
        "permissions": [str(permission) for permission in role.permissions],
        "grants": [_grant(grant) for grant in role.grants],
    }


def _grant(grant: Grant) -> Described:
    return {"on": grant.on, "reach": str(grant.reach), "level": str(grant.level)}


def _route(pack: Pack, route: Route) -> Described:
    return {
        "pack": pack.name,
        "method": route.method,
        "path": route.path,
        "about": route.about,
        "permission": None if route.permission is None else str(route.permission),
        "status": route.status,
        "parameters": [_parameter(parameter) for parameter in route.parameters],
    }


def _published(pack: Pack, table: Published) -> Described:
    return {
        "pack": pack.name,
        "name": table.name,
        "about": table.about,
        "into": table.into,
        "when": table.when,
        "columns": {name: _shown(shown) for name, shown in table.named},
    }


def _shown(shown: str | Metric | Nested) -> object:
    match shown:
        case Metric():
            return {"metric": shown.name}
        case Nested():
            return {"metrics": {name: metric.name for name, metric in shown.named}, "by": shown.by}
        case _:
            return shown


def _parameter(parameter: Parameter) -> Described:
    return {
        "name": parameter.name,
        "kind": parameter.kind,
        "about": parameter.about,
        "required": parameter.required,
        "default": parameter.default,
        "options": list(parameter.options),
        "least": parameter.least,
        "most": parameter.most,
        "longest": parameter.longest,
    }


def _metric(metric: Metric) -> Described:
    return {
        "name": metric.name,
        "about": metric.about,
        "owner": metric.owner,
        "kind": metric.kind,
        "unit": metric.unit,
        "direction": metric.direction,
        "decimals": metric.decimals,
        "text": text_of(metric.formula),
        "formula": _structure(metric.formula),
    }


def text_of(formula: Formula) -> str:
    """Give a formula as people read it: `credited / (entries where direction in (credit))`."""
    match formula:
        case Metric():
            return formula.name
        case MeasureOf():
            return _measure_text(formula)
        case Arithmetic():
            return f"{_inner(formula.left)} {formula.op} {_inner(formula.right)}"
        case Ratio():
            return f"{_inner(formula.numerator)} / {_inner(formula.denominator)}"
        case Scaled():
            return f"{_inner(formula.of)} * {_exact(formula.factor)}"
        case Cumulative():
            return f"{_inner(formula.of)} since the start of the {formula.since}"
        case _:
            raise TypeError(formula)


def _inner(formula: Formula) -> str:
    text = text_of(formula)
    return f"({text})" if " " in text else text


def _measure_text(leaf: MeasureOf) -> str:
    quantile = f"quantile {_exact(leaf.q)} of " if leaf.q is not None else ""
    where = " and ".join(f"{name} in ({', '.join(_value(v) for v in values)})" for name, values in leaf.filter)
    return f"{quantile}{leaf.measure.name}" + (f" where {where}" if where else "")


def _value(value: Value) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def _exact(number: Fraction) -> str:
    """Give an exact constant as a decimal text where it has one, else as a fraction."""
    text = format(Decimal(number.numerator) / Decimal(number.denominator), "f")
    return text if Fraction(text) == number else str(number)


def _structure(formula: Formula) -> Described:
    match formula:
        case Metric():
            return {"metric": formula.name}
        case MeasureOf():
            return _measure(formula.rollup, formula.measure, formula.filter, formula.q)
        case Arithmetic():
            return {"op": formula.op, "left": _structure(formula.left), "right": _structure(formula.right)}
        case Ratio():
            return {"op": "/", "left": _structure(formula.numerator), "right": _structure(formula.denominator)}
        case Scaled():
            return {"op": "*", "left": _structure(formula.of), "right": _exact(formula.factor)}
        case Cumulative():
            return {"op": "cumulative", "of": _structure(formula.of), "since": formula.since}
        case _:
            raise TypeError(formula)


def _measure(rollup: Rollup, measure: Measure, where: Filter, q: Fraction | None) -> Described:
    return {
        "rollup": rollup.name,
        "measure": measure.name,
        "where": [[name, list(values)] for name, values in where],
        "quantile": _exact(q) if q is not None else None,
    }
