"""Deployed processes, by key and version."""

from __future__ import annotations

from flask import Response

from engine import queries, records

from ..calls import Calls
from ..context import engine
from ..sign_in import current_actor

calls = Calls("Process definitions", "Deployed processes, by key and version.")
calls.query(
    "/process-definitions", queries.ListDefinitions, records.Page[records.ProcessDefinition], "List process definitions"
)
calls.query("/process-definitions/<id>", queries.GetDefinition, records.ProcessDefinition, "One process definition")
calls.query(
    "/process-definitions/<id>/statistics",
    queries.GetDefinitionStatistics,
    records.DefinitionStatistics,
    "What is and was at each element",
)


@calls.view(
    "GET",
    "/process-definitions/<id>/xml",
    "The file as it was deployed",
    str,
    request=queries.GetDefinitionXml,
    media_type="application/xml",
)
def xml(id: str) -> Response:
    text = engine().read(queries.GetDefinitionXml(id=id), current_actor())
    return Response(text, content_type="application/xml; charset=utf-8")
