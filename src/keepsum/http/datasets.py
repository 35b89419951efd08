"""`/v1/datasets`: what may be exported by whoever asks."""

import datetime as dt
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from keepsum.engine.exporting import Offer
from keepsum.http.parameters import StrictRoute, Sys, Who, needs
from keepsum.http.problems import documented
from keepsum.model.access import Permission
from keepsum.model.day import date_of
from keepsum.model.export import FORMATS
from keepsum.model.stream import Stream
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
            "filters": ["direction"],
            "from": "2026-01-01",
            "needs": ["export", "read", "small_groups"],
        }
    ],
    "formats": list(FORMATS),
    "most_rows": 100_000,
    "most_days": 365,
}

router = APIRouter(tags=["exports"], route_class=StrictRoute)


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
    filters: list[str] = Field(description="What the caller may narrow it by.")
    first: dt.date | None = Field(alias="from", description="The first day that is shown to the caller; null for all.")
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
    return DatasetsOut(
        datasets=[_dataset_out(one) for one in exports.offers(means, who)],
        formats=list(FORMATS),
        most_rows=means.most_rows,
        most_days=means.most_days,
    )


def _dataset_out(offer: Offer) -> DatasetOut:
    dataset = offer.dataset
    return DatasetOut(
        **{"from": None if offer.first_day is None else date_of(offer.first_day)},
        name=dataset.name,
        about=dataset.about,
        stream=dataset.of.name if isinstance(dataset.of, Stream) else None,
        grain=None if isinstance(dataset.of, Stream) else dataset.of.grain,
        columns=list(offer.columns),
        personal=list(offer.personal),
        filters=list(offer.filters),
        needs=list(offer.needs),
    )
