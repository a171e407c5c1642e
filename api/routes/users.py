"""People."""

from __future__ import annotations

from engine import commands, errors, queries, records

from ..calls import Calls

calls = Calls("Users", "People who may sign in.")
calls.query("/users", queries.ListUsers, records.Page[records.User], "List users")
calls.command("POST", "/users", commands.CreateUser, records.User, "Add a user", status=201, refuses=(errors.Conflict,))
calls.command("POST", "/users/<name>/password", commands.SetPassword, records.User, "Set a password")
