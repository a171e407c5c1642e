"""Who may do what: the one table from role to commands and queries, and the rules about a single user task.

What a table cannot say (a starter sees the instances it started, a participant the tasks that concern it) are the few
functions below it; every handler and every view asks them, so that the rule stands in one place.
"""

from __future__ import annotations

from collections.abc import Collection

from engine import commands as c
from engine import queries as q
from engine.actors import Actor, Role
from engine.errors import Forbidden

Message = type[c.Command] | type[q.Query]

_DEFINITIONS: frozenset[Message] = frozenset({q.ListDefinitions, q.GetDefinition, q.GetDefinitionXml})
_INSTANCES: frozenset[Message] = frozenset(
    {q.ListProcessInstances, q.GetProcessInstance, q.GetActivities, q.GetVariables, q.GetWaiting, q.ListEvents}
)
_OVERSIGHT: frozenset[Message] = frozenset(
    {q.ListDataStores, q.ListDeployments, q.GetDefinitionStatistics, q.ListJobs, q.GetJob, q.ListIncidents}
)
_INBOX: frozenset[Message] = frozenset({q.ListUserTasks, q.GetUserTask, q.CountUserTasks})
_OWN: frozenset[Message] = frozenset({c.SetPassword, c.CreateToken, c.RevokeToken, q.ListTokens})
_WORK: frozenset[Message] = frozenset(
    {c.ClaimUserTask, c.UnclaimUserTask, c.CompleteUserTask, c.EndUserTaskWithError, c.EscalateUserTask}
)
_AD_HOC: frozenset[Message] = frozenset({c.StartActivity, c.CompleteAdHoc})

#: What each role may ask for. A role adds, it never takes away; the administrator may do everything.
RIGHTS: dict[Role, frozenset[Message]] = {
    Role.OPERATOR: _DEFINITIONS | _INSTANCES | _OVERSIGHT | _INBOX | _WORK | _OWN | _AD_HOC | {
        c.StartProcessInstance, c.CancelProcessInstance, c.SuspendProcessInstance, c.ResumeProcessInstance,
        c.SetVariables, c.AssignUserTask, c.RetryJob, c.CorrelateMessage, c.BroadcastSignal, c.RetryIncident,
        c.SetDataStore,
    },
    Role.ANALYST: _DEFINITIONS | _INSTANCES | _OVERSIGHT | _OWN | {
        c.Deploy, c.CheckDiagram, c.SaveDraft, c.DeleteDraft, q.ListDrafts, q.GetDraft, c.StartProcessInstance,
    },
    Role.STARTER: _DEFINITIONS | _INSTANCES | _OWN | _AD_HOC | {c.StartProcessInstance},
    Role.PARTICIPANT: _DEFINITIONS | _INBOX | _WORK | _OWN | {q.ListEvents},
    Role.WORKER: _OWN | {
        c.FetchJobs, c.CompleteJob, c.FailJob, c.EndJobWithError, c.ExtendJob, c.UnlockJob, c.CorrelateMessage,
        c.BroadcastSignal,
    },
}  # fmt: skip


def may(actor: Actor, message: Message) -> bool:
    """Whether one of the actor's roles holds this command or query."""
    if Role.ADMINISTRATOR in actor.roles:
        return True
    return any(message in RIGHTS.get(role, ()) for role in actor.roles)


def require(actor: Actor, message: Message) -> None:
    """Raise `Forbidden`, naming the roles that would do, unless the actor may ask for this."""
    if not may(actor, message):
        roles = sorted(role.value for role in RIGHTS if message in RIGHTS[role]) or [Role.ADMINISTRATOR.value]
        raise Forbidden(
            f"{actor.name} may not do this; it needs one of the roles: {', '.join(roles)}", needed_roles=roles
        )


def oversees_tasks(actor: Actor) -> bool:
    """Whether the actor sees and may handle every user task of its tenant."""
    return not actor.roles.isdisjoint({Role.ADMINISTRATOR, Role.OPERATOR})


def oversees_instances(actor: Actor) -> bool:
    """Whether the actor sees every process instance, event and incident of its tenant."""
    return not actor.roles.isdisjoint({Role.ADMINISTRATOR, Role.OPERATOR, Role.ANALYST})


def sees_instance(actor: Actor, started_by: str) -> bool:
    """A starter sees the instances it started; who oversees instances sees all of them."""
    return oversees_instances(actor) or (Role.STARTER in actor.roles and started_by == actor.name)


def is_candidate(actor: Actor, users: Collection[str], groups: Collection[str]) -> bool:
    """Whether an unclaimed task is offered to the actor: by name, by a group, or to everybody (no candidates)."""
    if not users and not groups:
        return True
    return actor.name in users or not actor.groups.isdisjoint(groups)


def sees_task(actor: Actor, assignee: str | None, users: Collection[str], groups: Collection[str]) -> bool:
    """Whether the task exists for the actor: it is theirs, they are a candidate, or they oversee tasks. A task
    without candidates is everybody's until somebody holds it."""
    if oversees_tasks(actor) or actor.name == assignee:
        return True
    if not users and not groups:
        return assignee is None
    return is_candidate(actor, users, groups)
