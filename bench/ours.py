"""Process P on the engine in this process, with its store on SQLite (WAL, synchronous=FULL)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import process_p
from bench.process_p import Timed
from engine import Engine, Settings, commands, migrate, open_engine, queries
from engine.actors import Actor, Role

PERSON = Actor(name="bench", roles=frozenset({Role.ADMINISTRATOR}))


@contextmanager
def opened(evaluator: Timed, *, within: str | None = None, kept: int = 500) -> Iterator[Engine]:
    """An engine on a new database with process P deployed. `within`: a folder other than the system's for temporary
    files; `kept`: how many executions stay in memory between steps, 0 to restore each from its rows."""
    with tempfile.TemporaryDirectory(prefix="signalbox-bench-", dir=within) as folder:
        settings = Settings(database_url=f"sqlite:///{Path(folder) / 'bench.sqlite3'}", execution_cache=kept)
        migrate(settings)
        engine = open_engine(settings, evaluator=evaluator)
        try:
            file = commands.UploadedFile(name=process_p.FILE.name, content=process_p.FILE.read_bytes())
            engine.execute(commands.Deploy(files=(file,)), PERSON)
            yield engine
        finally:
            engine.close()


def one_instance(engine: Engine) -> str:
    """Start an instance, find its user task, complete it: the same three calls as over HTTP."""
    start = commands.StartProcessInstance(definition_key=process_p.KEY, variables=process_p.GIVEN)
    instance = engine.execute(start, PERSON).id
    (task,) = engine.read(queries.ListUserTasks(process_instance_id=instance), PERSON).items
    engine.execute(commands.CompleteUserTask(id=task.id, variables=process_p.DECIDED), PERSON)
    return str(instance)


def check(engine: Engine) -> None:
    """One more instance, and whether it came to its right end."""
    instance = one_instance(engine)
    assert engine.read(queries.GetProcessInstance(id=instance), PERSON).state == "completed"
    variables = engine.read(queries.GetVariables(id=instance), PERSON).items
    assert process_p.RESULT.items() <= {variable.name: variable.value for variable in variables}.items()
