import sys

import pytest

from keepsum.assemble.catalog import find_catalog, pack_names
from keepsum.model.errors import Invalid
from keepsum.settings import load

GOOD = """from keepsum import Pack
PACK = Pack("till")
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Installs a distribution that brings a pack `till` with this source."""

    def install(source):
        (tmp_path / "till_source.py").write_text(source)
        about = tmp_path / "till-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: till\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text("[keepsum.packs]\ntill = till_source\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(sys.modules, "till_source", raising=False)

    yield install
    sys.modules.pop("till_source", None)


@pytest.fixture
def own(tmp_path):
    """Puts a pack `till` with this source into the user's folder."""

    def put(source):
        (tmp_path / "packs").mkdir()
        (tmp_path / "packs" / "till.py").write_text(source)

    return put


def found(tmp_path):
    return find_catalog(load(packs=tmp_path / "packs", enabled=("till",)))


@pytest.mark.parametrize("way", ["installed", "own"])
def test_a_pack_is_found_by_its_name(request, tmp_path, way):
    request.getfixturevalue(way)(GOOD)
    assert [pack.name for pack in found(tmp_path).packs] == ["till"]
    assert "till" in pack_names(load(packs=tmp_path / "packs"))


@pytest.mark.parametrize("way", ["installed", "own"])
@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import nothing_of_this_name", "fails on import: ModuleNotFoundError: No module named 'nothing_of_this_name'"),
        ("PACK = ", "fails on import: SyntaxError"),
        ("PACK = 1 / 0", "fails on import: ZeroDivisionError"),
        (
            "from keepsum.model.errors import Invalid\nraise Invalid('BAD_FILTER', 'no')",
            "fails on import: Invalid: BAD_FILTER",
        ),
        ("", "has no PACK = Pack"),
        (GOOD.replace("till", "desk"), "calls itself 'desk': give both the same name"),
    ],
)
def test_a_pack_that_cannot_be_one_is_named_with_what_is_wrong(request, tmp_path, way, source, why):
    request.getfixturevalue(way)(source)
    with pytest.raises(Invalid, match=f"^BAD_PACK: The pack 'till' {why}"):
        found(tmp_path)
