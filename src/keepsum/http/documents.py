"""The document of a dashboard, as it is sent and given."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, field_validator

from keepsum.model import dashboard as model
from keepsum.model.dashboard import Preset, TimeGrain, WidgetKind
from keepsum.model.day import date_in

Title = Annotated[str, Field(max_length=model.LONGEST_TITLE)]
About = Annotated[str, Field(max_length=model.LONGEST_ABOUT)]
Name = Annotated[str, Field(min_length=1, max_length=model.LONGEST_NAME)]
Value = Annotated[str, Field(max_length=model.LONGEST_VALUE)]
Scalar = Value | int | bool | None

DOCUMENT: dict[str, Any] = {
    "title": "Sales",
    "about": "What was sold, and where.",
    "range": {"preset": "last_28_days"},
    "grain": None,
    "compare": "previous",
    "filters": [{"dimension": "country", "values": []}],
    "refresh": 300,
    "widgets": [
        {
            "id": "revenue",
            "kind": "line",
            "title": "Revenue",
            "about": "",
            "place": {"x": 0, "y": 0, "w": 8, "h": 6},
            "query": {
                "metrics": ["revenue"],
                "by": ["country"],
                "where": {},
                "grain": None,
                "order": "-revenue",
                "top": 5,
                "totals": False,
            },
            "options": {"stacked": False, "normal": False, "comparison": True, "target": None, "text": ""},
        }
    ],
}


class Shape(BaseModel):
    """A part of a document, which has no fields beside these."""

    model_config = ConfigDict(extra="forbid")


class PresetRange(Shape):
    """A range that goes on with the days, today being its last."""

    preset: Preset


class DatesRange(Shape):
    """A range between two local dates, both included."""

    first: str = Field(alias="from", description="The first local date.")
    to: str = Field(description="The last local date, included.")

    @field_validator("first", "to")
    @classmethod
    def _date(cls, value: str) -> str:
        if date_in(value) is None:
            raise ValueError("give a date such as 2026-01-31")
        return value


def _form(value: object) -> str:
    return "dates" if isinstance(value, DatesRange) or (isinstance(value, dict) and "preset" not in value) else "preset"


Range = Annotated[Annotated[PresetRange, Tag("preset")] | Annotated[DatesRange, Tag("dates")], Discriminator(_form)]


class OfferedFilter(Shape):
    """A dimension that viewers may filter by, with the values that are set."""

    dimension: Name
    values: list[Value] = Field([], max_length=model.MOST_CHOSEN)


class Placed(Shape):
    """Where a widget lies on a grid of 12 columns."""

    x: int = Field(ge=0, lt=model.COLUMNS)
    y: int = Field(ge=0, le=model.LOWEST_ROW)
    w: int = Field(ge=1, le=model.COLUMNS)
    h: int = Field(ge=1, le=model.MOST_ROWS)


class WidgetQuestion(Shape):
    """What a widget asks over the range of its dashboard; without a grain it has that of the dashboard."""

    metrics: list[Name] = Field(min_length=1, max_length=model.MOST_METRICS)
    by: list[Name] = Field([], max_length=model.MOST_DIMENSIONS)
    where: dict[Name, Annotated[list[Scalar], Field(max_length=model.MOST_CHOSEN)]] = Field(
        {}, max_length=model.MOST_FILTERS, description="Per dimension, the values that count."
    )
    grain: TimeGrain | Literal["all"] | None = None
    order: Name | None = Field(None, description="The column that sorts, with a minus for the largest first.")
    top: int | None = Field(None, description="How many groups to list; the others become `(other)`.")
    totals: bool = False


class Options(Shape):
    """How a widget looks; `target` is a decimal number as text, `text` what a widget of kind text says."""

    stacked: bool = False
    normal: bool = Field(default=False, description="Whether parts are shown out of a hundred.")
    comparison: bool = Field(default=False, description="Whether the period before is shown beside.")
    target: str | None = Field(default=None, max_length=40)
    text: str = Field(default="", max_length=model.LONGEST_TEXT)


class Widget(Shape):
    """One figure, chart, table or text."""

    id: str = Field(pattern=r"^[a-z0-9-]{1,32}$")
    kind: WidgetKind
    title: Title = ""
    about: About = ""
    place: Placed
    query: WidgetQuestion | None = Field(None, description="Null only of a text.")
    options: Options = Options()


class Document(Shape):
    """What a dashboard is: widgets over one range of days. It is sent and kept whole."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": DOCUMENT})

    title: Title = Field(min_length=1)
    about: About = ""
    range: Range
    grain: TimeGrain | None = Field(None, description="How long a period is; null leaves it to the range.")
    compare: Literal["previous"] | None = None
    filters: list[OfferedFilter] = Field([], max_length=model.MOST_FILTERS)
    refresh: Annotated[int, Field(ge=model.SOONEST)] | Literal["live"] = model.REFRESH
    widgets: list[Widget] = Field([], max_length=100)

    def plain(self) -> dict[str, Any]:
        """Give it as plain values, all of them there."""
        return self.model_dump(by_alias=True)
