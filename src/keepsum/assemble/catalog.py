"""Where packs are found: those that ship or are installed, by entry point, and the user's own, by folder."""

import importlib.util
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib.machinery import SourceFileLoader
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import CodeType

from keepsum.engine.tell import tell
from keepsum.model.catalog import Catalog, Pack
from keepsum.model.errors import Invalid, NotFound
from keepsum.settings import Settings, of_packs

GROUP = "keepsum.packs"


def find_catalog(settings: Settings, packs: Sequence[str] | None = None) -> Catalog:
    """Give the declarations of packs, by default of the enabled, as the install's settings make them.

    Raises `UNKNOWN_PACK`, `BAD_PACK` and `BAD_SETTING`.
    """
    own = _own(settings.packs)
    chosen = settings.enabled if packs is None else packs
    names = tuple(sorted(own)) if chosen is None else chosen
    shipped = {} if own.keys() >= set(names) else _shipped()  # which asks everything that is installed
    unknown = [name for name in names if name not in shipped and name not in own]
    if unknown:
        known = ", ".join(sorted({*shipped, *own})) or "none"
        raise NotFound("UNKNOWN_PACK", f"There is no pack {unknown[0]!r}; known: {known}.")
    loads = {name: partial(_load, name, own[name]) if name in own else shipped[name].load for name in names}
    found = [_pack(name, load) for name, load in loads.items()]
    return Catalog(tuple(tell(pack, lambda name=pack.name: of_packs(found)[name]) for pack in found))


def pack_names(settings: Settings) -> tuple[str, ...]:
    """Give the names of all packs there are, enabled or not."""
    return tuple(sorted({*_shipped(), *_own(settings.packs)}))


def _shipped() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _own(folder: Path) -> dict[str, Path]:
    files = [p for p in folder.glob("*.py") if not p.stem.startswith("_")]
    return {path.stem: path for path in sorted([*files, *(p.parent for p in folder.glob("*/__init__.py"))])}


class _Text(SourceFileLoader):
    """Reads what a pack says now: what was compiled of it may be older, where both were written in one second."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def _load(name: str, path: Path) -> object:
    """Import a pack from the user's folder, under a name of its own."""
    file = path if path.suffix == ".py" else path / "__init__.py"
    folder = None if path.suffix == ".py" else [str(path)]
    loader = _Text(f"keepsum_pack_{name}", str(file))
    spec = importlib.util.spec_from_file_location(loader.name, file, loader=loader, submodule_search_locations=folder)
    if spec is None:
        raise ImportError(f"nothing imports {str(file)!r}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    loader.exec_module(module)
    return module


def _pack(name: str, load: Callable[[], object]) -> Pack:
    try:
        module = load()
    except Exception as error:
        raise Invalid("BAD_PACK", f"The pack {name!r} fails on import: {type(error).__name__}: {error}.") from error
    pack = getattr(module, "PACK", None)
    if not isinstance(pack, Pack):
        raise Invalid("BAD_PACK", f"The pack {name!r} has no PACK = Pack(...).")
    if pack.name != name:
        raise Invalid("BAD_PACK", f"The pack {name!r} calls itself {pack.name!r}: give both the same name.")
    return pack
