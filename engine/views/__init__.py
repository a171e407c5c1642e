"""The read side: one function a query, from the store's rows to a record.

What the actor may not see is not there: filters of tenant and rights are part of every statement, and `NotFound` says
the same whether a thing does not exist or is hidden. Whether the actor may ask at all is `engine.rights.require`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine import queries as q
from engine.actors import Actor
from engine.reading import Reading
from engine.views import definitions, drafts, operations, people, process_instances, user_tasks, waiting

View = Callable[[Any, Actor, Reading], Any]

#: The one table from query to what answers it.
VIEWS: Mapping[type[q.Query], View] = {
    q.ListDeployments: definitions.list_deployments,
    q.ListDefinitions: definitions.list_definitions,
    q.GetDefinition: definitions.get_definition,
    q.GetDefinitionXml: definitions.get_definition_xml,
    q.GetDefinitionStatistics: definitions.get_definition_statistics,
    q.ListDrafts: drafts.list_drafts,
    q.GetDraft: drafts.get_draft,
    q.ListProcessInstances: process_instances.list_process_instances,
    q.GetProcessInstance: process_instances.get_process_instance,
    q.GetActivities: process_instances.get_activities,
    q.GetWaiting: waiting.get_waiting,
    q.GetVariables: process_instances.get_variables,
    q.ListUserTasks: user_tasks.list_user_tasks,
    q.GetUserTask: user_tasks.get_user_task,
    q.CountUserTasks: user_tasks.count_user_tasks,
    q.ListJobs: operations.list_jobs,
    q.GetJob: operations.get_job,
    q.ListDataStores: operations.list_data_stores,
    q.ListIncidents: operations.list_incidents,
    q.ListEvents: operations.list_events,
    q.ListUsers: people.list_users,
    q.ListTokens: people.list_tokens,
}
