"""Where everything stands: layers from left to right, long flows on rows of their own, every bend in its own lane.

A project takes one row of its layer: its join, its task, its split. A flow that passes over a layer takes a thin row
there, so it runs through no shape. Between two layers lies a channel, in which each flow that changes its row has a
vertical lane to itself. Rows are ordered so that flows cross as little as a few sweeps can bring about.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import fmean

from signalbox_client.lattice.graph import Lattice, Project

TASK_WIDTH, TASK_HEIGHT, GATEWAY, EVENT = 100, 80, 50, 36
ROW, PASSING_ROW = 140, 40
LANE, MARGIN, STEP, LABEL_STEP = 16, 30, 30, 110
LEFT, TOP = 160, 80

Row = tuple[str, str]
"""("project", its id), or ("passing", the id of the project whose flow passes here)."""
Point = tuple[int, int]


@dataclass(slots=True)
class Spot:
    """The middle of a project's parts; a part that it does not need is None."""

    y: int
    join: int | None
    task: int
    split: int | None

    @property
    def entry(self) -> Point:
        """Where flows arrive."""
        if self.join is not None:
            return self.join - GATEWAY // 2, self.y
        return self.task - TASK_WIDTH // 2, self.y

    @property
    def exit(self) -> Point:
        """Where flows leave."""
        if self.split is not None:
            return self.split + GATEWAY // 2, self.y
        return self.task + TASK_WIDTH // 2, self.y


@dataclass(slots=True)
class Layout:
    """Spots by project id, and the way of each flow by (from, to); START and END stand for the two ends."""

    spots: dict[str, Spot] = field(default_factory=dict)
    ways: dict[tuple[str, str], list[Point]] = field(default_factory=dict)
    start: Spot = field(default_factory=lambda: Spot(0, None, 0, None))
    end: Spot = field(default_factory=lambda: Spot(0, None, 0, None))


START, END = "", "\N{END OF TEXT}"  # no project can be named so


def lay_out(lattice: Lattice) -> Layout:
    """Spots and ways for every project and flow of the lattice."""
    layers = lattice.layers()
    rows = _rows(lattice, layers)
    hops = _hops(rows, lattice)
    _order(rows, hops)
    heights = _heights(rows, hops)
    return _place(lattice, rows, hops, heights)


def _flows(lattice: Lattice) -> list[tuple[str, str]]:
    flows = [(required, project.id) for project in lattice.projects for required in project.requires]
    flows += [(START, project.id) for project in lattice.projects if not project.requires]
    flows += [(project.id, END) for project in lattice.projects if not lattice.consumers(project.id)]
    return flows


def _rows(lattice: Lattice, layers: list[list[Project]]) -> list[list[Row]]:
    """The rows of each layer, the start before the first layer and the end behind the last."""
    depth = {project.id: place for place, layer in enumerate(layers, start=1) for project in layer}
    depth |= {START: 0, END: len(layers) + 1}
    rows: list[list[Row]] = [[("project", START)]]
    rows += [[("project", project.id) for project in layer] for layer in layers]
    rows.append([("project", END)])
    for source, target in _flows(lattice):
        for between in range(depth[source] + 1, depth[target]):
            if ("passing", source) not in rows[between]:
                rows[between].append(("passing", source))
    return rows


def _hops(rows: list[list[Row]], lattice: Lattice) -> list[list[tuple[Row, Row]]]:
    """For each channel (the one before layer `n` is number `n`) the rows that flows go from and to."""
    hops: list[list[tuple[Row, Row]]] = [[] for _ in rows]
    place = {row[1]: number for number, layer in enumerate(rows) for row in layer if row[0] == "project"}
    for source, target in _flows(lattice):
        at: Row = ("project", source)
        for number in range(place[source] + 1, place[target] + 1):
            to: Row = ("project", target) if number == place[target] else ("passing", source)
            if (at, to) not in hops[number]:
                hops[number].append((at, to))
            at = to
    return hops


