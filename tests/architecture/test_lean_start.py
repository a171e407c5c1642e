"""A server that has run nothing yet carries nothing of what runs diagrams, of the other database, or of migrations."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("SpiffWorkflow", "lxml", "isodate", "cronsim", "alembic", "sqlalchemy.dialects.postgresql", "psycopg", "numpy")


def test_an_idle_server_has_imported_no_heavy_part(tmp_path: Path) -> None:
    script = f"""
import sys
import engine, engine.engine, engine.job_kinds, api.app, api.serving, api.cli
from engine import Settings, open_engine
opened = open_engine(Settings(database_url="sqlite:///{tmp_path}/none.sqlite3"))
opened.database_ready()
print(sorted({{name for name in sys.modules if name.startswith({HEAVY!r})}}))
opened.close()
"""
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
