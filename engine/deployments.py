"""Deployments: checked files become versions of process definitions, all of them or none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

import bpmn
from engine import commands, start_points
from engine.actors import Actor
from engine.decisions import Answer, Decision, Write
from engine.errors import Invalid, Refused, TooLarge
from engine.ids import new_id
from engine.reading import Reading
from engine.records import CheckResult, Deployment, Problem, ProcessDefinition
from engine.settings import Settings
from engine.store import deployments
from engine.views.definitions import definition_record
from engine.work import UnitOfWork

DIAGRAMS = (".bpmn", ".xml")


#: What the language runs and this engine has no jobs, stores or doors for.
NOT_SERVED = frozenset({"conditional_start", "parallel_multiple_start"})


@dataclass(frozen=True, slots=True)
class _Checked:
    """A file without errors."""

    name: str
    content: bytes
    digest: str
    definitions: tuple[bpmn.ProcessDefinition, ...]


def check(command: commands.CheckDiagram, actor: Actor, reading: Reading, settings: Settings) -> Decision:
    """What a deployment would say of the diagram."""
    _fits("the diagram", command.content, settings)
    problems = [_problem(problem, None) for problem in bpmn.check(command.content, NOT_SERVED, settings.data_stores)]
    return Answer(CheckResult(deployable=all(one.severity != "error" for one in problems), problems=problems))


class _Row(NamedTuple):
    """A definition's row before it is stored."""

    id: str
    tenant_id: str
    key: str
    version: int
    name: str
    deployment_id: str
    file_name: str
    sha256: str
    deployed_at: datetime
    deployed_by: str


def deploy(
    command: commands.Deploy, actor: Actor, reading: Reading, settings: Settings, evaluator: bpmn.Evaluator
) -> Decision:
    """Parse with no lock held, then give out versions; every error of every file is reported at once."""
    if not command.files:
        raise Invalid("a deployment needs at least one file", errors=[{"field": "files", "message": "is empty"}])
    if len(command.files) > settings.max_files:
        raise TooLarge(f"a deployment takes at most {settings.max_files} files", limit=settings.max_files)
    for file in command.files:
        _fits(file.name, file.content, settings)
    checked, problems = _check_all(command.files, settings)
    if any(problem.severity == "error" for problem in problems):
        errors = sum(problem.severity == "error" for problem in problems)
        raise Refused(
            f"nothing was deployed: {errors} error{'s' if errors > 1 else ''} in the files", problems=problems
        )
    name = command.name or ", ".join(file.name for file in checked)[:255]
    openings = {
        definition.key: start_points.openings(definition, evaluator, reading.clock.now())
        for file in checked
        for definition in file.definitions
    }
    return Write(lambda work: _store(work, checked, problems, name, actor, openings))


def _fits(name: str, content: bytes, settings: Settings) -> None:
    if len(content) > settings.max_file_bytes:
        raise TooLarge(
            f"{name} has {len(content):,} bytes; at most {settings.max_file_bytes:,} are taken",
            limit=settings.max_file_bytes,
        )


def _check_all(files: tuple[commands.UploadedFile, ...], settings: Settings) -> tuple[list[_Checked], list[Problem]]:
    checked: list[_Checked] = []
    problems: list[Problem] = []
    names: set[str] = set()
    owners: dict[str, str] = {}
    for file in files:
        if file.name in names:
            _refuse(problems, file.name, "duplicate_file", f"Two files are named {file.name}.")
            continue
        names.add(file.name)
        if not file.name or len(file.name) > 255 or "\x00" in file.name:
            _refuse(problems, file.name, "file_name", "A file's name must have 1 to 255 characters.")
            continue
        if not file.name.lower().endswith(DIAGRAMS):
            _refuse(
                problems,
                file.name,
                "file_type",
                f"{file.name} is no diagram; its name should end with {' or '.join(DIAGRAMS)}.",
            )
            continue
        try:
            document = bpmn.parse(file.content, NOT_SERVED, settings.data_stores)
        except bpmn.DocumentRefused as refused:
            problems += [_problem(problem, file.name) for problem in refused.problems]
            continue
        problems += [_problem(problem, file.name) for problem in document.problems]
        for definition in document.definitions:
            if len(definition.key) > 255:
                _refuse(
                    problems, file.name, "long_key", "A process id may have at most 255 characters.", definition.key
                )
            other = owners.setdefault(definition.key, file.name)
            if other != file.name:
                _refuse(
                    problems,
                    file.name,
                    "duplicate_process",
                    f"The process {definition.key} is also in {other}.",
                    definition.key,
                )
        digest = sha256(file.content).hexdigest()
        checked.append(_Checked(file.name, file.content, digest, document.definitions))
    return checked, problems


def _refuse(problems: list[Problem], file: str, code: str, message: str, element_id: str | None = None) -> None:
    problems.append(Problem(code=code, message=message, element_id=element_id, file=file))


def _problem(problem: bpmn.Problem, file: str | None) -> Problem:
    return Problem(
        code=problem.code,
        message=problem.message,
        severity=problem.severity,
        element_id=problem.element_id,
        line=problem.line,
        file=file,
    )


def _store(
    work: UnitOfWork,
    checked: list[_Checked],
    problems: list[Problem],
    name: str,
    actor: Actor,
    openings: dict[str, list[start_points.Opening]],
) -> Deployment:
    connection, tenant_id = work.connection, actor.tenant_id
    deployments.one_at_a_time(connection, tenant_id)
    deployment: dict[str, Any] = {
        "id": new_id(),
        "tenant_id": tenant_id,
        "name": name,
        "deployed_at": work.now,
        "deployed_by": actor.name,
    }
    listed: list[ProcessDefinition] = []
    files: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    latest_before: dict[str, Any] = {}
    for file in checked:
        latest = {one.key: deployments.latest(connection, tenant_id, one.key) for one in file.definitions}
        if all(row is not None and row.sha256 == file.digest for row in latest.values()):
            listed += [definition_record(latest[one.key], one) for one in file.definitions]
            continue
        files.append(
            {
                "deployment_id": deployment["id"],
                "name": file.name,
                "content": file.content,
                "sha256": file.digest,
            }
        )
        for one in file.definitions:
            before = latest_before[one.key] = latest[one.key]
            row = _Row(
                id=new_id(),
                tenant_id=tenant_id,
                key=one.key,
                version=before.version + 1 if before is not None else 1,
                name=one.name[:255],
                deployment_id=deployment["id"],
                file_name=file.name,
                sha256=file.digest,
                deployed_at=work.now,
                deployed_by=actor.name,
            )
            rows.append(row._asdict())
            listed.append(definition_record(row, one))
            work.emit(
                "definition.deployed",
                tenant_id=tenant_id,
                definition_key=one.key,
                subject_id=row.id,
                version=row.version,
                data={"name": row.name, "deployment_id": row.deployment_id},
            )
    if rows:
        deployments.add(connection, deployment, files, rows)
        start_points.replace(work, openings, [(row, latest_before[row["key"]]) for row in rows])
    else:
        # Everything stood already: the answer is the newest deployment that made any of it.
        deployment = deployments.find(connection, max(one.deployment_id for one in listed))._asdict()
    return Deployment(
        id=deployment["id"],
        name=deployment["name"],
        deployed_at=deployment["deployed_at"],
        deployed_by=deployment["deployed_by"],
        created=bool(rows),
        definitions=listed,
        problems=problems,
    )
