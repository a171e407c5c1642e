"""The browser app draws what the language runs: it reads the language's own table."""

from __future__ import annotations

from pathlib import Path

from bpmn.elements import as_json

TABLE = Path(__file__).resolve().parents[2] / "modeler-ui" / "src" / "elements.json"


def test_the_browser_app_has_the_table_of_what_runs():
    assert TABLE.read_text() == as_json(), (
        f"write it anew: python -m bpmn.elements > {TABLE.relative_to(TABLE.parents[2])}"
    )
