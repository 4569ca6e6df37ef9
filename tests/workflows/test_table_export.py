"""A Parquet file holds every sample as the gallery has it, and is written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from albums import UPRIGHT, album_world, photograph_file
from face_worlds import RULES, people
from PIL import Image

from identity.core.errors import UsageError
from identity.core.types import Role

parquet = pytest.importorskip("pyarrow.parquet", reason="PyArrow is not here: pip install 'identity-search[parquet]'")


def test_every_sample_is_a_row_with_its_name_place_cluster_and_vector(tmp_path: Path) -> None:
    path, other = photograph_file(tmp_path / "a.png", format_="PNG"), tmp_path / "other.png"
    Image.fromarray(UPRIGHT[:, :4]).save(other)
    world = album_world(tmp_path / "home", path)
    world.opened.enroll([str(other)], faces=RULES)
    world.opened.clusters.run(eps=0.02, min_samples=2)
    made = world.opened.files.write_parquet(tmp_path / "out.parquet")
    table = parquet.read_table(tmp_path / "out.parquet")
    rows = {row["sample"]: row for row in table.to_pylist()}
    held = {sample.id: sample for sample in world.opened.samples.find()}
    assert (made.rows, made.size) == (len(held), (tmp_path / "out.parquet").stat().st_size)
    assert set(rows) == set(held)
    _, labelled = world.opened.store.all_vectors(Role.GALLERY)
    for id_, vector in zip(labelled.ids.tolist(), labelled.vectors, strict=True):
        row, one = rows[id_], held[id_]
        assert np.array_equal(np.array(row["vector"], np.float32), vector)
        assert [row[edge] for edge in ("x1", "y1", "x2", "y2")] == one.box.as_list()
        assert (row["path"], row["row"], row["identity"], row["role"]) == (one.source, None, one.identity, "gallery")
        assert len(row["content"]) == 64
    (unnamed,) = (row for row in rows.values() if row["path"] == str(other))
    assert (unnamed["identity"], unnamed["proposed"]) == (None, "Anna")
    said = json.loads(table.schema.metadata[b"identity"])
    assert (said["format"], said["gallery"], said["run"]["eps"]) == ("identity.samples-table/1", "test", 0.02)


def test_before_any_run_a_cluster_is_null_and_an_empty_gallery_is_an_empty_table(tmp_path: Path) -> None:
    world = album_world(tmp_path / "home", photograph_file(tmp_path / "a.png", format_="PNG"))
    world.opened.files.write_parquet(tmp_path / "out.parquet")
    assert parquet.read_table(tmp_path / "out.parquet")["cluster"].to_pylist() == [None] * 3
    assert people(tmp_path / "empty").opened.files.write_parquet(tmp_path / "out.parquet").rows == 0
    assert parquet.read_table(tmp_path / "out.parquet").num_rows == 0
    assert (tmp_path / "out.parquet").stat().st_mode & 0o777 == 0o600


def test_what_is_no_table_is_not_replaced(tmp_path: Path) -> None:
    opened = people(tmp_path / "home").opened
    (tmp_path / "letter").write_text("dear")
    (tmp_path / "link").symlink_to(tmp_path / "letter")
    for name in ("letter", "link"):
        with pytest.raises(UsageError, match=name):
            opened.files.write_parquet(tmp_path / name)
    assert (tmp_path / "letter").read_text() == "dear"


def test_without_pyarrow_the_cure_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("identity.bundles.parquet.import_module", missing)
    with pytest.raises(UsageError, match=r"identity-search\[parquet\]"):
        people(tmp_path / "home").opened.files.write_parquet(tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()
