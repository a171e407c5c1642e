"""What people do: claim, complete, hand on."""

from __future__ import annotations

from engine import commands, errors, queries, records

from ..calls import Calls

calls = Calls("User tasks", "What people do in a process: claim, complete, hand on.")
calls.query("/user-tasks", queries.ListUserTasks, records.Page[records.UserTask], "List user tasks")
calls.query("/user-tasks/count", queries.CountUserTasks, records.UserTaskCounts, "How many are mine or claimable")
calls.query("/user-tasks/<id>", queries.GetUserTask, records.UserTask, "One user task, with its variables")
calls.command(
    "POST",
    "/user-tasks/<id>/claim",
    commands.ClaimUserTask,
    records.UserTask,
    "Claim a task",
    refuses=(errors.AlreadyClaimed, errors.Conflict),
)
calls.command(
    "POST",
    "/user-tasks/<id>/unclaim",
    commands.UnclaimUserTask,
    records.UserTask,
    "Give a task back",
    refuses=(errors.Conflict,),
)
calls.command(
    "POST",
    "/user-tasks/<id>/assign",
    commands.AssignUserTask,
    records.UserTask,
    "Hand a task to somebody",
    refuses=(errors.Conflict,),
)
calls.command(
    "POST",
    "/user-tasks/<id>/complete",
    commands.CompleteUserTask,
    records.UserTask,
    "Complete a task",
    refuses=(errors.AlreadyClaimed, errors.Conflict),
)
calls.command(
    "POST",
    "/user-tasks/<id>/error",
    commands.EndUserTaskWithError,
    records.UserTask,
    "End a task with a BPMN error",
    refuses=(errors.AlreadyClaimed, errors.Conflict),
)
calls.command(
    "POST",
    "/user-tasks/<id>/escalate",
    commands.EscalateUserTask,
    records.UserTask,
    "Escalate a task",
    refuses=(errors.AlreadyClaimed, errors.Conflict),
)
