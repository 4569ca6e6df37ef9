"""Empty databases of both kinds for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from copy_worlds import Places
from postgres_server import PostgresServer


@pytest.fixture
def places(tmp_path: Path, postgres: PostgresServer) -> Iterator[Places]:
    lent = Places(tmp_path, postgres)
    yield lent
    lent.close()
