"""The integrator's side of Signalbox, over HTTP and nothing else.

`Client` has a method for every call; `Worker` runs your functions on the jobs of your topics;
`signalbox_client.lattice` draws a process from a dependency graph.
"""

from signalbox_client.client import Client
from signalbox_client.problems import (
    Conflict,
    Forbidden,
    Invalid,
    LockLost,
    NotFound,
    Problem,
    SignalboxError,
    TooMany,
    Unauthenticated,
    Unavailable,
    Unreachable,
)
from signalbox_client.records import LockedJob
from signalbox_client.worker import BpmnError, JobFailed, Worker

__all__ = [
    "BpmnError",
    "Client",
    "Conflict",
    "Forbidden",
    "Invalid",
    "JobFailed",
    "LockLost",
    "LockedJob",
    "NotFound",
    "Problem",
    "SignalboxError",
    "TooMany",
    "Unauthenticated",
    "Unavailable",
    "Unreachable",
    "Worker",
]
