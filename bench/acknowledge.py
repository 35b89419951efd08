"""The server of Keepsum with a collector that keeps nothing: it decodes, checks and acknowledges, and builds no row.

`python -m bench.acknowledge` serves it in the environment of an install. It is what single events are compared with.
"""

from typing import Any

from keepsum.assemble.install import open_install
from keepsum.http import serve
from keepsum.pipeline import collect
from keepsum.pipeline.collect import Body, Collector, Deliver, Receipt
from keepsum.settings import load


class Acknowledger(Collector):
    """Acknowledges at once, in the caller's thread, what it decoded and checked."""

    def hand_over(self, stream: str, batch: Body, *, ticket: Any, deliver: Deliver, atomic: bool = False) -> None:
        del deliver, atomic
        checked = self.intake(stream).decode(batch.content, lines=batch.lines, now=self._clock())
        accepted, bad = len(checked.good), checked.rejections
        ticket.set_result(Receipt(accepted=accepted, duplicates=0, rejections=bad, rejected=len(bad)))


def main() -> None:
    collect.Collector = Acknowledger  # where `assemble` looks for it, each time a workspace is first sent records
    install = open_install(load(writer=False))
    serve.serve(install)
    install.close()


if __name__ == "__main__":
    main()