def _order(rows: list[list[Row]], hops: list[list[tuple[Row, Row]]]) -> None:
    """Sort the rows of each layer by where their neighbours are, to and fro; keep the order that crosses least."""
    best, fewest = [list(layer) for layer in rows], _crossings(rows, hops)
    for sweep in range(12):
        forward = sweep % 2 == 0
        for number in range(1, len(rows)) if forward else range(len(rows) - 2, -1, -1):
            beside = rows[number - 1 if forward else number + 1]
            pairs = hops[number] if forward else [(to, at) for at, to in hops[number + 1]]
            position = {row: place for place, row in enumerate(beside)}
            here = {row: place for place, row in enumerate(rows[number])}
            rows[number].sort(key=lambda row: fmean([position[at] for at, to in pairs if to == row] or [here[row]]))
        crossings = _crossings(rows, hops)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in rows], crossings
    rows[:] = best


def _crossings(rows: list[list[Row]], hops: list[list[tuple[Row, Row]]]) -> int:
    count = 0
    for number in range(1, len(rows)):
        left = {row: place for place, row in enumerate(rows[number - 1])}
        right = {row: place for place, row in enumerate(rows[number])}
        ends = [(left[at], right[to]) for at, to in hops[number]]
        count += sum((a - c) * (b - d) < 0 for place, (a, b) in enumerate(ends) for c, d in ends[place + 1 :])
    return count


def _heights(rows: list[list[Row]], hops: list[list[tuple[Row, Row]]]) -> dict[tuple[int, Row], int]:
    """The middle of each row: near its neighbours on both sides, apart from the rows above and below."""
    y: dict[tuple[int, Row], float] = {}
    for number, layer in enumerate(rows):
        tops = [sum(map(_room, layer[:place])) + _room(row) / 2 for place, row in enumerate(layer)]
        middle = sum(map(_room, layer)) / 2
        y |= {(number, row): top - middle for row, top in zip(layer, tops, strict=True)}
    for sweep in range(10):
        for number in range(1, len(rows)) if sweep % 2 == 0 else range(len(rows) - 2, -1, -1):
            layer, wanted = rows[number], []
            for row in layer:
                beside = [y[number - 1, at] for at, to in hops[number] if to == row]
                if number + 1 < len(rows):
                    beside += [y[number + 1, to] for at, to in hops[number + 1] if at == row]
                wanted.append(fmean(beside or [y[number, row]]))
            placed = _apart(layer, wanted)
            y |= {(number, row): each for row, each in zip(layer, placed, strict=True)}
    top = min(y[number, row] - _room(row) / 2 for number, layer in enumerate(rows) for row in layer)
    return _straighten(rows, {key: round((each - top) / 10) * 10 + TOP for key, each in y.items()})


def _straighten(rows: list[list[Row]], y: dict[tuple[int, Row], int]) -> dict[tuple[int, Row], int]:
    """Put the start and the end level with a row beside them that is almost level: no flow bends for a few pixels."""
    for number, beside in ((0, 1), (len(rows) - 1, len(rows) - 2)):
        (row,) = rows[number]
        nearest = min((y[beside, each] for each in rows[beside]), key=lambda level: abs(level - y[number, row]))
        if abs(nearest - y[number, row]) < ROW // 4:
            y[number, row] = nearest
    return y


def _apart(layer: list[Row], wanted: list[float]) -> list[float]:
    """Rows in their order, each with room; as near to what is wanted as a common shift can bring them."""
    placed: list[float] = []
    for place, row in enumerate(layer):
        least = placed[-1] + (_room(layer[place - 1]) + _room(row)) / 2 if placed else wanted[place]
        placed.append(max(wanted[place], least))
    shift = fmean(want - have for want, have in zip(wanted, placed, strict=True))
    return [each + shift for each in placed]


def _room(row: Row) -> int:
    return ROW if row[0] == "project" else PASSING_ROW


