"""The database's history, as Alembic revisions; `engine.store.migration` runs them.

Revisions are numbered (`versions/0001_….py` revises nothing, `0002_…` revises `0001`), and import nothing of ours: the
tables of tomorrow must not change what a revision of today does.
"""
