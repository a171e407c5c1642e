"""`signalbox user` and `signalbox token`."""

from __future__ import annotations

import argparse
import sys

from .. import config as configuration
from . import terminal

ROLES = ("administrator", "operator", "analyst", "starter", "participant", "worker")


def add(commands: terminal.Commands) -> None:
    """Declare the commands."""
    user = terminal.command(commands, "user", None, "Add people, list them, set passwords")
    verbs = user.add_subparsers(title="what to do", metavar="WHAT", required=True)

    new = terminal.command(verbs, "add", run_add_user, "Add somebody who may sign in")
    new.add_argument("name", metavar="NAME", help="what to sign in with")
    new.add_argument("--display-name", metavar="NAME", help="what others see")
    new.add_argument("--email", metavar="ADDRESS")
    new.add_argument("--role", action="append", default=[], choices=ROLES, help="may be given more than once")
    new.add_argument("--group", action="append", default=[], metavar="GROUP", help="may be given more than once")
    listing = terminal.command(verbs, "list", run_list_users, "List who may sign in")
    password = terminal.command(verbs, "password", run_password, "Set somebody's password; ends their sessions")
    password.add_argument("name", metavar="NAME")
    for parser in (new, password):
        parser.add_argument("--password", metavar="PASSWORD", help="seen by everybody on this machine: for trials only")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")

    token = terminal.command(commands, "token", None, "Make and revoke the secrets of machines")
    verbs = token.add_subparsers(title="what to do", metavar="WHAT", required=True)
    make = terminal.command(verbs, "add", run_add_token, "Make a token; its secret is shown this once")
    make.add_argument("name", metavar="NAME", help="what the token is for")
    make.add_argument("--role", action="append", choices=ROLES, help="may be given more than once [worker]")
    make.add_argument("--expires-in-days", type=float, metavar="DAYS")
    tokens = terminal.command(verbs, "list", run_list_tokens, "List tokens")
    revoke = terminal.command(verbs, "revoke", run_revoke_token, "Revoke a token")
    revoke.add_argument("id", metavar="ID")

    for parser in (new, listing, password, make, tokens, revoke):
        terminal.takes_settings(parser, "database_url")
        terminal.takes_json(parser)


def run_add_user(given: argparse.Namespace) -> int:
    """Add somebody."""
    from engine.actors import SYSTEM
    from engine.commands import CreateUser

    from ..encoding import convert

    values = {
        "name": given.name,
        "password": _password(given),
        "display_name": given.display_name,
        "email": given.email,
        "roles": given.role,
        "groups": given.group,
    }
    with terminal.opened_engine(given) as engine:
        user = engine.execute(convert(values, CreateUser), SYSTEM)
    if given.json:
        terminal.say_json(user)
    else:
        terminal.say(f"added: {user.name}, roles: {', '.join(user.roles) or 'none'}")
    return 0


def run_list_users(given: argparse.Namespace) -> int:
    """List people."""
    from engine.actors import SYSTEM
    from engine.queries import ListUsers

    users = []
    with terminal.opened_engine(given) as engine:
        cursor = None
        while True:
            page = engine.read(ListUsers(cursor=cursor, limit=200), SYSTEM)
            users += page.items
            if not (cursor := page.next_cursor):
                break
    if given.json:
        terminal.say_json(users)
        return 0
    rows = [(u.name, u.display_name, ", ".join(u.roles), ", ".join(u.groups)) for u in users]
    terminal.say(*terminal.table(("NAME", "CALLED", "ROLES", "GROUPS"), rows))
    return 0


def run_password(given: argparse.Namespace) -> int:
    """Set a password."""
    from engine.actors import SYSTEM
    from engine.commands import SetPassword

    from ..encoding import convert

    command = convert({"name": given.name, "password": _password(given)}, SetPassword)
    with terminal.opened_engine(given) as engine:
        user = engine.execute(command, SYSTEM)
    if given.json:
        terminal.say_json(user)
    else:
        terminal.say(f"set: the password of {user.name}")
    return 0


def run_add_token(given: argparse.Namespace) -> int:
    """Make a token."""
    from engine.actors import SYSTEM
    from engine.commands import CreateToken

    from ..encoding import convert

    seconds = None if given.expires_in_days is None else int(given.expires_in_days * 86_400)
    values = {"name": given.name, "roles": given.role or ["worker"], "expires_in_seconds": seconds}
    with terminal.opened_engine(given) as engine:
        made = engine.execute(convert(values, CreateToken), SYSTEM)
    if given.json:
        terminal.say_json(made)
    else:
        terminal.say(f"made: {made.token.name} ({made.token.id}), roles: {', '.join(made.token.roles)}")
        terminal.say("This secret is shown only now:", made.secret)
    return 0


def run_list_tokens(given: argparse.Namespace) -> int:
    """List tokens."""
    from engine.actors import SYSTEM
    from engine.queries import ListTokens

    with terminal.opened_engine(given) as engine:
        page = engine.read(ListTokens(), SYSTEM)
    if given.json:
        terminal.say_json(page.items)
        return 0
    rows = [(t.id, t.name, t.owner, ", ".join(t.roles), t.expires_at or "never") for t in page.items]
    terminal.say(*terminal.table(("ID", "NAME", "OWNER", "ROLES", "EXPIRES"), rows))
    return 0


def run_revoke_token(given: argparse.Namespace) -> int:
    """Revoke a token."""
    from engine.actors import SYSTEM
    from engine.commands import RevokeToken

    with terminal.opened_engine(given) as engine:
        engine.execute(RevokeToken(id=given.id), SYSTEM)
    terminal.say(f"revoked: {given.id}")
    return 0


def _password(given: argparse.Namespace) -> str:
    if given.password is not None:
        return str(given.password)
    if given.password_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise configuration.ConfigError("Give the password with --password-stdin.")
    from getpass import getpass

    first = getpass(f"New password of {given.name}: ")
    if getpass("Once more: ") != first:
        raise configuration.ConfigError("The two passwords are not the same.")
    return first
