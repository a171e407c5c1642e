"""Settings: where they come from, which goes first, and what is said when one is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api.config import Config, ConfigError, describe, load, secret
from api.opening import settings_of, shown


def test_without_anything_the_defaults_stand() -> None:
    config = load(environment={})

    assert config == Config()
    assert (config.host, config.port, config.database_url) == ("127.0.0.1", 8080, "sqlite:///signalbox.sqlite3")
    assert config.embedded
    assert not config.secure


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("s.toml", 'port = 1\nhost = "0.0.0.0"\nlog_level = "debug"'),
        ("s.toml", '[signalbox]\nport = 1\nhost = "0.0.0.0"\nlog_level = "debug"'),
        ("s.ini", "[signalbox]\nport = 1\nhost = 0.0.0.0\nlog_level = debug\n"),
    ],
    ids=["toml", "toml with a section", "ini"],
)
def test_a_flag_goes_before_the_environment_before_the_file(tmp_path: Path, name: str, content: str) -> None:
    file = tmp_path / name
    file.write_text(content)

    config = load(
        {"port": "3", "host": None},
        {"SIGNALBOX_CONFIG": str(file), "SIGNALBOX_PORT": "2", "SIGNALBOX_HOST": "::1", "OTHER": "x"},
    )

    assert (config.port, config.host, config.log_level) == (3, "::1", "debug")


def test_the_engine_is_told_its_limits_and_stores() -> None:
    given = {"LOOP_LIMIT": "7", "DATA_STORES": "prices, stock,", "MAX_VARIABLES_BYTES": "2000"}
    settings = settings_of(load(environment={f"SIGNALBOX_{name}": value for name, value in given.items()}))
    assert (settings.loop_limit, settings.data_stores) == (7, ("prices", "stock"))
    assert settings.max_variables_bytes == 2000


def test_an_empty_variable_is_none() -> None:
    assert load(environment={"SIGNALBOX_PORT": ""}).port == 8080


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"SIGNALBOX_PORT": "abc"}, ["SIGNALBOX_PORT in the environment", "'abc'", "int"]),
        ({"SIGNALBOX_PORT": "70000"}, ["SIGNALBOX_PORT", "65535"]),
        ({"SIGNALBOX_LOG_LEVEL": "loud"}, ["SIGNALBOX_LOG_LEVEL", "'loud'"]),
        ({"SIGNALBOX_DATABASE_URL": "mysql://x"}, ["SIGNALBOX_DATABASE_URL", "sqlite:///", "postgresql"]),
        ({"SIGNALBOX_PUBLIC_URL": "example.org"}, ["SIGNALBOX_PUBLIC_URL", "https://"]),
        ({"SIGNALBOX_CONFIG": "/no/such/file.toml"}, ["/no/such/file.toml", "No such file"]),
    ],
)
def test_what_is_wrong_names_the_setting_and_its_place(environment: dict[str, str], words: list[str]) -> None:
    with pytest.raises(ConfigError) as wrong:
        load(environment=environment)

    for word in words:
        assert word in str(wrong.value)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("s.toml", 'prot = "1"', ["`prot`", "is not a setting", "port"]),
        ("s.toml", "port = ", ["cannot be understood"]),
        ("s.toml", "port = [1]", ["`port` in", "will not do"]),
        ("s.ini", "port = 1", ["cannot be understood"]),
        ("s.ini", "[other]\nport = 1", ["[signalbox]"]),
        ("s.ini", "\udcff".encode("utf-8", "surrogateescape"), ["UTF-8"]),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, name: str, content: Any, words: list[str]) -> None:
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(ConfigError) as wrong:
        load(environment={}, file=str(file))

    assert name in str(wrong.value)
    for word in words:
        assert word in str(wrong.value)


def test_a_wrong_flag_is_named_as_it_is_written() -> None:
    with pytest.raises(ConfigError, match="--max-sockets is '-1'"):
        load({"max_sockets": "-1"}, {})


def test_every_setting_says_what_it_means() -> None:
    for name, words, default in describe():
        assert words, name
        assert default == getattr(Config(), name)


def test_a_secret_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNALBOX_TOKEN", "sbt_1")

    assert secret("TOKEN") == "sbt_1"
    assert secret("OTHER") is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///a.sqlite3", "sqlite:///a.sqlite3"),
        ("postgresql+psycopg://ada:hidden@db:5432/x", "postgresql+psycopg://ada@db:5432/x"),
        ("postgresql://ada:h@dden@db/x", "postgresql://ada@db/x"),
    ],
)
def test_a_password_is_never_shown(url: str, expected: str) -> None:
    assert shown(url) == expected
