"""Rules about datasets: what they are of is declared, their columns are there, and filters tell of nobody by name."""

from collections.abc import Iterator

from keepsum.engine.lint.finding import Hits, groupable, nodes
from keepsum.model.catalog import Catalog
from keepsum.model.day import Grain
from keepsum.model.export import Dataset, Question
from keepsum.model.rollup import MeasureOf
from keepsum.model.stream import PUBLIC, SECRET, Stream


def datasets(catalog: Catalog) -> Iterator[Dataset]:
    """Give every declared dataset."""
    return (one for pack in catalog.packs for one in pack.datasets)


def of_dataset(dataset: Dataset) -> str:
    """Name a dataset."""
    return f"dataset {dataset.name!r}"


def dataset_of_other_catalog(catalog: Catalog) -> Hits:
    """A dataset is of a stream, or of metrics, that are declared exactly so in this catalog."""
    for dataset in datasets(catalog):
        if isinstance(dataset.of, Stream):
            if catalog.streams.get(dataset.of.name) != dataset.of:
                yield of_dataset(dataset), f"its stream {dataset.of.name!r} is not declared so: declare it in a pack"
            continue
        for metric in dataset.of.metrics:
            if catalog.metrics.get(metric.name) != metric:
                yield of_dataset(dataset), f"its metric {metric.name!r} is not declared so: declare it in a pack"


def dataset_columns(catalog: Catalog) -> Hits:
    """A dataset of records lists what they carry, each once, and nothing secret; one of figures lists no columns."""
    for dataset in datasets(catalog):
        if not isinstance(dataset.of, Stream):
            if dataset.columns:
                yield of_dataset(dataset), "it has the columns of its question: leave columns= out"
            continue
        known = {*dataset.of.names()}
        secret = {one.name for one in dataset.of.fields if one.exposure is SECRET}
        for name in dict.fromkeys(dataset.columns):
            if name not in known:
                yield of_dataset(dataset), f"stream {dataset.of.name!r} has no {name!r}: list what its records carry"
            elif name in secret:
                yield of_dataset(dataset), f"{name!r} is secret, and never stored: remove it"
            if dataset.columns.count(name) > 1:
                yield of_dataset(dataset), f"the column {name!r} is there twice: remove one"


def dataset_question(catalog: Catalog) -> Hits:
    """A dataset of figures asks for metrics, by dimensions that each of their streams has, at a grain there is."""
    for dataset in datasets(catalog):
        if isinstance(dataset.of, Question):
            yield from ((of_dataset(dataset), wrong) for wrong in _wrongs(dataset.of))


def _wrongs(question: Question) -> Iterator[str]:
    if not question.metrics:
        yield "it asks for no metric: name one"
    if question.grain not in list(Grain):
        yield f"grain={question.grain!r} is unknown: say one of {', '.join(Grain)}"
    if question.basis not in ("origin", "booked"):
        yield f"basis={question.basis!r} is unknown: say 'origin' or 'booked'"
    for name in dict.fromkeys((*question.by, *(name for name, _ in question.where))):
        for stream in _streams(question):
            if not _is_dimension(stream, name):
                yield f"{name!r} is no dimension of stream {stream.name!r}: ask by public fields"


def dataset_filters(catalog: Catalog) -> Hits:
    """A dataset is filtered by dimensions; one of records also by its subject, and by no other personal value."""
    for dataset in datasets(catalog):
        is_of_records = isinstance(dataset.of, Stream)
        streams = [dataset.of] if isinstance(dataset.of, Stream) else list(_streams(dataset.of))
        for name in dict.fromkeys(dataset.filters):
            for stream in streams:
                if not (_is_dimension(stream, name) or (is_of_records and name == stream.subject)):
                    message = f"{name!r} is no dimension of stream {stream.name!r}, nor its subject: remove the filter"
                    yield of_dataset(dataset), message
            if dataset.filters.count(name) > 1:
                yield of_dataset(dataset), f"the filter {name!r} is there twice: remove one"


def _streams(question: Question) -> Iterator[Stream]:
    read = (node for metric in question.metrics for node in nodes(metric) if isinstance(node, MeasureOf))
    yield from {leaf.rollup.of.name: leaf.rollup.of for leaf in read}.values()


def _is_dimension(stream: Stream, name: str) -> bool:
    declared = stream.field(name)
    return declared is not None and declared.exposure is PUBLIC and groupable(declared)
