"""Whatever is wrong with a backup, restoring it ends in one line, and the store that was there is as it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from store_factories import new_samples, url_of

from identity.core.errors import IdentityError, StoreError
from identity.store.galleries import SqlGalleries
from identity.store.samples import SampleStore
from identity.store.sqlite.backup import restore
from identity.store.sqlite.database import Database

FLIPS, BLOCKS = 250, 150
OF_OLD_ONES = 5  # every so many of the mutations of a backup without a seal, most of which are restored
COUNTER_AND_SUM = (*range(24, 28), *range(60, 64), *range(68, 72))  # bytes that say whether the seal is in force
REVISION = "UPDATE alembic_version SET version_num = "


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small backup with rows in its tables."""
    folder = tmp_path_factory.mktemp("made")
    database = Database.open(url_of(folder / "identity.db"))
    store = SampleStore(database, SqlGalleries(database).create("digits", model="m", detector="d", space="s", dim=8))
    store.add(new_samples(0, 40))
    database.backup(folder / "b.bak")
    database.close()
    return (folder / "b.bak").read_bytes()


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A database that must survive."""
    database = Database.open(url_of(tmp_path / "home" / "identity.db"))
    SqlGalleries(database).create("precious", model="m", detector="d", space="s", dim=8)
    database.close()
    return database.path


def mutations(content: bytes, rng: np.random.Generator) -> Iterator[bytes]:
    """One byte changed; a block zeroed, filled at random, or cut out."""
    for _ in range(FLIPS):
        mutated, at = bytearray(content), int(rng.integers(len(content)))
        mutated[at] ^= int(rng.integers(1, 256))
        yield bytes(mutated)
    for turn in range(BLOCKS):
        size = int(rng.integers(1, 5000))
        at = int(rng.integers(len(content) - size))
        middle = (bytes(size), rng.bytes(size), b"")[turn % 3]
        yield content[:at] + middle + content[at + size :]


def unsealed(content: bytes) -> bytes:
    """As older versions of the program wrote it."""
    return content[:60] + bytes(4) + content[64:68] + bytes(4) + content[72:]


def said(path: Path, content: bytes, kept: Path) -> str | None:
    """What restoring bytes is answered with; None where they are restored. Anything but an `IdentityError` gets out."""
    path.write_bytes(content)
    try:
        restore(path, url_of(kept))
    except IdentityError as error:
        return str(error)
    return None


def galleries(path: Path) -> list[str]:
    database = Database.open(url_of(path))
    names = [gallery.name for gallery in SqlGalleries(database).list()]
    database.close()
    return names


def test_every_changed_byte_of_a_backup_is_found(backup: bytes, kept: Path, tmp_path: Path) -> None:
    changed = [one for one in mutations(backup, np.random.default_rng(0)) if one != backup]
    before = kept.read_bytes()
    for mutated in changed:
        answer = said(tmp_path / "b.bak", mutated, kept)
        if answer is None:  # the one thing that may differ is the seal itself
            assert [at for at, byte in enumerate(backup) if mutated[at] != byte and at not in COUNTER_AND_SUM] == []
        else:
            assert "\n" not in answer
            assert kept.read_bytes() == before
    assert len(changed) > FLIPS
    assert sorted(path.name for path in kept.parent.iterdir()) == ["identity.db"]


def test_damage_in_a_backup_without_a_seal_ends_in_one_line_or_in_a_store_that_opens(
    backup: bytes, kept: Path, tmp_path: Path
) -> None:
    old, before = unsealed(backup), kept.read_bytes()
    refused = 0
    for mutated in islice(mutations(old, np.random.default_rng(1)), None, None, OF_OLD_ONES):
        answer = said(tmp_path / "b.bak", mutated, kept)
        if answer is None:
            assert len(galleries(kept)) <= 1
            kept.write_bytes(before)
        else:
            refused += 1
            assert "\n" not in answer
            assert kept.read_bytes() == before
    assert refused > BLOCKS / OF_OLD_ONES / 4
    assert said(tmp_path / "b.bak", old, kept) is None
    assert galleries(kept) == ["digits"]


@pytest.mark.parametrize(
    "statement",
    [
        f"{REVISION} CAST(x'fffe' AS TEXT)",
        f"{REVISION} x'30303035'",
        f"{REVISION} 5",
        "DELETE FROM alembic_version",
        "DROP TABLE sample",
        "ALTER TABLE vector DROP COLUMN crc32",
        "DROP TABLE gallery",
    ],
)
def test_a_backup_that_somebody_changed_is_refused(backup: bytes, kept: Path, tmp_path: Path, statement: str) -> None:
    (tmp_path / "b.bak").write_bytes(backup)
    with closing(sqlite3.connect(tmp_path / "b.bak", isolation_level=None)) as connection:
        connection.execute(statement)
    with pytest.raises(StoreError) as caught:
        restore(tmp_path / "b.bak", url_of(kept))
    assert "\n" not in str(caught.value)
    assert galleries(kept) == ["precious"]


def test_a_backup_that_somebody_opened_and_changed_on_purpose_is_not_called_damaged(
    backup: bytes, kept: Path, tmp_path: Path
) -> None:
    (tmp_path / "b.bak").write_bytes(backup)
    with closing(sqlite3.connect(tmp_path / "b.bak", isolation_level=None)) as connection:
        connection.execute("UPDATE gallery SET name = 'numerals'")
    restore(tmp_path / "b.bak", url_of(kept))
    assert galleries(kept) == ["numerals"]
