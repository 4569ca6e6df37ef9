"""Two homes' stores, one of them with a gallery that has something in every table, and that gallery as a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from bundle_worlds import Seen, cluster, create, decide, enrol, set_thresholds, store_at

from identity.core.clusters import ClusterEdit
from identity.core.types import Role, SourceImage
from identity.store.sql import SqlStore
from identity.workflows.moving import export_gallery


@pytest.fixture
def here(tmp_path: Path) -> Iterator[SqlStore]:
    yield from _opened(tmp_path / "here")


@pytest.fixture
def there(tmp_path: Path) -> Iterator[SqlStore]:
    yield from _opened(tmp_path / "there")


def _opened(folder: Path) -> Iterator[SqlStore]:
    store = store_at(folder)
    yield store
    store.close()


@pytest.fixture
def filled(here: SqlStore) -> SqlStore:
    """Ada and Bob, one of nobody's, one for calibration, an image without a sample, a decision, two runs."""
    gallery = create(here)
    faces = [Seen(number, identity="ada" if number < 3 else "bob") for number in range(6)]
    ids = enrol(here, gallery, [*faces, Seen(7), Seen(7, box=1), Seen(8, identity="bob", role=Role.CALIBRATION)])
    blank = SourceImage("src", "blank.png", None, content=b"b" * 32, width=3, height=3)
    here.samples(gallery).add([], skipped=[(blank, "no face")])
    here.samples(gallery).remove([ids[1]])
    bob = max(here.samples(gallery).identities())
    cluster(here, gallery, [ids[0], *ids[2:8]])
    decide(here, gallery, ClusterEdit("same", together=np.array(ids[3:5])))
    decide(here, gallery, ClusterEdit("not", apart=np.array([ids[6]]), not_samples=np.array([ids[3]]), not_identity=bob))
    cluster(here, gallery, ids[2:5], note="again")
    here.clusters(gallery).undo()
    set_thresholds(here, gallery, last_sample=ids[7])
    return here


@pytest.fixture
def bundle(filled: SqlStore, tmp_path: Path) -> Path:
    path = tmp_path / "people.bundle"
    export_gallery(filled, filled.galleries.get("people"), path, crops=True)
    return path
