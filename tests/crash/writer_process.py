"""The process that writes for a server, told to die on the way: `main` is given a folder with a file `deaths`.

Each process takes the first line of it, the number of the step that kills it (see `spine_process`); where no line is
left it lives, and leaves in the file `steps` how many there were.
"""

from pathlib import Path

from tests.crash.spine_process import Steps

from keepsum.assemble import writing


def main(folder):
    deaths, steps = Path(folder, "deaths"), Path(folder, "steps")
    numbers = deaths.read_text().split()
    deaths.write_text(" ".join(numbers[1:]))
    counted = Steps(int(numbers[0]) if numbers else None)
    counted.install()
    writing.main()
    steps.write_text(str(counted.count))
