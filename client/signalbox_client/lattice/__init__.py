"""A process drawn from data: projects, what each requires, and the data that flows between them.

    lattice = read(Path("lattice.json").read_text())
    Path("lattice.bpmn").write_text(draw(lattice))

or `signalbox-lattice lattice.json lattice.bpmn`. Every project waits for all that it requires: a project with
several requirements stands behind a parallel join, one that several others require is followed by a parallel split.
The diagram is laid out in layers from left to right, so it opens in any BPMN modeler as a person would draw it.
"""

from signalbox_client.lattice.diagram import draw
from signalbox_client.lattice.graph import Lattice, LatticeRefused, Project, parse, read

__all__ = ["Lattice", "LatticeRefused", "Project", "draw", "parse", "read"]