def _place(
    lattice: Lattice,
    rows: list[list[Row]],
    hops: list[list[tuple[Row, Row]]],
    heights: dict[tuple[int, Row], int],
) -> Layout:
    layout = Layout()
    projects = {project.id: project for project in lattice.projects}
    lanes: dict[tuple[int, Row, Row], int] = {}
    x = LEFT
    for number, layer in enumerate(rows):
        bends = _bends(number, hops[number], heights)
        for place, (at, to) in enumerate(bends):
            lanes[number, at, to] = x + MARGIN + place * LANE
        if number:
            x += 2 * MARGIN + max(len(bends) - 1, 0) * LANE
        here = [projects[id] for kind, id in layer if kind == "project" and id in projects]
        if number == 0:
            spot = layout.start = Spot(heights[0, layer[0]], None, x, None)
            x += EVENT // 2
            if sum(not project.requires for project in lattice.projects) > 1:
                spot.split = x + STEP + GATEWAY // 2
                x += STEP + GATEWAY
        elif number == len(rows) - 1:
            spot = layout.end = Spot(heights[number, layer[0]], None, 0, None)
            if sum(not lattice.consumers(project.id) for project in lattice.projects) > 1:
                spot.join = x + GATEWAY // 2
                x += GATEWAY + STEP
            spot.task = x + EVENT // 2
        else:
            x = _place_layer(layout, lattice, here, {p.id: heights[number, ("project", p.id)] for p in here}, x)
    for source, target in _flows(lattice):
        layout.ways[source, target] = _way(source, target, layout, rows, heights, lanes)
    return layout


def _place_layer(layout: Layout, lattice: Lattice, here: list[Project], y: dict[str, int], x: int) -> int:
    """Give each project of a layer its spot; the answer is the layer's right edge."""
    joins = any(len(project.requires) > 1 for project in here)
    splits = any(len(lattice.consumers(project.id)) > 1 for project in here)
    labels = any(project.data for project in here)
    join = x + GATEWAY // 2
    task = x + (GATEWAY + STEP if joins else 0) + TASK_WIDTH // 2
    split = task + TASK_WIDTH // 2 + (LABEL_STEP if labels else STEP) + GATEWAY // 2
    for project in here:
        layout.spots[project.id] = Spot(
            y[project.id],
            join if len(project.requires) > 1 else None,
            task,
            split if len(lattice.consumers(project.id)) > 1 else None,
        )
    if splits:
        return split + GATEWAY // 2
    return task + TASK_WIDTH // 2 + (LABEL_STEP - MARGIN if labels else 0)


def _bends(number: int, hops: list[tuple[Row, Row]], heights: dict[tuple[int, Row], int]) -> list[tuple[Row, Row]]:
    """The hops of a channel that change their row, in the order of their lanes: those that go down, lowest first,
    then those that go up, highest first. So two that go the same way do not cross."""
    down, up = [], []
    for at, to in hops:
        before, after = heights[number - 1, at], heights[number, to]
        if before < after:
            down.append((-before, (at, to)))
        elif before > after:
            up.append((before, (at, to)))
    return [hop for _, hop in sorted(down)] + [hop for _, hop in sorted(up)]


def _way(
    source: str,
    target: str,
    layout: Layout,
    rows: list[list[Row]],
    heights: dict[tuple[int, Row], int],
    lanes: dict[tuple[int, Row, Row], int],
) -> list[Point]:
    place = {row[1]: number for number, layer in enumerate(rows) for row in layer if row[0] == "project"}
    if source == START:
        start = layout.start
        x = start.split + GATEWAY // 2 if start.split is not None else start.task + EVENT // 2
        points = [(x, start.y)]
    else:
        points = [layout.spots[source].exit]
    at: Row = ("project", source)
    for number in range(place[source] + 1, place[target] + 1):
        to: Row = ("project", target) if number == place[target] else ("passing", source)
        if (number, at, to) in lanes:
            lane = lanes[number, at, to]
            points += [(lane, heights[number - 1, at]), (lane, heights[number, to])]
        at = to
    if target == END:
        end = layout.end
        x = end.join - GATEWAY // 2 if end.join is not None else end.task - EVENT // 2
        points.append((x, end.y))
    else:
        points.append(layout.spots[target].entry)
    return points
