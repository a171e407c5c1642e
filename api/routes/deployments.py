"""Deploying diagrams, and checking one without deploying it."""

from __future__ import annotations

from flask import Response, request

from engine import commands, errors, queries, records

from .. import encoding, limits
from ..calls import Calls, json_body
from ..context import config, engine
from ..problems import UnsupportedMedia
from ..sign_in import current_actor

calls = Calls("Deployments", "Diagrams become process definitions, all files of a deployment or none.")
calls.query("/deployments", queries.ListDeployments, records.Page[records.Deployment], "List deployments")

_XML = ("application/xml", "text/xml", "application/octet-stream", "application/bpmn+xml")


@calls.view(
    "POST",
    "/deployments",
    "Deploy BPMN files",
    records.Deployment,
    request=commands.Deploy,
    status=201,
    other_answers=(200,),
    body="files",
    refuses=(errors.Refused,),
)
def deploy() -> Response:
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMedia("Send the files as multipart/form-data.")
    limit = request.max_content_length = config().max_upload_bytes
    with limits.receiving(limit):
        files = tuple(
            commands.UploadedFile(name=upload.filename or "diagram.bpmn", content=upload.read())
            for _, upload in request.files.items(multi=True)
        )
    if not files:
        raise errors.Invalid(
            "There is no file in this deployment.", errors=[{"field": "files", "message": "at least one is needed"}]
        )
    command = commands.Deploy(files=files, name=request.form.get("name") or None)
    deployment = engine().execute(command, current_actor())
    return encoding.answer(deployment, 201 if deployment.created else 200)


@calls.view(
    "POST",
    "/check",
    "Check a diagram without deploying it",
    records.CheckResult,
    request=commands.CheckDiagram,
    body="xml",
)
def check() -> Response:
    command = commands.CheckDiagram(content=_diagram())
    return encoding.answer(engine().execute(command, current_actor()))


def _diagram() -> bytes:
    if request.mimetype in _XML:
        return limits.read_body(config().max_upload_bytes)
    if not request.is_json:
        raise UnsupportedMedia('Send the diagram as application/xml, or as JSON: {"xml": "…"}.')
    xml = json_body(config().max_upload_bytes).get("xml")
    if not isinstance(xml, str):
        raise errors.Invalid("`xml` must be the text of a diagram.", errors=[{"field": "xml", "message": "is missing"}])
    return xml.encode()
