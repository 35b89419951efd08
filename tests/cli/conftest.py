import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.systems import SHOP, lay_out, sale

from keepsum import Pack, days
from keepsum.cli import run

NOON = "2026-02-11T12:00:00Z"  # kept for a week, the first three days of February are over
STREAM = replace(SHOP.streams[0], keep=days(7))
QUICK = Pack("shop", streams=(STREAM,), rollups=tuple(replace(rollup, of=STREAM) for rollup in SHOP.rollups))


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command said, and the code it left with."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def words(self):
        """Standard output without the air in it."""
        return " ".join(self.out.split())


@dataclass(frozen=True, kw_only=True)
class Install:
    """A small shop in a folder, reached by the command line only."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    def __call__(self, *words, clock=NOON):
        """Run one command on the install; its flags go last."""
        return self.bare(*words, *self.place, f"--clock={clock}")

    @property
    def place(self):
        """The flags that say where the install is."""
        return [
            f"--data-dir={self.folder / 'data'}",
            f"--key-dir={self.folder / 'keys'}",
            f"--packs={self.folder / 'packs'}",
        ]

    def bare(self, *words):
        """Run one command as it is."""
        self.capture.readouterr()
        code = run([str(word) for word in words])
        out, err = self.capture.readouterr()
        return Said(code=code, out=out, err=err)

    def write(self, name, records):
        """Put records into a file of JSON lines."""
        path = self.folder / name
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
        return path


@pytest.fixture
def bare(tmp_path, capsys, monkeypatch):
    """The command line in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return Install(folder=tmp_path, capture=capsys)


@pytest.fixture
def install(bare):
    """The command line on a shop without records."""
    lay_out(bare.folder, QUICK, "UTC")
    return bare


@pytest.fixture
def shop(install):
    """The command line on a shop with six sales on the first three days of February 2026."""
    sales = [sale(f"{day}-{n}", f"2026-02-0{day}", buyer=f"b{n}") for day in (1, 2, 3) for n in range(day)]
    assert install("collect", install.write("sales.ndjson", sales), "--stream=sales").code == 0
    return install


@pytest.fixture
def sealed(shop):
    """The same, sealed."""
    assert shop("roll").code == 0
    return shop
