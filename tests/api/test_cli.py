"""The command line, as one types it: what it prints, how it ends."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import (
    APPROVAL,
    BROKEN_SCRIPT,
    PAYMENT,
    START,
    Server,
    deploy,
    diagram,
    eventually,
    logging_restored,
    peopled_sqlite,
    start,
)

from api.cli import execute
from engine import Settings, open_engine
from engine.actors import SYSTEM
from engine.queries import ListProcessInstances
from engine.testing import empty_sqlite

Cli = Callable[..., "Said"]


class Said:
    """What a command printed, and its exit code."""

    def __init__(self, code: int, out: str, err: str):
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a database and diagrams in it."""
    shutil.copyfile(peopled_sqlite(), tmp_path / "signalbox.sqlite3")
    for name, content in {"approval": APPROVAL, "payment": PAYMENT, "broken": BROKEN_SCRIPT, "bad": b"<a/>"}.items():
        (tmp_path / f"{name}.bpmn").write_bytes(content)
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SIGNALBOX_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def cli(folder: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Cli]:
    """`cli("deploy", "approval.bpmn")` runs a command in the working folder."""

    def run(*arguments: str) -> Said:
        capsys.readouterr()
        try:
            code = execute(arguments)
        except SystemExit as ended:
            code = int(ended.code or 0)
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Said(code, captured.out, captured.err)

    with logging_restored():
        yield run


def test_it_explains_itself(cli: Cli) -> None:
    said = cli("--help")

    for command in [
        "serve",
        "migrate",
        "demo",
        "check",
        "deploy",
        "start",
        "run",
        "monitor",
        "user",
        "token",
        "worker",
    ]:
        assert f"\n    {command} " in said.out
        assert cli(command, "--help").code == 0
    assert cli("--version").out.startswith("signalbox ")


def test_a_wrong_command_is_wrong(cli: Cli) -> None:
    assert cli("dance").code == 2
    assert cli("deploy").code == 2


# --- diagrams --------------------------------------------------------------------------------------------------------
def test_check_says_what_is_wrong_where(cli: Cli, folder: Path) -> None:
    (folder / "odd.bpmn").write_bytes(
        diagram(START + '\n<adHocSubProcess id="odd"/><endEvent id="end"/>', "start", "odd", "end")
    )

    good, bad = cli("check", "approval.bpmn"), cli("check", "approval.bpmn", "odd.bpmn")

    assert (good.code, good.out) == (0, "approval.bpmn: can be deployed\n")
    assert bad.code == 1
    assert "odd.bpmn:2: error [odd]: " in bad.out
    assert cli("check", "odd.bpmn", "--json").json["odd.bpmn"]["deployable"] is False


def test_a_file_that_is_not_there_is_said(cli: Cli) -> None:
    for command in ("check", "deploy", "run"):
        said = cli(command, "nothing.bpmn")
        assert said.code == 2
        assert "nothing.bpmn cannot be read: no such file" in said.err


def test_deploy_and_start_work_on_the_database(cli: Cli) -> None:
    first, again = cli("deploy", "approval.bpmn", "payment.bpmn"), cli("deploy", "approval.bpmn")
    started = cli("start", "approval", "--var", "amount=12", "--var", "word=hello", "--business-key", "E-1")

    assert first.code == again.code == started.code == 0
    assert "deployed: approval version 1 (Approval)" in first.out
    assert again.out == "unchanged: approval version 1 (Approval)\n"
    assert started.out.startswith("started: ")
    instance = cli("start", "approval", "--vars", '{"a": [1]}', "--json").json
    assert (instance["definition_key"], instance["state"]) == ("approval", "active")


def test_a_refused_deployment_shows_every_problem(cli: Cli) -> None:
    said = cli("deploy", "approval.bpmn", "bad.bpmn")

    assert said.code == 1
    assert "bad.bpmn" in said.out
    assert said.err.startswith("signalbox: ")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("start", "unknown"), 1, "unknown"),
        (("start", "approval", "--vars", "[1]"), 2, "--vars must be a JSON object"),
        (("start", "approval", "--vars", "{"), 2, "--vars is not JSON"),
        (("start", "approval", "--var", "x"), 2, "NAME=VALUE"),
        (("start", "approval", "--vars", "@nothing.json"), 2, "nothing.json cannot be read"),
        (("start", "approval", "--database-url", "mysql://x"), 2, "--database-url"),
        (("start", "approval", "--config", "nothing.toml"), 2, "nothing.toml"),
        (("monitor", "--once", "--database-url", "postgresql://no:pw@127.0.0.1:1/x"), 1, "does not answer"),
    ],
)
def test_a_failure_is_one_sentence(cli: Cli, arguments: tuple[str, ...], code: int, words: str) -> None:
    said = cli(*arguments)

    assert said.code == code
    assert words in said.err
    assert "pw" not in said.err


