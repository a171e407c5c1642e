"""The dependency graph as it is written down, checked: `lattice.json` in, a `Lattice` out.

    {"id": "city-lattice", "name": "City lattice", "topic": "project",
     "nodes": [{"id": "survey", "name": "Survey the ground", "requires": [], "data": ["ground_map"]},
               {"id": "plan", "name": "Plan the streets", "requires": ["survey"], "data": ["street_plan"],
                "group": "operations"}]}

`data` names the variables a project delivers to those that require it. A project is work of `topic` (its own, else
the file's) for a machine, or, with `group`, a user task for the people of that group.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# An id becomes an XML id, and other elements' ids are made from it.
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
# What flows is stored in variables, which scripts of the process may read by name.
_DATA = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


class LatticeRefused(ValueError):
    """The graph cannot be drawn; `faults` says everything that is wrong with it."""

    def __init__(self, faults: list[str]):
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Project:
    """One node: it begins when everything it requires is done, and delivers `data`."""

    id: str
    name: str
    requires: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    topic: str = "project"
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Lattice:
    """A graph without cycles; `projects` in the order in which they were written."""

    id: str
    name: str
    projects: tuple[Project, ...]

    def consumers(self, id: str) -> list[Project]:
        """The projects that require this one."""
        return [project for project in self.projects if id in project.requires]

    def layers(self) -> list[list[Project]]:
        """Layer by layer: each project one further than the furthest that it requires."""
        depth: dict[str, int] = {}
        waiting = list(self.projects)
        while waiting:
            for project in [each for each in waiting if all(id in depth for id in each.requires)]:
                depth[project.id] = 1 + max((depth[id] for id in project.requires), default=-1)
                waiting.remove(project)
        layers: list[list[Project]] = [[] for _ in range(1 + max(depth.values()))]
        for project in self.projects:
            layers[depth[project.id]].append(project)
        return layers


def read(text: str | bytes) -> Lattice:
    """A lattice from JSON text."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise LatticeRefused([f"this is not JSON: {error}"]) from error
    return parse(document)


def parse(document: object) -> Lattice:
    """A lattice from the decoded JSON; raises LatticeRefused with every fault found."""
    if not isinstance(document, Mapping) or not isinstance(document.get("nodes"), list):
        raise LatticeRefused(['a lattice is an object with a list "nodes"'])
    faults = [f'unknown key "{key}"' for key in document if key not in ("id", "name", "topic", "nodes")]
    id = _text(document, "id", "the lattice", faults, default="lattice")
    if not _ID.fullmatch(id):
        faults.append(f'the lattice: "id" {id!r} must begin with a letter and hold letters, digits, "-" and "_" only')
    topic = _text(document, "topic", "the lattice", faults, default="project")
    projects = [_project(node, place, topic, faults) for place, node in enumerate(document["nodes"], start=1)]
    if not projects:
        faults.append("a lattice needs at least one node")
    if not faults:
        faults = _faults_between(projects)
    if faults:
        raise LatticeRefused(faults)
    return Lattice(id, _text(document, "name", "the lattice", faults, default=id), tuple(projects))


def _project(node: object, place: int, topic: str, faults: list[str]) -> Project:
    where = f"node {place}"
    if not isinstance(node, Mapping):
        faults.append(f"{where} is not an object")
        return Project("", "")
    id = _text(node, "id", where, faults)
    if id:
        where = f"project {id!r}"
        if not _ID.fullmatch(id):
            faults.append(f'{where}: an id begins with a letter and holds letters, digits, "-" and "_" only')
    known = ("id", "name", "requires", "data", "topic", "group")
    faults += [f'{where}: unknown key "{key}"' for key in node if key not in known]
    data = _texts(node, "data", where, faults)
    faults += [
        f"{where}: data {name!r} must begin with a letter and hold letters, digits and _ only"
        for name in data
        if not _DATA.fullmatch(name)
    ]
    group = _text(node, "group", where, faults, default="") or None
    if group and "topic" in node:
        faults.append(f'{where}: either "topic" (a machine works on it) or "group" (people do), not both')
    return Project(
        id=id,
        name=_text(node, "name", where, faults, default=id),
        requires=_texts(node, "requires", where, faults),
        data=data,
        topic=_text(node, "topic", where, faults, default=topic),
        group=group,
    )


def _faults_between(projects: list[Project]) -> list[str]:
    faults: list[str] = []
    ids: set[str] = set()
    producers: dict[str, str] = {}
    for project in projects:
        if project.id in ids:
            faults.append(f"two projects have the id {project.id!r}")
        ids.add(project.id)
        for name in project.data:
            if name in producers:
                faults.append(f"data {name!r} comes from {producers[name]!r} and from {project.id!r}: name it once")
            producers[name] = project.id
    for project in projects:
        for required in project.requires:
            if required == project.id:
                faults.append(f"project {project.id!r} requires itself")
            elif required not in ids:
                near = difflib.get_close_matches(required, ids, n=1)
                hint = f"; is {near[0]!r} meant?" if near else ""
                faults.append(f"project {project.id!r} requires {required!r}, which does not exist{hint}")
    if not faults and (cycle := _cycle(projects)):
        faults.append(f"these projects wait for one another for ever: {' requires '.join(map(repr, cycle))}")
    return faults


def _cycle(projects: list[Project]) -> list[str]:
    """A ring of requirements, its first id again at the end; empty when there is none."""
    requires = {project.id: project.requires for project in projects}
    # Whatever can never begin is on a ring or behind one; walking requirements among those must come round.
    left = set(requires)
    while free := {id for id in left if not any(required in left for required in requires[id])}:
        left -= free
    if not left:
        return []
    path = [next(id for id in requires if id in left)]
    while True:
        following = next(required for required in requires[path[-1]] if required in left)
        if following in path:
            return [*path[path.index(following) :], following]
        path.append(following)


def _text(of: Mapping[str, Any], key: str, where: str, faults: list[str], default: str | None = None) -> str:
    value = of.get(key, default)
    if isinstance(value, str) and (value.strip() or default is not None):
        return value.strip()
    faults.append(f'{where}: "{key}" must be a text' + ("" if default is not None else " that is not empty"))
    return ""


def _texts(of: Mapping[str, Any], key: str, where: str, faults: list[str]) -> tuple[str, ...]:
    values = of.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        faults.append(f'{where}: "{key}" must be a list of texts')
        return ()
    faults += [
        f'{where}: "{key}" names {value!r} twice' for value in sorted({v for v in values if values.count(v) > 1})
    ]
    return tuple(values)
