"""What stands behind the current Flask app: the engine, the configuration, and the waiting rooms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app

from engine import Engine

from .config import Config
from .limits import Places

if TYPE_CHECKING:
    from .fan_out import Hub
    from .long_polls import LongPolls

EXTENSION = "signalbox"


@dataclass(frozen=True, slots=True)
class Doors:
    """The parts that views need."""

    engine: Engine
    config: Config
    hub: Hub
    long_polls: LongPolls
    sign_ins: Places

    def let_go(self) -> None:
        """Send away whoever waits: the server stops."""
        self.long_polls.stop()
        self.hub.stop()


def doors() -> Doors:
    """The parts of the current app."""
    found: Doors = current_app.extensions[EXTENSION]
    return found


def engine() -> Engine:
    """The engine of the current app."""
    return doors().engine


def config() -> Config:
    """The configuration of the current app."""
    return doors().config