# --- run -------------------------------------------------------------------------------------------------------------
def test_run_follows_a_process_to_its_end(cli: Cli, folder: Path) -> None:
    (folder / "sum.bpmn").write_bytes(
        diagram(
            START
            + '<scriptTask id="sum" name="Add up"><script>total = a + b</script></scriptTask><endEvent id="end"/>',
            *("start", "sum", "end"),
        )
    )

    said = cli("run", "sum.bpmn", "--var", "a=1", "--var", "b=2")

    assert said.code == 0
    assert "script task        Add up" in said.out
    assert "completed after" in said.out
    assert "total = 3" in said.out
    assert not (folder / "run.sqlite3").exists()


def test_run_stops_where_somebody_is_needed_and_says_how_to_go_on(cli: Cli) -> None:
    said = cli("run", "approval.bpmn")

    assert said.code == 3
    assert "the user task Approve waits for somebody" in said.out
    assert "--complete approve='{\"approved\": true}'" in said.out
    job = cli("run", "payment.bpmn")
    assert job.code == 3
    assert "a job of topic 'payment' waits for a worker" in job.out


def test_run_goes_on_with_answers_given_beforehand(cli: Cli) -> None:
    answered = cli("run", "approval.bpmn", "--complete", 'approve={"approved": false}', "--no-stream")
    job = cli("run", "payment.bpmn", "--complete", "pay", "--no-stream")

    assert answered.code == job.code == 0
    assert "approved = false" in answered.out
    assert "Approve" not in answered.out
    assert cli("run", "approval.bpmn", "--complete-all").code == 0


def test_run_fails_with_what_failed(cli: Cli) -> None:
    said = cli("run", "broken.bpmn")

    assert said.code == 1
    assert "Add up (sum) failed: " in said.out
    assert "missing" in said.out


def test_run_speaks_json(cli: Cli) -> None:
    lines = [json.loads(line) for line in cli("run", "approval.bpmn", "--complete-all", "--json").out.splitlines()]
    waits = cli("run", "approval.bpmn", "--no-stream", "--json").json

    assert lines[0]["kind"] == "instance.started"
    assert lines[-1]["instance"]["state"] == "completed"
    assert [task["element_id"] for task in waits["waits_for"]["user_tasks"]] == ["approve"]


def test_run_asks_which_of_several_processes(cli: Cli, folder: Path) -> None:
    both = APPROVAL.decode().replace("</definitions>", "") + PAYMENT.decode().partition(">\n")[2]
    one = PAYMENT.decode()[PAYMENT.decode().index("<process") :]
    (folder / "both.bpmn").write_text(both + one.replace('"start"', '"start2"').replace('"end"', '"end2"'))

    said, chosen = cli("run", "both.bpmn"), cli("run", "both.bpmn", "--key", "payment")

    assert said.code == 2
    assert "--key: approval, payment" in said.err
    assert chosen.code == 3


def test_run_can_use_a_database_that_stays(cli: Cli, folder: Path) -> None:
    cli("run", "approval.bpmn", "--complete-all", "--database-url", "sqlite:///kept.sqlite3")

    engine = open_engine(Settings(database_url=f"sqlite:///{folder / 'kept.sqlite3'}"))
    assert [each.state for each in engine.read(ListProcessInstances(), SYSTEM).items] == ["completed"]
    engine.close()


