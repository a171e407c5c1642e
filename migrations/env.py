"""Alembic's entrance. `engine.store.migration` hands in its connection; `alembic -c migrations/alembic.ini -x url=…`,
which writes a new revision, opens its own."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, create_engine

from engine.store.columns import UtcDateTime
from engine.store.tables import metadata


def _plain_type(kind: str, subject: Any, _context: Any) -> str | Literal[False]:
    # a revision imports nothing of ours
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(subject, UtcDateTime) else False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        render_item=_plain_type,
        render_as_batch=connection.dialect.name == "sqlite",  # SQLite cannot alter a column in place
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    with create_engine(context.get_x_argument(as_dictionary=True)["url"]).begin() as own:
        _run(own)
