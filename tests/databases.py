"""Where the galleries of a test lie: in SQLite files in its homes, or in databases that a PostgreSQL server lends it.

What is claimed of both is claimed in the modules of `BOTH`: each of their tests runs over each.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from postgres_server import PostgresServer

from identity.store.sqlite.database import Database
from identity.store.transactions import SqlDatabase

KINDS = ["sqlite", "postgresql"]
BOTH = {
    "test_store_changes", "test_store_many_homes",
    "test_store_enrolment", "test_store_search_state", "test_store_seen_images",
    "test_second_look", "test_asking", "test_asking_after_changes", "test_clustering",
    "test_enrolment", "test_face_answers", "test_face_enrolment", "test_folders_of_people",
    "test_likeness", "test_names_of_regions", "test_people", "test_people_names",
    "test_poor_faces", "test_undo", "test_threads", "test_merging_bundles", "test_moving", "test_stored_index",
    "test_undoing_decisions", "test_forgotten_decisions", "test_clustering_races", "test_reembedding",
}  # fmt: skip
STORED = ["sqlite, without index files", "postgresql, without index files"]
SEARCHING = {"test_asking", "test_asking_after_changes", "test_face_answers", "test_likeness"}
SHARDED = {  # claimed of a database too whose vectors and crops no foreign key holds to their samples
    "test_store_changes", "test_store_enrolment", "test_store_search_state", "test_second_look", "test_undo",
    "test_clustering", "test_merging_bundles", "test_moving", "test_reembedding", "test_stored_index",
}  # fmt: skip
ON_A_SERVER = {"postgresql": "postgres", "sharded": "sharded_postgres"}  # which fixture is the server


class Lending:
    """Databases of a server, one for each home of a test."""

    def __init__(self, server: PostgresServer | None) -> None:
        self._server = server
        self._lent: dict[Path, str] = {}

    def address(self, home: Path) -> str:
        """The address of a home's database."""
        if self._server is None:
            return f"sqlite:///{home / 'identity.db'}"
        if home not in self._lent:
            self._lent[home] = self._server.lend()
        return self._lent[home]

    def files(self, home: Path) -> list[Path]:
        """The files of a home and those of its database on a server, as they are when that has written all of it."""
        folders = [home]
        if self._server is not None and home in self._lent:
            name = self._lent[home].partition("@/")[2].partition("?")[0]
            number = "SELECT oid FROM pg_database WHERE datname = current_database()"
            self._server.sql("CHECKPOINT")
            folders.append(self._server.data / "base" / str(self._server.sql(number, database=name)[0][0]))
        return [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]

    def take_back(self, *homes: Path) -> None:
        """Give back the databases of these homes, of all unless told which."""
        for home in homes or list(self._lent):
            url = self._lent.pop(home, None)
            if self._server is not None and url is not None:
                self._server.take_back(url)


_lending = [Lending(None)]


@contextmanager
def lent_by(server: PostgresServer | None) -> Iterator[Lending]:
    """Let homes have their databases on a server."""
    _lending.append(Lending(server))
    try:
        yield _lending[-1]
    finally:
        _lending.pop().take_back()


def address_of(home: Path) -> str:
    """The address of a home's database."""
    return _lending[-1].address(home)


def files_of(home: Path) -> list[Path]:
    """Every file of a home and of its database."""
    return _lending[-1].files(home)


def give_back(home: Path) -> None:
    """Have no need of a home's database any more: an example of many gives it back when it is done."""
    _lending[-1].take_back(home)


def open_database(url: str, **options: float) -> SqlDatabase:
    """The database below the store, opened."""
    if url.startswith("postgresql"):
        from identity.store.postgres.database import PostgresDatabase

        return PostgresDatabase.open(url, **options)
    return Database.open(url, **options)
