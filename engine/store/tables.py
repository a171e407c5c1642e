"""The schema. `migrations/` builds the same, held by a test.

Times are timezone-aware UTC. Ids of instances are UUIDv7 without dashes (they sort by time); user tasks, jobs and
subscriptions are named after the wait they stand for: `<instance>.<token>`, so a repeated step names the same.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from engine.store.columns import Id, Name, UtcDateTime, metadata, tenant

# Whoever wants all tables takes `metadata` from here: that of the columns alone knows none.
__all__ = ["metadata"]

deployment = Table(
    "deployment",
    metadata,
    Column("id", Id, primary_key=True),
    tenant(),
    Column("name", Name, nullable=False),
    Column("deployed_at", UtcDateTime, nullable=False),
    Column("deployed_by", Name, nullable=False),
    Index(None, "tenant_id", "id"),
)

deployment_file = Table(
    "deployment_file",
    metadata,
    Column("deployment_id", Id, ForeignKey("deployment.id", ondelete="CASCADE"), primary_key=True),
    Column("name", Name, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
)

process_definition = Table(
    "process_definition",
    metadata,
    Column("id", Id, primary_key=True),
    tenant(),
    Column("key", Name, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Name, nullable=False),
    Column("deployment_id", Id, ForeignKey("deployment.id"), nullable=False),
    Column("file_name", Name, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("deployed_at", UtcDateTime, nullable=False),
    Column("deployed_by", Name, nullable=False),
    UniqueConstraint("tenant_id", "key", "version"),
)

draft = Table(
    "draft",
    metadata,
    Column("id", Id, primary_key=True),
    tenant(),
    Column("name", Name, nullable=False),
    Column("xml", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("updated_by", Name, nullable=False),
    Index(None, "tenant_id", "id"),
)

# Partial on SQLite only: to name an option of PostgreSQL would load its dialect into every server.
_called = text("parent_id IS NOT NULL")
_starts = text("definition_id IS NOT NULL")

process_instance = Table(
    "process_instance",
    metadata,
    Column("id", Id, primary_key=True),
    tenant(),
    Column("definition_id", Id, ForeignKey("process_definition.id"), nullable=False),
    Column("definition_key", Name, nullable=False),
    Column("business_key", Name),
    Column("state", String(16), nullable=False),  # active, suspended, completed, cancelled, failed
    Column("version", Integer, nullable=False),
    Column("incidents", Integer, nullable=False),  # open ones
    Column("started_at", UtcDateTime, nullable=False),
    Column("started_by", Name, nullable=False),
    Column("ended_at", UtcDateTime),
    # the instance that called this one, and where it waits for it
    Column("parent_id", Id),
    Column("parent_token", Integer),
    Column("parent_element_id", Name),
    Index(None, "tenant_id", "id"),
    Index(None, "tenant_id", "state", "id"),
    Index(None, "tenant_id", "started_by", "id"),
    Index(None, "tenant_id", "definition_key", "id"),
    Index(None, "tenant_id", "business_key"),
    Index(None, "definition_id"),
    Index("ix_process_instance_parent_id", "parent_id", sqlite_where=_called),
)

# The live state of an execution, as `bpmn` saves it: opaque here, only changed rows are written. On SQLite this and the
# next are kept by their keys alone: with a row id every row would be written to two pages.
execution_row = Table(
    "execution_row",
    metadata,
    Column("instance_id", Id, ForeignKey("process_instance.id", ondelete="CASCADE"), primary_key=True),
    Column("row_id", String(128), primary_key=True),
    Column("body", Text, nullable=False),
    sqlite_with_rowid=False,
)

variable = Table(
    "variable",
    metadata,
    Column("instance_id", Id, ForeignKey("process_instance.id", ondelete="CASCADE"), primary_key=True),
    Column("scope_id", Integer, primary_key=True, autoincrement=False),
    Column("name", Name, primary_key=True),
    Column("value", Text, nullable=False),  # JSON
    sqlite_with_rowid=False,
)

# History: one row an activity instance, written when it starts and once more when it ends.
activity_instance = Table(
    "activity_instance",
    metadata,
    Column("instance_id", Id, ForeignKey("process_instance.id", ondelete="CASCADE"), primary_key=True),
    Column("activity_id", Integer, primary_key=True, autoincrement=False),
    Column("definition_id", Id, nullable=False),
    Column("element_id", Name, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("parent", Integer),
    Column("flow_id", Name),
    Column("state", String(16), nullable=False),  # active, completed, cancelled, failed
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("detail", Text),  # JSON
    # Holds all that statistics count, in the order in which rows come: a step writes one page of it, where an index by
    # element would write one for each.
    Index(None, "definition_id", "instance_id", "element_id", "state"),
)

user_task = Table(
    "user_task",
    metadata,
    Column("id", Id, primary_key=True),
    tenant(),
    Column("instance_id", Id, ForeignKey("process_instance.id", ondelete="CASCADE"), nullable=False),
    Column("token", Integer, nullable=False),
    Column("activity_id", Integer, nullable=False),
    Column("definition_id", Id, nullable=False),
    Column("definition_key", Name, nullable=False),
    Column("element_id", Name, nullable=False),
    Column("name", Name, nullable=False),
    Column("documentation", Text),
    Column("assignee", Name),
    Column("priority", Integer, nullable=False),
    Column("state", String(16), nullable=False),  # open, completed, cancelled
    Column("fields", Text, nullable=False),  # JSON: the declared fields
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("completed_by", Name),
    Index(None, "tenant_id", "state", "assignee", "id"),
    Index(None, "tenant_id", "state", "id"),
    Index(None, "instance_id"),
)

user_task_candidate = Table(
    "user_task_candidate",
    metadata,
    Column("task_id", Id, ForeignKey("user_task.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(8), primary_key=True),  # user, group
    Column("name", Name, primary_key=True),
    Index(None, "kind", "name", "task_id"),
)

job = Table(
    "job",
    metadata,
    Column("id", Id, primary_key=True),
    tenant(),
    # the instance it moves or comes from; none: the timer or signal of a definition's start event
    Column("instance_id", Id, ForeignKey("process_instance.id", ondelete="CASCADE")),
    Column("token", Integer, nullable=False),  # the wait in the execution; 0: no wait of its own
    Column("activity_id", Integer),
    Column("definition_id", Id, nullable=False),
    Column("definition_key", Name, nullable=False),
    Column("element_id", Name, nullable=False),
    Column("kind", String(16), nullable=False),  # external, or a kind of our own (engine.own_jobs)
    Column("topic", Name, nullable=False),
    Column("headers", Text, nullable=False),  # JSON: what the worker is told, or what a job of our own carries
    Column("retries", Integer, nullable=False),
    Column("due_at", UtcDateTime),  # not before
    Column("suspended", Boolean, nullable=False),
    Column("worker_id", Name),
    Column("lock_token", String(64)),
    Column("lock_expires_at", UtcDateTime),
    Column("error_message", Text),
    Column("error_detail", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("slot", Integer, nullable=False, server_default="0"),  # which of the events of one wait
    Index(None, "tenant_id", "topic", "id"),
    Index(None, "kind", "due_at"),
    Index(None, "instance_id", "token"),
)

# What ended a job, so that the same answer can be given to the same token again.
job_result = Table(
    "job_result",
    metadata,
    Column("job_id", Id, primary_key=True),
    tenant(),
    Column("lock_token", String(64), primary_key=True),
    Column("outcome", Text, nullable=False),  # JSON: records.JobOutcome
    Column("at", UtcDateTime, nullable=False),
)

# What waits for something from outside: a message, a signal, or people who start activities (an ad-hoc sub-process).
# It belongs to a process instance, or to the start event of a definition's latest version.
subscription = Table(
    "subscription",
    metadata,
    Column("id", String(128), primary_key=True),
    tenant(),
    Column("kind", String(16), nullable=False),  # message, signal, ad_hoc
    Column("name", Name, nullable=False),
    Column("key_hash", String(32), nullable=False),  # of all its correlation keys; empty: it has none
    Column("keys", Text, nullable=False),  # JSON: the correlation keys; of an ad-hoc sub-process what can be started
    Column("instance_id", Id, ForeignKey("process_instance.id", ondelete="CASCADE")),
    Column("definition_id", Id, ForeignKey("process_definition.id")),
    Column("token", Integer, nullable=False),
    Column("slot", Integer, nullable=False),
    Column("element_id", Name, nullable=False),
    Index(None, "tenant_id", "kind", "name", "key_hash"),
    Index(None, "instance_id", "token"),
    Index("ix_subscription_definition_id", "definition_id", sqlite_where=_starts),
)

# Messages that nobody waited for yet, until their time to live ends; and those that had an id, so that the same id is
# not correlated twice.
message = Table(
    "message",
    metadata,
    Column("id", Id, primary_key=True),
    tenant(),
    Column("name", Name, nullable=False),
    Column("message_id", Name),  # the sender's
    Column("state", String(16), nullable=False),  # waiting, correlated
    Column("key_hash", String(32), nullable=False),
    Column("key_count", Integer, nullable=False),
    Column("keys", Text, nullable=False),  # JSON
    Column("instance_id", Id),  # only for that one
    Column("business_key", Name),  # only for an instance of that key
    Column("variables", Text, nullable=False),  # JSON
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("outcome", Text),  # JSON: records.Correlation
    UniqueConstraint("tenant_id", "name", "message_id"),
    Index(None, "tenant_id", "name", "state", "key_hash"),
    Index(None, "expires_at"),
)

# Named values that outlive the instances, shared by all processes of a tenant (BPMN 2.0.2, 10.4.1).
data_store = Table(
    "data_store",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("name", Name, primary_key=True),
    Column("value", Text, nullable=False),  # JSON
    Column("version", Integer, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", Name, nullable=False),  # a person, or the instance
)

incident = Table(
    "incident",
    metadata,
    Column("id", Id, primary_key=True),
    tenant(),
    Column("instance_id", Id, ForeignKey("process_instance.id", ondelete="CASCADE"), nullable=False),
    Column("definition_id", Id, nullable=False),
    Column("definition_key", Name, nullable=False),
    Column("element_id", Name, nullable=False),
    Column("token", Integer),
    Column("activity_id", Integer),
    Column("job_id", Id),
    Column("kind", String(64), nullable=False),
    Column("message", Text, nullable=False),
    Column("detail", Text),
    Column("state", String(16), nullable=False),  # open, resolved
    Column("created_at", UtcDateTime, nullable=False),
    Column("resolved_at", UtcDateTime),
    Column("resolved_by", Name),
    Index(None, "tenant_id", "state", "id"),
    Index(None, "instance_id", "state"),
)

# The one stream. On PostgreSQL `xid` is the writing transaction, and readers stop before the oldest one still open;
# on SQLite writers queue, and xid is 0. A cursor is "<xid>.<seq>".
event = Table(
    "event",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("xid", BigInteger, nullable=False),
    tenant(),
    Column("kind", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("instance_id", Id),
    Column("definition_key", Name),
    Column("element_id", Name),
    Column("subject_id", String(255)),
    Column("version", Integer),
    Column("data", Text, nullable=False),  # JSON
    Index(None, "xid", "seq").ddl_if(dialect="postgresql"),  # on SQLite the table itself is in this order
    Index(None, "instance_id", "xid", "seq"),
    sqlite_autoincrement=True,
)

user_account = Table(
    "user_account",
    metadata,
    Column("name", Name, primary_key=True),
    tenant(),
    Column("display_name", Name, nullable=False),
    Column("email", Name),
    Column("password_hash", Text, nullable=False),
    Column("roles", Text, nullable=False),  # JSON list
    Column("created_at", UtcDateTime, nullable=False),
)

membership = Table(
    "membership",
    metadata,
    Column("user_name", Name, ForeignKey("user_account.name", ondelete="CASCADE"), primary_key=True),
    Column("group_name", Name, primary_key=True),
)

session = Table(
    "session",
    metadata,
    Column("id_hash", String(64), primary_key=True),  # sha256 of the cookie's secret
    Column("user_name", Name, ForeignKey("user_account.name", ondelete="CASCADE"), nullable=False),
    Column("csrf_token", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index(None, "user_name"),
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", Id, primary_key=True),
    tenant(),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("name", Name, nullable=False),
    Column("owner", Name, nullable=False),
    Column("roles", Text, nullable=False),  # JSON list
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
)
