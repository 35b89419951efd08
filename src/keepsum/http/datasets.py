"""`/v1/datasets`: what may be exported by whoever asks."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from keepsum.engine.exporting import Offer, filtered_by
from keepsum.http.parameters import StrictRoute, Sys, Who, needs
from keepsum.http.problems import documented
from keepsum.model.access import Permission
from keepsum.model.day import date_of
from keepsum.model.export import FORMATS, Dataset
from keepsum.model.stream import Boolean, Choice, Integer, Stream
from keepsum.pipeline import exports

EXAMPLE: dict[str, Any] = {
    "datasets": [
        {
            "name": "transactions",
            "about": "Entries of the ledger, with who they are of.",
            "stream": "entries",
            "grain": None,
            "columns": ["at", "id", "direction", "amount"],
            "personal": ["user_id", "email"],
            "metrics": [],
            "filters": ["direction"],
            "takes": [{"name": "direction", "kind": "choice", "options": ["credit", "debit"]}],
            "from": "2026-01-01",
            "purged_to": "2025-12-31",
            "needs": ["export", "read", "small_groups"],
        }
    ],
    "formats": list(FORMATS),
    "most_rows": 100_000,
    "most_days": 365,
}

router = APIRouter(tags=["exports"], route_class=StrictRoute)


class FilterOut(BaseModel):
    """What one filter takes: `subject` is the text that a person has in records."""

    name: str
    kind: Literal["text", "choice", "boolean", "integer", "subject"]
    options: list[str] = Field(description="The only values there are; of other kinds than `choice` none are listed.")


class DatasetOut(BaseModel):
    """One dataset, as the caller may export it."""

    name: str
    about: str
    stream: str | None = Field(description="Whose records it has; null where it has figures.")
    grain: str | None = Field(description="The periods that figures are of; null where it has records.")
    columns: list[str] = Field(
        description="The columns of the caller's files; of figures that are approximate each one's error is added."
    )
    personal: list[str] = Field(description="Its columns about people: only for those with the permission `personal`.")
    metrics: list[str] = Field(description="The metrics that its figures are of; none where it has records.")
    filters: list[str] = Field(description="What the caller may narrow it by.")
    takes: list[FilterOut] = Field(description="What each of these filters takes.")
    first: dt.date | None = Field(alias="from", description="The first day that is shown to the caller; null for all.")
    purged_to: dt.date | None = Field(
        description="The last day whose records are deleted, so that they cannot be exported; null where none are."
    )
    needs: list[Permission] = Field(description="The permissions that one role has to have together.")


class DatasetsOut(BaseModel):
    """The datasets that the caller may export, by name, and how much of them at once."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    datasets: list[DatasetOut]
    formats: list[str]
    most_rows: int = Field(description="How many rows an export has at most.")
    most_days: int = Field(description="How many days an export has at most.")


@router.get(
    "/v1/datasets",
    summary="List what may be exported",
    dependencies=[needs(Permission.EXPORT)],
    responses=documented(400, 403, 503),
)
def list_datasets(system: Sys, who: Who) -> DatasetsOut:
    """Give the datasets of which the caller may export anything today."""
    means = system.exports
    found = exports.offers(means, who)
    gone = exports.purged_to(means, {one.dataset.of.name for one in found if isinstance(one.dataset.of, Stream)})
    return DatasetsOut(
        datasets=[_dataset_out(one, gone) for one in found],
        formats=list(FORMATS),
        most_rows=means.most_rows,
        most_days=means.most_days,
    )


def _dataset_out(offer: Offer, gone: Mapping[str, int]) -> DatasetOut:
    dataset = offer.dataset
    stream, question = (dataset.of, None) if isinstance(dataset.of, Stream) else (None, dataset.of)
    purged = None if stream is None else gone.get(stream.name)
    return DatasetOut(
        **{"from": None if offer.first_day is None else date_of(offer.first_day)},
        name=dataset.name,
        about=dataset.about,
        stream=None if stream is None else stream.name,
        grain=None if question is None else question.grain,
        metrics=[] if question is None else [metric.name for metric in question.metrics],
        columns=list(offer.columns),
        personal=list(offer.personal),
        filters=list(offer.filters),
        takes=[_filter_out(dataset, name) for name in offer.filters],
        purged_to=None if purged is None else date_of(purged),
        needs=list(offer.needs),
    )


def _filter_out(dataset: Dataset, name: str) -> FilterOut:
    match filtered_by(dataset, name):
        case Choice(options=options):
            return FilterOut(name=name, kind="choice", options=list(options))
        case Boolean():
            return FilterOut(name=name, kind="boolean", options=[])
        case Integer():
            return FilterOut(name=name, kind="integer", options=[])
        case None:
            return FilterOut(name=name, kind="subject", options=[])
        case _:
            return FilterOut(name=name, kind="text", options=[])
