"""A forgotten person is in no column of any table and in no byte of any file, also where forgetting was interrupted."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from identity import bootstrap
from identity.core.errors import StoreBusyError
from identity.core.types import Role, SourceImage
from identity.home import Home

sys.path.append(str(Path(__file__).parents[2] / "scripts" / "bench"))

from damage.home import NAME, build_home

PERSON = "Zoë Quillfeather"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "SHIPPED", bootstrap.SHIPPED)  # the home's builder replaces it; put back at the end
        made = build_home(tmp_path / "home")
        with bootstrap.open_home(home=made) as opened:
            gallery = opened.open_gallery(NAME)
            gallery.people.name("Ada", PERSON)
            looked_at = SourceImage("photos", f"photos/{PERSON}/none.png", content=b"\7" * 32, width=9, height=9)
            gallery.store.add([], skipped=[(looked_at, "no ink")])
        yield made


@dataclass(frozen=True)
class Traces:
    """What must be nowhere: the ids of the samples, and bytes of name, paths, digests, vectors and crops."""

    ids: list[int]
    samples: dict[str, bytes]  # by what they are

    def in_files(self, home: Path) -> set[str]:
        """Which of them are in some file."""
        held = b"\0".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
        return {what for what, trace in self.samples.items() if trace in held}

    def in_tables(self, home: Path) -> set[str]:
        """The tables and columns that hold one of them, or the id of a sample."""
        found: set[str] = set()
        with closing(sqlite3.connect(home / "identity.db")) as connection:
            for table, column, value in _values(connection):
                written = value if isinstance(value, bytes) else str(value).encode()
                is_id = column == "sample_id" and value in self.ids
                if is_id or any(trace in written for trace in self.samples.values()):
                    found.add(f"{table}.{column}")
        return found


def _values(connection: sqlite3.Connection) -> Iterator[tuple[str, str, object]]:
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (table,) in tables:
        rows = connection.execute(f"SELECT * FROM {table}")
        columns = [column[0] for column in rows.description]
        for row in rows.fetchall():
            yield from ((table, column, value) for column, value in zip(columns, row, strict=True))


def traces_of(opened: Home) -> Traces:
    gallery = opened.open_gallery(NAME)
    ids = [sample.id for sample in gallery.samples.find(identity=PERSON, limit=1000)]
    traces = {"name": PERSON.encode(), "path of nothing": b"none.png", "digest of nothing": b"\7" * 32}
    held = [gallery.store.all_vectors(role)[1] for role in Role]
    vectors = {id_: vector for part in held for id_, vector in zip(part.ids.tolist(), part.vectors, strict=True)}
    for id_ in ids:
        vector = vectors[id_]
        traces |= {f"{form} of {id_}": content for form, content in _forms(vector).items()}
        traces[f"crop of {id_}"] = gallery.samples.crops([id_])[id_]
    with closing(sqlite3.connect(opened.settings.home / "identity.db")) as connection:
        marks = ",".join(map(str, ids))
        seen = f"SELECT id, path, content FROM image WHERE id IN (SELECT image_id FROM sample WHERE id IN ({marks}))"
        for image, path, content in connection.execute(seen):
            traces |= {f"path of {image}": path.encode(), f"digest of {image}": content}
            traces[f"digest in hex of {image}"] = content.hex().encode()
    return Traces(ids, traces)


def _forms(vector: np.ndarray) -> dict[str, bytes]:
    half = len(vector) // 2
    return {
        "vector": vector.tobytes(),
        "first half": vector[:half].tobytes(),
        "second half": vector[half:].tobytes(),
        "unit vector": (vector / np.linalg.norm(vector)).astype(np.float32).tobytes(),
        "float16": vector.astype(np.float16).tobytes(),
        "float64": vector.astype(np.float64).tobytes(),
        "8 bits": np.round(127 * vector).astype(np.int8).tobytes(),
    }


def erased(home: Path) -> None:
    """Any program that writes."""
    said: list[str] = []
    with bootstrap.open_home(home=home, say=said.append) as opened:
        opened.create_gallery("another")
    assert said == ["finished 1 removals that were interrupted: what was removed is in no file any more"]


def examined(home: Path) -> None:
    with bootstrap.open_home(home=home) as opened:
        (found,) = opened.examine()
    assert (found.mended, "interrupted" in found.problem) == (True, True)


def test_a_forgotten_person_is_nowhere(home: Path) -> None:
    with bootstrap.open_home(home=home) as opened:
        traces = traces_of(opened)
        assert len(traces.in_files(home)) > 5 * len(traces.ids) > 25
        assert len(traces.in_tables(home)) >= 8
        opened.open_gallery(NAME).samples.forget(PERSON)
        assert (traces.in_tables(home), traces.in_files(home)) == (set(), set())


@pytest.mark.parametrize("finishing", [erased, examined])
def test_forgetting_that_a_kill_interrupted_is_finished_by_the_next_writer_or_examination(
    home: Path, finishing: Callable[[Path], None]
) -> None:
    with bootstrap.open_home(home=home) as opened:
        traces = traces_of(opened)
        opened.open_gallery(NAME).store.remove(traces.ids)  # and no further
        assert (traces.in_tables(home), bool(traces.in_files(home))) == ({"superseded.sample_id"}, True)
    finishing(home)
    assert (traces.in_tables(home), traces.in_files(home)) == (set(), set())
    with bootstrap.open_home(home=home) as opened:
        assert list(opened.examine()) == []


def test_forgetting_that_a_reader_interrupted_is_finished_too(home: Path) -> None:
    with bootstrap.open_home(home=home) as opened, bootstrap.open_home(home=home) as other:
        traces = traces_of(opened)
        with other.store._database.read() as reading:
            reading.exec_driver_sql("SELECT count(*) FROM sample").scalar()
            with pytest.raises(StoreBusyError, match="the next command that writes erases them"):
                opened.open_gallery(NAME).samples.forget(PERSON)
        assert traces.in_files(home)
    erased(home)
    assert (traces.in_tables(home), traces.in_files(home)) == (set(), set())


def test_of_a_gallery_whose_deletion_was_interrupted_no_index_file_stays(home: Path) -> None:
    with bootstrap.open_home(home=home) as opened:
        assert list((home / "indexes").glob("*.faiss"))
        assert len(opened.open_gallery(NAME).store.all_vectors(Role.GALLERY)[1].ids) > 50
        opened.store.galleries.delete(NAME)  # and no further
    erased(home)
    assert not list((home / "indexes").glob("*.faiss"))


def test_index_files_of_galleries_that_are_gone_are_swept_by_the_examination(home: Path) -> None:
    stray = home / "indexes" / f"{'ab' * 16}-0123456789abcdef.faiss"
    stray.write_bytes(b"left by an older version")
    with bootstrap.open_home(home=home) as opened:
        (found,) = opened.examine()
    assert (found.place, found.mended, stray.exists()) == ("index files", True, False)


def test_index_files_that_are_no_longer_in_force_are_swept_by_the_examination(home: Path) -> None:
    """As a restoring program leaves them that was killed: the gallery is there, and never saw this file."""
    (kept,) = (home / "indexes").glob("*.faiss")
    left = kept.with_name(f"{kept.name[:33]}{'0' * 16}.faiss")
    left.write_bytes(kept.read_bytes())
    with bootstrap.open_home(home=home) as opened:
        (found,) = opened.examine()
        assert (found.problem, found.mended) == ("index files no longer in force: 1", True)
        assert list(opened.examine()) == []
    assert list((home / "indexes").glob("*.faiss")) == [kept]


def test_a_gallery_that_was_deleted_leaves_nothing_for_the_examination(home: Path) -> None:
    with bootstrap.open_home(home=home) as opened:
        opened.delete_gallery(NAME)
        assert list((home / "indexes").glob("*")) == []
        assert list(opened.examine()) == []


def test_where_another_vector_is_damaged_forgetting_leaves_no_index_file_at_all(home: Path) -> None:
    with bootstrap.open_home(home=home) as opened:
        traces = traces_of(opened)
        kept = next(one.id for one in opened.open_gallery(NAME).samples.find(limit=500) if one.id not in traces.ids)
        with opened.store._database.write() as connection:
            connection.exec_driver_sql("UPDATE vector SET crc32 = crc32 + 1 WHERE sample_id = ?", (kept,))
        assert opened.open_gallery(NAME).samples.forget(PERSON) == len(traces.ids)
        assert (traces.in_tables(home) - {"superseded.sample_id"}, traces.in_files(home)) == (set(), set())
