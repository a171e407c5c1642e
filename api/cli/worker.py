"""`signalbox worker`: do the jobs of a topic with a command of one's own."""

from __future__ import annotations

import argparse
import json
import subprocess
from typing import Any

from .. import config as configuration
from . import terminal

_MORE = """

Fetches jobs over HTTP and runs COMMAND for each: it gets the job as JSON on standard input, and what it prints as a
JSON object become variables. If it ends with another code than 0, the job has failed, with its standard error as the
reason.

  signalbox worker send-mail --url http://127.0.0.1:8080 -- ./send-mail.sh

The token comes from --token or SIGNALBOX_TOKEN (`signalbox token add mailer --role worker` makes one). Needs the
package signalbox-client.
"""


def add(commands: terminal.Commands) -> None:
    """Declare the command."""
    parser = terminal.command(commands, "worker", run_worker, "Do the jobs of a topic with a command", _MORE)
    parser.add_argument("topic", metavar="TOPIC")
    parser.add_argument("command", metavar="COMMAND", nargs="+", help="with its arguments; put -- before it")
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="address of the server [%(default)s]")
    parser.add_argument("--token", help="token of a worker (SIGNALBOX_TOKEN)")
    parser.add_argument("--concurrency", type=int, default=1, metavar="N", help="jobs at a time [%(default)s]")
    parser.add_argument("--timeout", type=float, default=300.0, metavar="SECONDS", help="of one job [%(default)s]")


def run_worker(given: argparse.Namespace) -> int:
    """Work until stopped."""
    try:
        from signalbox_client import Client, Worker
    except ImportError:
        words = "This needs the package signalbox-client: pip install signalbox-client"
        raise configuration.ConfigError(words) from None
    token = given.token or configuration.secret("TOKEN")
    if not token:
        raise configuration.ConfigError("A worker needs a token: --token or SIGNALBOX_TOKEN.")
    worker = Worker(Client(given.url, token=token), concurrency=given.concurrency)
    worker.add(given.topic, lambda job: _work(job, given.command, given.timeout))
    terminal.say(f"working on {given.topic} at {given.url} (Ctrl-C ends it)")
    worker.run()
    return 0


def _work(job: Any, command: list[str], timeout: float) -> dict[str, Any]:
    sent = {"id": job.id, "topic": job.topic, "headers": dict(job.headers), "variables": dict(job.variables)}
    done = subprocess.run(command, input=json.dumps(sent), capture_output=True, text=True, timeout=timeout, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-2_000:] or f"{command[0]} ended with code {done.returncode}")
    text = done.stdout.strip()
    return terminal.json_object(text, f"the output of {command[0]}") if text else {}
