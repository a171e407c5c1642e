"""The migrations build the very schema that the tables declare, on both databases."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Boolean, Column, Connection, Index, Integer, MetaData, String, Table, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from engine.errors import Conflict
from engine.store import migration
from engine.store.tables import metadata as tables

Plant = Callable[[MetaData], object]


def test_migrations_build_the_schema_of_the_tables(empty_database_url: str) -> None:
    migration.migrate(empty_database_url)

    assert differences(empty_database_url, tables) == []


def _a_column_more(copy: MetaData) -> None:
    copy.tables["draft"].append_column(Column("colour", String(10)))


def _another_type(copy: MetaData) -> None:
    copy.tables["job"].c.retries.type = String(20)


def _another_length(copy: MetaData) -> None:
    copy.tables["event"].c.kind.type = String(65)


def _another_nullability(copy: MetaData) -> None:
    copy.tables["user_task"].c.assignee.nullable = False


def _an_index_more(copy: MetaData) -> None:
    Index("ix_planted", copy.tables["job"].c.created_at)


def _an_index_of_other_columns(copy: MetaData) -> None:
    table = copy.tables["user_task"]
    index = next(one for one in table.indexes if one.name == "ix_user_task_tenant_id_state_assignee_id")
    table.indexes.remove(index)
    Index(index.name, table.c.tenant_id, table.c.assignee, table.c.state, table.c.id)


def _another_rule_on_delete(copy: MetaData) -> None:
    (constraint,) = copy.tables["membership"].foreign_key_constraints
    constraint.ondelete = None
    for element in constraint.elements:
        element.ondelete = None


def _no_autoincrement(copy: MetaData) -> None:
    copy.tables["event"].c.seq.autoincrement = False
    copy.tables["event"].dialect_options["sqlite"]["autoincrement"] = False


def _a_table_more(copy: MetaData) -> None:
    Table("planted", copy, Column("id", Integer, primary_key=True), Column("on", Boolean))


@pytest.mark.parametrize(
    "plant",
    [
        _a_column_more,
        _another_type,
        _another_length,
        _another_nullability,
        _an_index_more,
        _an_index_of_other_columns,
        _another_rule_on_delete,
        _no_autoincrement,
        _a_table_more,
    ],
)
def test_a_planted_difference_is_found(empty_database_url: str, plant: Plant) -> None:
    migration.migrate(empty_database_url)
    copy = MetaData(naming_convention=tables.naming_convention)
    for table in tables.sorted_tables:
        table.to_metadata(copy)
    plant(copy)

    assert differences(empty_database_url, copy) != []


def test_revisions_form_one_line_and_are_numbered() -> None:
    config = Config()
    config.set_main_option("script_location", str(migration.migrations_folder()))
    script = ScriptDirectory.from_config(config)

    known_to_alembic = [revision.revision for revision in script.walk_revisions()][::-1]

    assert list(migration.revisions()) == known_to_alembic
    assert script.get_heads() == [known_to_alembic[-1]]


def test_revisions_import_nothing_of_ours() -> None:
    files = sorted((migration.migrations_folder() / "versions").glob("*.py"))
    assert files
    for file in files:
        imported = {name.partition(".")[0] for name in imports_of(file)}
        assert imported <= {"__future__", "sqlalchemy", "alembic", "json", "datetime"}, file.name


def test_an_empty_database_has_no_schema_and_migrating_makes_it_current(empty_database_url: str) -> None:
    assert migration.schema_state(empty_database_url) == "missing"

    migration.migrate(empty_database_url)

    assert migration.schema_state(empty_database_url) == "current"


def test_migrating_again_changes_nothing(empty_database_url: str) -> None:
    migration.migrate(empty_database_url)
    with opened(empty_database_url) as connection:
        connection.execute(text("INSERT INTO membership (user_name, group_name) SELECT name, 'g' FROM user_account"))
        before = catalogue(connection)

    migration.migrate(empty_database_url)

    with opened(empty_database_url) as connection:
        assert catalogue(connection) == before


def test_a_database_behind_our_newest_revision_is_older(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration.migrate(empty_database_url)
    known = (*migration.revisions(), "9998")
    monkeypatch.setattr(migration, "revisions", lambda: known)

    assert migration.schema_state(empty_database_url) == "older"


def test_a_database_of_a_later_version_of_ours_is_left_alone(empty_database_url: str) -> None:
    migration.migrate(empty_database_url)
    with opened(empty_database_url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    assert migration.schema_state(empty_database_url) == "newer"
    with pytest.raises(Conflict, match="9999"):
        migration.migrate(empty_database_url)
    assert migration.schema_state(empty_database_url) == "newer"


def test_a_migration_that_fails_leaves_nothing_behind(empty_database_url: str) -> None:
    with opened(empty_database_url) as connection:
        connection.execute(text("CREATE TABLE variable (something integer)"))  # in the way of ours

    with pytest.raises(Exception, match="variable"):
        migration.migrate(empty_database_url)

    with opened(empty_database_url) as connection:
        assert {name for (kind, name, *_) in catalogue(connection) if kind == "table"} == {"variable"}


def test_processes_that_migrate_at_once_wait_for_each_other(empty_database_url: str) -> None:
    # Each says when it is ready and begins at the signal, so that they truly meet.
    code = (
        "import sys, alembic.command; from engine.store.migration import migrate; print('ready', flush=True);"
        "sys.stdin.readline(); migrate(sys.argv[1])"
    )
    migrating = [
        subprocess.Popen(
            [sys.executable, "-c", code, empty_database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in migrating:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in migrating:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()

    errors = [process.communicate(timeout=60)[1] for process in migrating]

    assert [process.returncode for process in migrating] == [0, 0, 0, 0], errors
    assert differences(empty_database_url, tables) == []


def test_asking_how_the_schema_stands_does_not_load_alembic(empty_database_url: str) -> None:
    code = (
        "import sys; from engine.store.migration import schema_state; print(schema_state(sys.argv[1]));"
        "print([name for name in sys.modules if name.startswith('alembic')])"
    )
    told = subprocess.run([sys.executable, "-c", code, empty_database_url], capture_output=True, text=True, check=True)

    assert told.stdout.split("\n")[:2] == ["missing", "[]"]


def test_events_restored_from_another_cluster_are_not_hidden(empty_database_url: str) -> None:
    if not empty_database_url.startswith("postgresql"):
        return  # only PostgreSQL numbers its transactions
    migration.migrate(empty_database_url)
    with opened(empty_database_url) as connection:
        connection.execute(
            text(
                "INSERT INTO event (xid, tenant_id, kind, at, data) VALUES "
                "(4000000000000, 'default', 'instance.started', now(), '{}')"
            )
        )

    migration.migrate(empty_database_url)

    with opened(empty_database_url) as connection:
        assert connection.execute(text("SELECT xid FROM event")).scalars().all() == [0]


# --- how schemas are compared ----------------------------------------------------------------------------------------
def differences(url: str, wanted: MetaData) -> list[Any]:
    """What differs between the migrated database and these tables: first as Alembic sees it, then as two databases,
    one migrated and one made of the tables, describe themselves in their own catalogues."""
    with opened(url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        found: list[Any] = list(compare_metadata(context, wanted))
        migrated = catalogue(connection)
        connection.execute(text("DROP TABLE alembic_version"))
        tables.drop_all(connection)
        wanted.create_all(connection)
        made = catalogue(connection)
        # Alembic does not know of indexes that only one database has; the catalogues do.
        names = {name for _, *described in made for name in described[:2]}
        found = [one for one in found if one[0] != "add_index" or one[1].name in names]
        return found + sorted(made ^ migrated, key=str)


def catalogue(connection: Connection) -> set[tuple[Any, ...]]:
    """The database's own description of everything in it, but for Alembic's table."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type <> 'trigger'"))
        return {
            (kind, name, table, *parts_of(sql or ""))
            for kind, name, table, sql in rows
            if table not in {"alembic_version", "sqlite_sequence"}
        }
    statements = {
        "table": "table_name FROM information_schema.tables WHERE table_schema = 'public'",
        "column": "table_name, column_name, ordinal_position, data_type, character_maximum_length, is_nullable, "
        "column_default FROM information_schema.columns WHERE table_schema = 'public'",
        "index": "tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "constraint": "conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace",
        "sequence": "sequence_name, data_type FROM information_schema.sequences",
    }
    return {
        (kind, *row)
        for kind, statement in statements.items()
        for row in connection.execute(text(f"SELECT {statement}"))
        if row[0] != "alembic_version"
    }


def parts_of(statement: str) -> list[str]:
    """A CREATE statement part by part: columns in their order, then constraints in any. SQLite puts a column that is
    added later on the line of the last one, and quotes the name of a table that was renamed."""
    plain = re.sub(r'^CREATE TABLE "(\w+)"', r"CREATE TABLE \1", statement)
    apart = re.sub(r",(?! *\n)(?![^(]*\))", ",\n", plain) if plain.startswith("CREATE TABLE") else plain
    parts = [" ".join(part.split()).strip(" ,)") for part in apart.replace("\t", "\n").split("\n")]
    constraints = [part for part in parts if part.startswith("CONSTRAINT")]
    return [part for part in parts if part and part not in constraints] + sorted(constraints)


@contextmanager
def opened(url: str) -> Iterator[Connection]:
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    database = create_engine(address, poolclass=NullPool)
    with database.begin() as connection:
        yield connection
    database.dispose()


def imports_of(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."
