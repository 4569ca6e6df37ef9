"""A gallery that comes with the package: installed once, replaced by its next version unless somebody touched it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from store_factories import new_samples, url_of

from identity.core.rules.conformal import calibrate
from identity.core.types import GalleryRecord, Role
from identity.indexes.snapshot_folder import SnapshotFolder
from identity.store.galleries import SqlGalleries
from identity.store.samples import SampleStore
from identity.store.shipped import Credit, install, pack
from identity.store.sqlite.database import Database


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The same gallery packed in two spaces, as `digits.npz` and `digits-2.npz`."""
    folder = tmp_path_factory.mktemp("packed")
    return [_packed(folder / f"made-{name}", folder / f"{name}.npz") for name in ("digits", "digits-2")]


def _packed(home: Path, path: Path) -> Path:
    database = Database.open(url_of(home / "identity.db"))
    gallery = SqlGalleries(database).create("digits", model="m", detector="whole", space=path.stem, dim=8)
    store = SampleStore(database, gallery)
    store.add([replace(one, image=replace(one.image, row=row)) for row, one in enumerate(new_samples(0, 12))])
    _, labelled = store.all_vectors(Role.GALLERY)
    scores = {int(i): np.linspace(0.1, 0.2, 20, dtype=np.float32) for i in np.unique(labelled.identities)}
    made = calibrate(scores, space=path.stem, k=1, alpha=0.1, created_at="")
    pack(database, gallery, path, credit=Credit("somebody", "images", 8), calibration=made)
    database.close()
    return path


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(url_of(tmp_path / "identity.db"))
    yield opened
    opened.close()


def spaces(database: Database) -> dict[str, str]:
    return {one.name: one.space for one in SqlGalleries(database).list()}


def digits(database: Database) -> GalleryRecord:
    return SqlGalleries(database).get("digits")


def test_a_version_is_installed_once(database: Database, versions: list[Path]) -> None:
    assert install(database, versions[0]) is None
    first = digits(database)
    assert install(database, versions[0]) is None
    assert digits(database) == first
    assert SampleStore(database, first).count(Role.GALLERY) == 12


@pytest.mark.parametrize("searched", [False, True])
def test_the_next_version_replaces_one_that_nobody_changed(
    database: Database, versions: list[Path], tmp_path: Path, searched: bool
) -> None:
    install(database, versions[0])
    older = digits(database)
    if searched:
        store = SampleStore(database, older)
        changes, labelled = store.all_vectors(Role.GALLERY)
        store.index_files.publish(SnapshotFolder(tmp_path / "indexes").write(older, labelled), changes=changes)
    replaced = install(database, versions[1])
    assert replaced is not None
    assert replaced.uuid == older.uuid
    assert spaces(database) == {"digits": "digits-2"}
    assert SampleStore(database, digits(database)).count(Role.GALLERY) == 12
    assert install(database, versions[0]) is None
    assert spaces(database) == {"digits": "digits-2"}


def test_one_that_somebody_changed_stays_as_it_is(database: Database, versions: list[Path]) -> None:
    install(database, versions[0])
    store = SampleStore(database, digits(database))
    store.remove([int(store.all_vectors(Role.GALLERY)[1].ids[0])])
    assert install(database, versions[1]) is None
    assert spaces(database) == {"digits": "digits"}
    assert store.count(Role.GALLERY) == 11


def test_one_that_somebody_deleted_stays_deleted(database: Database, versions: list[Path]) -> None:
    install(database, versions[0])
    SqlGalleries(database).delete("digits")
    assert install(database, versions[1]) is None
    assert spaces(database) == {}


def test_a_gallery_of_the_same_name_that_somebody_made_is_left_alone(database: Database, versions: list[Path]) -> None:
    SqlGalleries(database).create("digits", model="own", detector="whole", space="own", dim=4)
    assert install(database, versions[1]) is None
    assert spaces(database) == {"digits": "own"}
