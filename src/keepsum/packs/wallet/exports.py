"""The panel's exports, in the words that it knows: a type, a status, filters with the range among them."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from keepsum import Ask, Export, Invalid
from keepsum.packs.wallet.datasets import DATASETS

TYPES = ("csv", "json")
NAMES = tuple(dataset.name for dataset in DATASETS)
RANGE = ("from", "to")

Given = Mapping[str, Any]


def create(ask: Ask, given: Given) -> object:
    """Have a file made, and give how it stands after two seconds at most."""
    filters = given["filters"]
    first, last = (_date(filters, name) for name in RANGE)
    narrowed = {name: _texts(value) for name, value in filters.items() if name not in RANGE}
    export = ask.export(given["dataset"], given["type"], first, last, narrowed)
    return {name: value for name, value in _told(export).items() if name != "filters"}


def status(ask: Ask, given: Given) -> object:
    """Give how an export stands."""
    return _told(ask.find_export(given["export_id"]))


def _date(filters: Given, name: str) -> dt.date:
    given = filters.get(name)
    if given is None:
        raise Invalid("MISSING_PARAMETER", "from and to date parameters are required")
    try:
        return dt.date.fromisoformat(given)
    except (TypeError, ValueError):
        raise Invalid("BAD_PARAMETER", f"The filter {name!r} is wrong: give a date such as 2026-01-31.") from None


def _texts(value: Any) -> list[str]:
    """Give what a filter lets through as texts, for the panel's ids are numbers."""
    return [str(one) for one in (value if isinstance(value, list) else [value])]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] -- what JSON holds


def _told(export: Export) -> dict[str, object]:
    """Give an export as the panel reads it; instants are of UTC."""
    told: dict[str, object] = {
        "export_id": export.id,
        "status": str(export.state),
        "type": export.format,
        "dataset": export.dataset,
        "filters": {"from": export.first, "to": export.last, **_shown(export.filters)},
        "estimated_rows": export.estimated_rows,
        "created_at": _moment(export.created_at),
    }
    if export.error is not None:
        told["error_message"] = export.error
    if export.completed_at is not None and export.expires_at is not None:
        told["actual_rows"] = export.rows
        told["download_url"] = export.link
        told["expires_at"] = _moment(export.expires_at)
        told["completed_at"] = _moment(export.completed_at)
    return told


def _shown(filters: Mapping[str, list[Any]]) -> dict[str, object]:
    """Give filters without those that name people, which nobody keeps."""
    return {name: values[0] if len(values) == 1 else values for name, values in filters.items() if values}


def _moment(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"
