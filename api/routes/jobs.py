"""Work for machines, by topic. A fetch may wait for work to come (long poll)."""

from __future__ import annotations

from flask import Response, request

from engine import commands, errors, queries, records

from .. import encoding
from ..calls import Calls, json_body
from ..context import doors
from ..problems import TooManyRequests
from ..sign_in import identify

calls = Calls("Jobs", "Work for machines: fetched by topic under a lock, completed or failed with the lock's token.")
calls.query("/jobs", queries.ListJobs, records.Page[records.Job], "List jobs")
calls.query("/jobs/<id>", queries.GetJob, records.Job, "One job")


@calls.view(
    "POST",
    "/jobs/fetch",
    "Fetch and lock jobs, waiting for some to come if asked to",
    records.LockedJobs,
    request=commands.FetchJobs,
    body="json",
    refuses=(TooManyRequests,),
)
def fetch() -> Response:
    command = encoding.convert(json_body(), commands.FetchJobs)
    connection = request.environ.get("gunicorn.socket") or request.environ.get("werkzeug.socket")
    return encoding.answer(doors().long_polls.fetch(command, identify, connection))


_LOCKED = (errors.LockLost, errors.Conflict)
calls.command(
    "POST", "/jobs/<id>/complete", commands.CompleteJob, records.JobOutcome, "Complete a job", refuses=_LOCKED
)
calls.command("POST", "/jobs/<id>/fail", commands.FailJob, records.JobOutcome, "Say that a job failed", refuses=_LOCKED)
calls.command(
    "POST",
    "/jobs/<id>/error",
    commands.EndJobWithError,
    records.JobOutcome,
    "End a job with a BPMN error",
    refuses=_LOCKED,
)
calls.command("POST", "/jobs/<id>/extend", commands.ExtendJob, records.JobOutcome, "Extend a lock", refuses=_LOCKED)
calls.command("POST", "/jobs/<id>/unlock", commands.UnlockJob, records.JobOutcome, "Give a job back", refuses=_LOCKED)
calls.command(
    "POST", "/jobs/<id>/retry", commands.RetryJob, records.Job, "Give a job new retries", refuses=(errors.Conflict,)
)
