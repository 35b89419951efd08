"""`python -m keepsum.cli` is `keepsum`."""

from keepsum.cli import main

if __name__ == "__main__":
    main()
