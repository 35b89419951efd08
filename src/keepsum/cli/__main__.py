"""`python -m keepsum.cli` is `keepsum`."""

import sys

from keepsum.cli import main

if __name__ == "__main__":
    sys.exit(main())
