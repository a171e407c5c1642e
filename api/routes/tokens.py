"""Secrets of machines."""

from __future__ import annotations

from engine import commands, queries, records

from ..calls import Calls

calls = Calls("Tokens", "Bearer tokens, with which machines call.")
calls.query("/tokens", queries.ListTokens, records.Page[records.Token], "List tokens")
calls.command("POST", "/tokens", commands.CreateToken, records.NewToken, "Make a token", status=201)
calls.command("DELETE", "/tokens/<id>", commands.RevokeToken, None, "Revoke a token", status=204)
