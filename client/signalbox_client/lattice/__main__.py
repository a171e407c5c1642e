"""`signalbox-lattice lattice.json [lattice.bpmn]`: the diagram of a dependency graph, to a file or to the terminal."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from signalbox_client.lattice.diagram import draw
from signalbox_client.lattice.graph import LatticeRefused, read


def main(arguments: list[str] | None = None) -> int:
    """Draw; 0 when it could be drawn, 1 with every fault named when not."""
    parser = argparse.ArgumentParser(prog="signalbox-lattice", description=__doc__)
    parser.add_argument("lattice", type=Path, help="the graph, as JSON")
    parser.add_argument("diagram", type=Path, nargs="?", help="where the BPMN goes; left out: to the terminal")
    options = parser.parse_args(arguments)
    try:
        diagram = draw(read(options.lattice.read_bytes()))
    except OSError as error:
        print(f"{options.lattice}: {error.strerror}", file=sys.stderr)
        return 1
    except LatticeRefused as refused:
        for fault in refused.faults:
            print(f"{options.lattice}: {fault}", file=sys.stderr)
        return 1
    if options.diagram is None:
        sys.stdout.write(diagram)
    else:
        options.diagram.write_text(diagram, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
