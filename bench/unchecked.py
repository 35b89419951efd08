"""The server of Keepsum without the step that asks who is there: everybody may do everything.

`python -m bench.unchecked` serves it in the environment of an install. It is what checking a request is compared with.
"""

from typing import Any

from keepsum.assemble.install import DEFAULT, open_install
from keepsum.http import front, serve
from keepsum.model.access import machine
from keepsum.settings import load

EVERYBODY = machine(DEFAULT)


async def let_in(self: front.Front, scope: Any, said: Any) -> bool:
    """Let a request go on to its route, whoever made it and from wherever."""
    del self, said
    scope["state"] |= {"caller": EVERYBODY, "csrf": None}
    return True


def main() -> None:
    front.Front._let_in = let_in
    install = open_install(load())
    serve.serve(install)
    install.close()


if __name__ == "__main__":
    main()
