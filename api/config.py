"""Every setting of Signalbox: where it may come from, what it means, and the check of its value.

This is the only reader of the environment. A flag goes before the environment, the environment before the
configuration file, the file before the default. Whatever is wrong is said with the name of the setting and of the
place it came from.
"""

from __future__ import annotations

import configparser
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

PREFIX = "SIGNALBOX_"

Port = Annotated[int, Meta(ge=0, le=65_535)]
Count = Annotated[int, Meta(ge=1, le=10_000)]
Bytes = Annotated[int, Meta(ge=1_024, le=1_000_000_000)]


class ConfigError(Exception):
    """A setting that cannot be used; the message names it, where it came from and what would do."""


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings, by their names in the file; in the environment SIGNALBOX_LIKE_THIS, as flags --like-this."""

    database_url: Annotated[
        str, Meta(min_length=1, description="sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME")
    ] = "sqlite:///signalbox.sqlite3"
    host: Annotated[str, Meta(min_length=1, description="address to listen on; 0.0.0.0 for all")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535, description="port to listen on; 0 for any free one")] = 8080
    public_url: Annotated[
        str | None, Meta(description="how browsers reach this server, where a proxy stands before it")
    ] = None
    trusted_proxies: Annotated[
        int, Meta(ge=0, le=10, description="how many proxies set X-Forwarded-For and -Proto before a request is here")
    ] = 0
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Meta(description="least severe to log")] = "info"
    log_format: Annotated[
        Literal["auto", "console", "json"], Meta(description="auto: console on a terminal, JSON otherwise")
    ] = "auto"
    http_threads: Annotated[int, Meta(ge=2, le=1_000, description="threads kept for plain requests")] = 32
    max_sockets: Annotated[int, Meta(ge=0, le=10_000, description="open WebSockets at most")] = 500
    heartbeat_seconds: Annotated[
        float, Meta(gt=0, le=3_600, description="how long a WebSocket is quiet before it shows that it lives")
    ] = 20.0
    max_long_polls: Annotated[int, Meta(ge=0, le=10_000, description="workers waiting in /jobs/fetch at most")] = 100
    max_upload_bytes: Annotated[int, Meta(ge=1_024, description="largest deployment, draft or diagram")] = 10_000_000
    max_json_bytes: Annotated[int, Meta(ge=1_024, description="largest body of any other call")] = 2_000_000
    max_variables_bytes: Annotated[int, Meta(ge=1_024, description="largest variables of one call")] = 1_000_000
    loop_limit: Annotated[
        int, Meta(ge=1, description="how often one instance may enter one element, where the drawing does not say")
    ] = 100_000
    data_stores: Annotated[
        str, Meta(description="names of the data stores that drawings may read and write, separated by commas")
    ] = ""
    script_isolation: Annotated[
        Literal["none", "bubblewrap"],
        Meta(description="what confines the sandbox's processes beyond the interpreter; bubblewrap must be installed"),
    ] = "none"
    session_cookie: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]+$", description="name of the session cookie")] = (
        "signalbox_session"
    )

    @property
    def data_store_names(self) -> tuple[str, ...]:
        """The data stores that there are."""
        return tuple(name.strip() for name in self.data_stores.split(",") if name.strip())

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by https only."""
        return (self.public_url or "").startswith("https://")

    @property
    def embedded(self) -> bool:
        """Whether the database is a file of our own, which we may bring up to date unasked."""
        return self.database_url.startswith("sqlite")


def load(
    flags: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None, file: str | None = None
) -> Config:
    """The settings from flags (None: not given), the environment and the file, in that order of weight."""
    environment = os.environ if environment is None else environment
    path = file or environment.get(PREFIX + "CONFIG")
    settings: dict[str, tuple[Any, str]] = {}
    if path:
        settings |= {name: (value, f"`{name}` in {path}") for name, value in _read_file(Path(path)).items()}
    for name in Config.__struct_fields__:
        variable = PREFIX + name.upper()
        if environment.get(variable, "") != "":
            settings[name] = (environment[variable], f"{variable} in the environment")
    for name, value in (flags or {}).items():
        if value is not None:
            settings[name] = (value, f"--{name.replace('_', '-')}")
    return _checked(settings)


def describe() -> list[tuple[str, str, Any]]:
    """(name, what it means, default) of every setting, for `--help` and the documentation."""
    hints = get_type_hints(Config, include_extras=True)
    defaults = Config()
    return [(name, _description(hints[name]), getattr(defaults, name)) for name in Config.__struct_fields__]


def _description(hint: Any) -> str:
    return next((meta.description for meta in hint.__metadata__ if meta.description), "")


def _read_file(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8")
    except OSError as fault:
        raise ConfigError(f"The configuration file {path} cannot be read: {fault.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"The configuration file {path} is not text in UTF-8.") from None
    found: Mapping[str, Any]
    try:
        if path.suffix == ".toml":
            found = tomllib.loads(text)
            found = found.get("signalbox", found)
        else:
            parser = configparser.ConfigParser(interpolation=None)
            parser.read_string(text)
            if not parser.has_section("signalbox"):
                raise ConfigError(f"The configuration file {path} needs a section [signalbox].")
            found = dict(parser["signalbox"])
    except (tomllib.TOMLDecodeError, configparser.Error) as fault:
        raise ConfigError(f"The configuration file {path} cannot be understood: {fault}.") from None
    unknown = sorted(set(found) - set(Config.__struct_fields__))
    if unknown:
        known = ", ".join(Config.__struct_fields__)
        raise ConfigError(f"`{unknown[0]}` in {path} is not a setting. There are: {known}.")
    return dict(found)


def _checked(settings: Mapping[str, tuple[Any, str]]) -> Config:
    hints = get_type_hints(Config, include_extras=True)
    values: dict[str, Any] = {}
    for name, (value, origin) in settings.items():
        try:
            # the environment, INI files and flags hold text where the setting may be a number
            values[name] = msgspec.convert(value, hints[name], strict=False)
        except msgspec.ValidationError as fault:
            raise ConfigError(f"{origin} is {value!r}, which will not do: {fault}.") from None
    config = Config(**values)
    for name, (value, origin) in settings.items():
        if name == "public_url" and value and not _is_address(str(value)):
            raise ConfigError(f"{origin} is {value!r}; it must look like https://signalbox.example.org.")
        if name == "database_url" and not str(value).startswith(("sqlite:///", "postgresql")):
            raise ConfigError(
                f"{origin} is not the address of a SQLite or PostgreSQL database: it must begin with "
                "sqlite:/// or postgresql+psycopg://."
            )
    return config


def _is_address(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.path in ("", "/")


def secret(name: str) -> str | None:
    """A secret of the environment that is no setting of the server's, such as a worker's token."""
    return os.environ.get(PREFIX + name) or None