# --- people ----------------------------------------------------------------------------------------------------------
def test_people_are_added_listed_and_get_new_passwords(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    added = cli(
        *("user", "add", "eve", "--password", "long enough", "--role", "starter", "--role", "participant"),
        *("--group", "approvers", "--display-name", "Eve"),
    )
    monkeypatch.setattr(sys, "stdin", io.StringIO("another one\n"))
    changed = cli("user", "password", "eve", "--password-stdin")

    assert (added.code, added.out) == (0, "added: eve, roles: participant, starter\n")
    assert changed.out == "set: the password of eve\n"
    [line] = [line for line in cli("user", "list").out.splitlines() if line.startswith("eve")]
    assert re.split(r"  +", line) == ["eve", "Eve", "participant, starter", "approvers"]
    assert "eve" in [user["name"] for user in cli("user", "list", "--json").json]


def test_a_password_that_is_too_short_is_said(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "password" in cli("user", "add", "eve", "--password", "short").err
    assert cli("user", "add", "ada", "--password", "long enough").code == 1
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert "--password-stdin" in cli("user", "add", "eve").err


def test_tokens_are_made_listed_and_revoked(cli: Cli) -> None:
    made = cli("token", "add", "mailer", "--expires-in-days", "2", "--json").json

    assert made["secret"].startswith("sbt_")
    assert made["token"]["roles"] == ["worker"]
    assert "mailer" in cli("token", "list").out
    assert cli("token", "revoke", made["token"]["id"]).code == 0
    assert cli("token", "list", "--json").json == []
    assert "shown only now" in cli("token", "add", "again").out


# --- monitor ---------------------------------------------------------------------------------------------------------
def test_monitor_shows_what_runs_and_where_it_waits(cli: Cli, folder: Path) -> None:
    engine = open_engine(Settings(database_url=f"sqlite:///{folder / 'signalbox.sqlite3'}"))
    deploy(engine, APPROVAL, PAYMENT, BROKEN_SCRIPT)
    ids = [start(engine, key).id for key in ("approval", "payment", "broken")]
    engine.close()

    said = cli("monitor", "--once")

    assert "3 running, 1 user tasks, 1 jobs, 1 incidents" in said.out
    for identity in ids:
        assert identity in said.out
    for words in ("Approve (nobody yet)", "job payment (available)", "INCIDENT Add up"):
        assert words in said.out
    assert len(cli("monitor", "--once", "--json").json["instances"]) == 3
    assert "0 running" in cli("monitor", "--once", "--database-url", "sqlite:///other.sqlite3").out


def test_monitor_follows_what_happens(folder: Path) -> None:
    url = f"sqlite:///{folder / 'signalbox.sqlite3'}"
    engine = open_engine(Settings(database_url=url))
    deploy(engine, APPROVAL)
    with (folder / "out").open("w") as out:
        process = subprocess.Popen([sys.executable, "-m", "api.cli", "monitor", "--json"], stdout=out)
    try:
        # it begins at the end of the stream, so something has to happen until it has begun
        def seen() -> bool:
            start(engine, "approval")
            return "instance.started" in (folder / "out").read_text()

        eventually(seen, 20)
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(10)
        engine.close()

    assert code == 0
    assert "instance.started" in [json.loads(line)["kind"] for line in (folder / "out").read_text().splitlines()]


# --- migrate and serve -----------------------------------------------------------------------------------------------
def test_migrate_says_what_it_did(cli: Cli, empty_database_url: str) -> None:
    first = cli("migrate", "--database-url", empty_database_url)
    again = cli("migrate", "--database-url", empty_database_url)

    assert "was set up" in first.out
    assert "is up to date already" in again.out


def test_a_database_server_is_not_migrated_unasked(cli: Cli, empty_database_url: str) -> None:
    if empty_database_url.startswith("sqlite"):
        assert "0 running" in cli("monitor", "--once", "--database-url", empty_database_url).out
        return
    for command in (("monitor", "--once"), ("serve", "--port", "0")):
        said = cli(*command, "--database-url", empty_database_url)
        assert said.code == 1
        assert "signalbox migrate" in said.err


def test_serve_migrates_a_database_server_when_asked(tmp_path: Path, empty_database_url: str) -> None:
    server = Server(tmp_path, empty_database_url)
    try:
        server.run("--migrate")
        assert server.client().get(f"{server.address}/health").json()["schema"] == "current"
    finally:
        server.close()


def test_a_database_of_a_newer_version_is_refused(cli: Cli, folder: Path) -> None:
    import sqlite3

    shutil.copyfile(empty_sqlite(), folder / "newer.sqlite3")
    with sqlite3.connect(folder / "newer.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    said = cli("serve", "--port", "0", "--database-url", "sqlite:///newer.sqlite3")

    assert said.code == 1
    assert "newer version of Signalbox" in said.err


# --- worker ----------------------------------------------------------------------------------------------------------
def test_a_command_can_be_a_worker(server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = start(server.engine, "payment", amount=7)
    script = "import json, sys; job = json.load(sys.stdin); print(json.dumps({'paid': job['variables']['amount'] * 2}))"
    environment = os.environ | {"SIGNALBOX_TOKEN": server.token("worker")}
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "api.cli", "worker", "payment", "--url", server.address),
            *("--", sys.executable, "-c", script),
        ],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        operator = server.client("operator")
        eventually(lambda: operator.get(f"/process-instances/{instance.id}").json()["state"] == "completed", 20)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)

    variables = operator.get(f"/process-instances/{instance.id}/variables").json()["items"]
    assert {each["name"]: each["value"] for each in variables}["paid"] == 14


def test_a_worker_needs_a_token(cli: Cli) -> None:
    said = cli("worker", "payment", "--", "true")

    assert said.code == 2
    assert "SIGNALBOX_TOKEN" in said.err
