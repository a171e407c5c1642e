"""Timers, message keys, signals, called processes

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Jobs without an instance, subscriptions of every kind, buffered messages, and who called an instance."""
    if op.get_bind().dialect.name == "sqlite":  # xid is always 0 there: the table itself is in this order
        op.drop_index("ix_event_xid_seq", "event")

    # Not as a batch: SQLite would make the table anew, and deleting the old one takes along what refers to it.
    op.add_column("process_instance", sa.Column("parent_id", sa.String(length=64), nullable=True))
    op.add_column("process_instance", sa.Column("parent_token", sa.Integer(), nullable=True))
    op.add_column("process_instance", sa.Column("parent_element_id", sa.String(length=255), nullable=True))
    called = sa.text("parent_id IS NOT NULL")
    op.create_index(
        "ix_process_instance_parent_id",
        "process_instance",
        ["parent_id"],
        sqlite_where=called,
    )

    op.drop_index("ix_job_instance_id", "job")
    with op.batch_alter_table("job") as job:
        job.alter_column("instance_id", existing_type=sa.String(length=64), nullable=True)
        job.add_column(sa.Column("slot", sa.Integer(), server_default="0", nullable=False))
    op.create_index(op.f("ix_job_instance_id_token"), "job", ["instance_id", "token"])

    op.create_table(
        "subscription",
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("key_hash", sa.String(length=32), nullable=False),
        sa.Column("keys", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.String(length=64), nullable=True),
        sa.Column("definition_id", sa.String(length=64), nullable=True),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("element_id", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_subscription_instance_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_subscription_definition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
    )
    op.create_index(
        op.f("ix_subscription_tenant_id_kind_name_key_hash"),
        "subscription",
        ["tenant_id", "kind", "name", "key_hash"],
    )
    op.create_index(op.f("ix_subscription_instance_id_token"), "subscription", ["instance_id", "token"])
    starts = sa.text("definition_id IS NOT NULL")
    op.create_index(
        "ix_subscription_definition_id",
        "subscription",
        ["definition_id"],
        sqlite_where=starts,
    )
    op.execute(
        "INSERT INTO subscription (id, tenant_id, kind, name, key_hash, keys, instance_id, token, slot, element_id) "
        "SELECT id, tenant_id, 'message', name, '', '{}', instance_id, token, 0, element_id FROM message_subscription"
    )
    op.drop_table("message_subscription")

    op.create_table(
        "message",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("key_hash", sa.String(length=32), nullable=False),
        sa.Column("key_count", sa.Integer(), nullable=False),
        sa.Column("keys", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.String(length=64), nullable=True),
        sa.Column("business_key", sa.String(length=255), nullable=True),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("tenant_id", "name", "message_id", name=op.f("uq_message_tenant_id_name_message_id")),
    )
    op.create_index(
        op.f("ix_message_tenant_id_name_state_key_hash"), "message", ["tenant_id", "name", "state", "key_hash"]
    )
    op.create_index(op.f("ix_message_expires_at"), "message", ["expires_at"])

    op.create_table(
        "data_store",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "name", name=op.f("pk_data_store")),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup made before the migration")
