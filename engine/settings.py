"""What can be set about the engine. The doors read the environment and files; this only says what there is to set."""

from __future__ import annotations

from typing import Literal

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every limit and interval of the engine, with values that suit one machine."""

    # --- store
    database_url: str = "sqlite:///signalbox.sqlite3"
    database_pool: int = 10  # connections kept open
    database_pool_overflow: int = 30  # and so many more in a rush
    database_wait_seconds: float = 10.0  # for a connection, or for another writer of a SQLite file

    # --- what is accepted
    max_file_bytes: int = 10_000_000
    max_files: int = 100
    max_variables_bytes: int = 1_000_000
    max_variables_depth: int = 64
    data_stores: tuple[str, ...] = ()  # names of the data stores that drawings may read and write

    # --- steps
    step_elements: int = 500  # a step is cut after so many elements,
    step_seconds: float = 1.0  # or after so long, and goes on as a job
    loop_limit: int = 100_000  # entries of one element in one instance
    start_over_limit: int = 50  # how often a command starts over that lost the race for its instance
    definition_cache: int = 200  # parsed definitions kept in memory
    execution_cache: int = 500  # live executions kept in memory, each checked against the stored version

    # --- sandbox
    sandbox_processes: int = 2
    script_seconds: float = 1.0
    script_memory_bytes: int = 64_000_000
    script_isolation: Literal["none", "bubblewrap"] = "none"  # what confines the workers beyond the interpreter

    # --- background
    sweep_seconds: float = 1.0
    housekeeping_seconds: float = 600.0
    job_threads: int = 2
    job_lease_seconds: float = 15.0
    job_result_seconds: float = 172_800.0  # how long the same answer can be given again

    # --- people
    session_seconds: float = 604_800.0  # a session ends after seven days, however busy,
    session_idle_seconds: float = 28_800.0  # or after eight hours without a request
