"""The schema is what the tables say, is upgraded whole with a copy kept, and one from the future is left alone."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from store_factories import new_samples, url_of

from identity.core.errors import StoreError
from identity.core.types import Role
from identity.store import cluster_tables, decision_tables, schema  # noqa: F401 (tables of the same metadata)
from identity.store.samples import SampleStore
from identity.store.sqlite.database import Database
from identity.store.tables import metadata

_NEXT = '''
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{before}"


def upgrade() -> None:
    op.add_column("gallery", sa.Column("note", sa.Text()))
    with op.batch_alter_table("sample", recreate="always") as batch:  # drops and remakes the table vectors hang on
        batch.add_column(sa.Column("quality", sa.Float()))
    {end}
'''


@pytest.fixture
def following(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    scripts = tmp_path / "next version" / "migrations"
    shutil.copytree(schema._scripts(), scripts)
    monkeypatch.setattr(schema, "_scripts", lambda: scripts)
    written = scripts / "versions" / "next.py"
    written.write_text(_NEXT.format(before=schema.REVISION, end="pass"))
    monkeypatch.setattr(schema, "REVISION", "next")
    return written


def _end_with(written: Path, statement: str) -> None:
    written.write_text(written.read_text().replace("pass", statement))


def _schema(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    ours = {name: re.sub(r"\s+", " ", sql) for name, sql in rows if not name.startswith(("sqlite_", "alembic_"))}
    return {name: _clauses(sql) for name, sql in ours.items()}


def _clauses(sql: str) -> str:
    return " | ".join(sorted(clause.strip(" )") for clause in sql.split(", ")))


def test_the_migrated_schema_is_that_of_the_tables_to_the_word(database: Database, tmp_path: Path) -> None:
    made = create_engine(f"sqlite:///{tmp_path / 'made.db'}")
    metadata.create_all(made)
    assert _schema(database.path) == _schema(tmp_path / "made.db")
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_program_speaks_of_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(schema.config()).get_current_head() == schema.REVISION


def test_a_database_from_the_future_is_refused_and_left_alone(url: str, database: Database) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    before = database.path.read_bytes()
    said = r"schema 9999, but this program reads schemas only up to \d+: install the newer version"
    with pytest.raises(StoreError, match=said):
        Database.open(url)
    assert database.path.read_bytes() == before
    assert [path.name for path in database.path.parent.iterdir()] == ["identity.db"]


def test_a_new_database_needs_no_backup(database: Database) -> None:
    assert list(database.path.parent.glob("*.bak")) == []


def test_an_upgrade_keeps_every_row_and_a_copy_of_what_was_before(url, database, store, following) -> None:
    ids = store.add(new_samples(0, 50))
    database.close()
    upgraded = Database.open(url)
    assert SampleStore(upgraded, store._gallery).all_vectors(Role.GALLERY)[1].ids.tolist() == ids.tolist()
    upgraded.close()
    copy = database.path.with_name("identity.db.before-next.bak")
    assert copy.stat().st_mode & 0o777 == 0o600
    for path, columns in ((database.path, {"note"}), (copy, set())):
        with closing(sqlite3.connect(path)) as connection:
            assert {row[1] for row in connection.execute("PRAGMA table_info(gallery)")} & {"note"} == columns
            assert connection.execute("SELECT count(*) FROM vector").fetchone() == (50,)


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(url, database, store, following) -> None:
    store.add(new_samples(0, 5))
    database.close()
    _end_with(following, "raise RuntimeError('power cut')")
    before = _schema(database.path)
    with pytest.raises(RuntimeError):
        Database.open(url)
    assert _schema(database.path) == before


def test_an_upgrade_that_loses_a_row_others_need_is_undone(url, database, store, following) -> None:
    store.add(new_samples(0, 5))
    database.close()
    _end_with(following, "op.execute('DELETE FROM sample WHERE id = 1')")
    with pytest.raises(StoreError, match=r"cannot be upgraded to schema \w+: restore a backup"):
        Database.open(url)
    with closing(sqlite3.connect(database.path)) as connection:
        assert connection.execute("SELECT count(*) FROM sample").fetchone() == (5,)


def test_an_installed_package_finds_its_migrations_from_any_folder(tmp_path: Path) -> None:
    site, package = tmp_path / "site", Path(schema.__file__).parents[1]
    for part in ("core", "store"):
        shutil.copytree(package / part, site / "identity" / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(package / "__init__.py", site / "identity")
    shutil.copytree(schema._scripts(), site / "identity" / "migrations")  # as pyproject.toml puts it in the wheel
    program = (
        "import sys; from identity.store import schema; from identity.store.sqlite import database; "
        "database.Database.open(sys.argv[1]).close(); "
        "print(schema._scripts())"
    )
    command = [sys.executable, "-c", program, url_of(tmp_path / "home" / "identity.db")]
    environment = {"PYTHONPATH": str(site)}
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/", env=environment)
    assert said.stdout.strip() == str(site / "identity" / "migrations")
