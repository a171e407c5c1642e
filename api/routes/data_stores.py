"""Data stores: values that all processes share, as the configuration names them."""

from __future__ import annotations

from engine import commands, errors, queries, records

from ..calls import Calls

calls = Calls("Data stores", "Values that outlive the instances and that all processes share.")
calls.query("/data-stores", queries.ListDataStores, records.DataStores, "List data stores with their values")
calls.command(
    "PUT",
    "/data-stores/<name>",
    commands.SetDataStore,
    records.DataStore,
    "Give a data store a value",
    refuses=(errors.Conflict,),
)
