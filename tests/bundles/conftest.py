"""Two homes' stores, one of them with a gallery that has something in every table, and that gallery as a file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from bundle_worlds import Seen, cluster, create, decide, enrol, set_thresholds, store_at
from databases import address_of

from identity.core.clusters import ClusterEdit
from identity.core.types import Role, SourceImage
from identity.store.opening import open_store
from identity.store.sql import SqlStore
from identity.workflows.moving import export_gallery


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What every test starts from: a home that is empty, one that is not, and its gallery as a file."""
    folder = tmp_path_factory.mktemp("drawn")
    for name in ("empty", "filled"):
        (folder / name).mkdir()
    open_store(f"sqlite:///{folder}/empty/identity.db").close()
    store = open_store(f"sqlite:///{folder}/filled/identity.db")
    fill(store)
    export_gallery(store, store.galleries.get("people"), folder / "people.bundle", crops=True)
    store.close()
    return folder


def opened(drawn: Path, name: str, folder: Path) -> Iterator[SqlStore]:
    """A copy of a drawn home; one that has its database on a server takes the gallery from there."""
    if address_of(folder).startswith("sqlite"):
        shutil.copytree(drawn / name, folder)
    store = store_at(folder)
    if not store.galleries.list():
        source = open_store(f"sqlite:///{drawn}/{name}/identity.db")
        for gallery in source.galleries.list():
            store.put_rows(source.rows(gallery), name=gallery.name)
        source.close()
    yield store
    store.close()


@pytest.fixture
def here(drawn: Path, tmp_path: Path) -> Iterator[SqlStore]:
    yield from opened(drawn, "empty", tmp_path / "here")


@pytest.fixture
def there(drawn: Path, tmp_path: Path) -> Iterator[SqlStore]:
    yield from opened(drawn, "empty", tmp_path / "there")


@pytest.fixture
def filled(drawn: Path, tmp_path: Path) -> Iterator[SqlStore]:
    yield from opened(drawn, "filled", tmp_path / "filled")


@pytest.fixture
def bundle(drawn: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(drawn / "people.bundle", tmp_path))


def fill(here: SqlStore) -> None:
    """Ada and Bob, one of nobody's, one for calibration, an image without a sample, decisions, two runs."""
    gallery = create(here)
    faces = [Seen(number, identity="ada" if number < 3 else "bob") for number in range(6)]
    ids = enrol(here, gallery, [*faces, Seen(7), Seen(7, box=1), Seen(8, identity="bob", role=Role.CALIBRATION)])
    blank = SourceImage("src", "blank.png", None, content=b"b" * 32, width=3, height=3)
    here.samples(gallery).add([], skipped=[(blank, "no face")])
    here.samples(gallery).remove([ids[1]])
    bob = max(here.samples(gallery).identities())
    cluster(here, gallery, [ids[0], *ids[2:8]])
    decide(here, gallery, ClusterEdit("same", together=np.array(ids[3:5])))
    apart, other = np.array([ids[6]]), np.array([ids[3]])
    decide(here, gallery, ClusterEdit("not", apart=apart, not_samples=other, not_identity=bob))
    decide(here, gallery, ClusterEdit("set aside", aside=apart))
    cluster(here, gallery, ids[2:5], note="again")
    here.clusters(gallery).undo()
    set_thresholds(here, gallery, last_sample=ids[7])
