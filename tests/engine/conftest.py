"""An engine to work with, on each database."""

from __future__ import annotations

import pytest
from scene import House

from engine import Engine


@pytest.fixture
def house(engine: Engine) -> House:
    """An engine on an empty database, and what people do with it."""
    return House(engine)
