"""What the commands share in talking to people and programs at a terminal."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import config as configuration

if TYPE_CHECKING:
    from engine import Engine

Commands = Any  # argparse's type of subparsers has no public name


def command(commands: Commands, name: str, run: Any, words: str, more: str = "") -> argparse.ArgumentParser:
    """Declare a command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=words, description=f"{words}. {more}".strip(), formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.set_defaults(run=run)
    return parser


def takes_settings(parser: argparse.ArgumentParser, *names: str) -> None:
    """Give the command flags for these settings, and for the configuration file."""
    parser.add_argument("--config", metavar="FILE", help="configuration file, TOML or INI (SIGNALBOX_CONFIG)")
    for name, words, default in configuration.describe():
        if name in names:
            shown = "" if default is None else f" [{default}]"
            flag = "--" + name.replace("_", "-")
            parser.add_argument(flag, dest=name, metavar=name.rpartition("_")[2].upper(), help=words + shown)


def takes_json(parser: argparse.ArgumentParser) -> None:
    """Give the command the flag `--json`."""
    parser.add_argument("--json", action="store_true", help="print JSON for programs")


def settings(given: argparse.Namespace) -> configuration.Config:
    """The configuration by flags, environment and file."""
    flags = {name: getattr(given, name, None) for name in configuration.Config.__struct_fields__}
    return configuration.load(flags, file=getattr(given, "config", None))


@contextmanager
def opened_engine(given: argparse.Namespace) -> Iterator[Engine]:
    """The engine on the configured database."""
    from ..opening import open_ready_engine

    engine = open_ready_engine(settings(given))
    try:
        yield engine
    finally:
        engine.close()


def takes_variables(parser: argparse.ArgumentParser) -> None:
    """Give the command flags for variables."""
    parser.add_argument(
        "--var", metavar="NAME=VALUE", action="append", default=[], help="a variable; JSON, or else text"
    )
    parser.add_argument("--vars", metavar="JSON", help="variables as a JSON object, or @FILE, e.g. '{\"amount\": 12}'")


def variables(given: argparse.Namespace) -> dict[str, Any]:
    """The variables of the flags."""
    found = json_object(given.vars, "--vars") if given.vars else {}
    for pair in given.var:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise configuration.ConfigError(f"--var {pair!r} must look like NAME=VALUE.")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found


def json_object(text: str, flag: str) -> dict[str, Any]:
    """The JSON object that a flag holds, itself or in @FILE."""
    if text.startswith("@"):
        text = read_file(Path(text[1:])).decode()
    try:
        value = json.loads(text)
    except ValueError as fault:
        raise configuration.ConfigError(f"{flag} is not JSON: {fault}.") from None
    if not isinstance(value, dict):
        raise configuration.ConfigError(f'{flag} must be a JSON object, such as {{"amount": 12}}.')
    return value


def read_file(path: Path) -> bytes:
    """A file's content; ConfigError in words where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as fault:
        raise configuration.ConfigError(f"{path} cannot be read: {(fault.strerror or str(fault)).lower()}.") from None


def say(*lines: str) -> None:
    """Print at once, also into a pipe."""
    for line in lines:
        print(line, flush=True)


def say_json(value: Any) -> None:
    """Print a record, or a list of them, as one line of JSON."""
    import msgspec

    print(msgspec.json.encode(value).decode(), flush=True)


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """Lines of a table, columns as wide as needed."""
    cells = [list(headings), *([("" if cell is None else str(cell)) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def symbols() -> dict[str, str]:
    """Marks for what happens, as far as the terminal can show them."""
    fancy = {"begin": "▶", "end": "✓", "cancel": "✗", "incident": "!", "wait": "…"}
    try:
        "".join(fancy.values()).encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return {"begin": ">", "end": "+", "cancel": "x", "incident": "!", "wait": "..."}
    return fancy
