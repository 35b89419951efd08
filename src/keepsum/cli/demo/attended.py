"""Runs a command of Keepsum that ends when whoever started it is gone, however they went.

Its standard input is a pipe whose other end nobody else has: the system closes it when they die.
"""

import os
import signal
import threading

from keepsum.cli import main


def _end_with_input() -> None:
    # TRICKY: read by number, for a thread that waits in sys.stdin holds a lock that the interpreter wants at its end.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_end_with_input, daemon=True).start()
    main()
