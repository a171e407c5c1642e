"""Running and finished processes."""

from __future__ import annotations

from engine import commands, errors, queries, records

from ..calls import Calls

calls = Calls("Process instances", "Running and finished processes: start, follow, steer.")
calls.command(
    "POST",
    "/process-instances",
    commands.StartProcessInstance,
    records.ProcessInstance,
    "Start a process instance",
    status=201,
    refuses=(errors.NotFound, errors.Conflict),
)
calls.query(
    "/process-instances",
    queries.ListProcessInstances,
    records.Page[records.ProcessInstance],
    "List process instances, newest first",
)
calls.query("/process-instances/<id>", queries.GetProcessInstance, records.ProcessInstance, "One process instance")
calls.command(
    "DELETE",
    "/process-instances/<id>",
    commands.CancelProcessInstance,
    records.ProcessInstance,
    "Cancel a process instance",
    in_query=frozenset({"reason"}),
    refuses=(errors.Conflict,),
)
calls.command(
    "POST",
    "/process-instances/<id>/suspend",
    commands.SuspendProcessInstance,
    records.ProcessInstance,
    "Suspend a process instance",
    refuses=(errors.Conflict,),
)
calls.command(
    "POST",
    "/process-instances/<id>/resume",
    commands.ResumeProcessInstance,
    records.ProcessInstance,
    "Resume a process instance",
    refuses=(errors.Conflict,),
)
calls.query(
    "/process-instances/<id>/activities",
    queries.GetActivities,
    records.Activities,
    "Its activities, oldest first, and what joins wait for",
)
calls.query("/process-instances/<id>/waiting", queries.GetWaiting, records.WaitingList, "What it waits for now")
calls.query("/process-instances/<id>/variables", queries.GetVariables, records.VariableList, "Its variables, by scope")
calls.command(
    "POST",
    "/process-instances/<id>/variables",
    commands.SetVariables,
    records.VariableList,
    "Change variables",
    refuses=(errors.Conflict,),
)
calls.query(
    "/process-instances/<process_instance_id>/events", queries.ListEvents, records.EventPage, "Its events, by cursor"
)
calls.command(
    "POST",
    "/ad-hoc/<id>/start",
    commands.StartActivity,
    records.ProcessInstance,
    "Start an activity of an ad-hoc sub-process",
    refuses=(errors.Conflict,),
)
calls.command(
    "POST",
    "/ad-hoc/<id>/complete",
    commands.CompleteAdHoc,
    records.ProcessInstance,
    "Say that an ad-hoc sub-process is done",
    refuses=(errors.Conflict,),
)
