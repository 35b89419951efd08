"""Which of an application's databases streams live in: those whose URL the install tells their pack."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from keepsum.engine.mapping import tables_read
from keepsum.model.catalog import Catalog
from keepsum.model.errors import Invalid
from keepsum.model.setting import Secret, Told
from keepsum.settings import of_packs

if TYPE_CHECKING:
    from keepsum.store.homes.attached import AttachedDatabase


def attached_databases(catalog: Catalog, told: Mapping[str, Mapping[str, Told]]) -> "Mapping[str, AttachedDatabase]":
    """Give the database of each stream that lives in one, streams of one URL sharing it; nothing is connected yet."""
    urls = {
        stream.name: url.value
        for pack in catalog.packs
        for stream in pack.streams
        if stream.attached is not None and isinstance(url := told[pack.name].get(stream.attached.url), Secret)
    }
    if not urls:
        return {}
    from keepsum.store.homes.attached import AttachedDatabase  # noqa: PLC0415 -- few installs have one

    opened = {url: AttachedDatabase(url) for url in set(urls.values())}
    return {name: opened[url] for name, url in urls.items()}


def address_of(catalog: Catalog, name: str) -> tuple[str, tuple[str, ...]]:
    """Give the address of a stream's database, as its pack is told it, and the tables that it reads, its own first.

    Raises `DATABASE_UNNAMED`.
    """
    stream = catalog.stream(name)
    pack = next(pack for pack in catalog.packs if stream in pack.streams)
    mapping = stream.attached
    url = None if mapping is None else of_packs(catalog.packs)[pack.name].get(mapping.url)
    if mapping is None or not isinstance(url, Secret):
        message = f"Stream {name!r} is not attached, or its pack is told no address: name a database with --url."
        raise Invalid("DATABASE_UNNAMED", message)
    return url.value, (mapping.table, *sorted(tables_read(stream) - {mapping.table}))
