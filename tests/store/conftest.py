"""Galleries in real SQLite files and on a real PostgreSQL server, and samples to put into them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from databases import address_of, open_database
from store_factories import DIM, new_image, new_samples

from identity.core.types import GalleryRecord, NewSample, SourceImage
from identity.store.galleries import SqlGalleries
from identity.store.samples import SampleStore
from identity.store.transactions import SqlDatabase

MakeSamples = Callable[..., list[NewSample]]

@pytest.fixture
def url(kind: str, tmp_path: Path) -> str:
    return address_of(tmp_path / "home")


@pytest.fixture
def database(url: str) -> Iterator[SqlDatabase]:
    opened = open_database(url, timeout_s=0.2)
    yield opened
    opened.close()


@pytest.fixture
def gallery(database: SqlDatabase) -> GalleryRecord:
    return SqlGalleries(database).create("digits", model="m", detector="d", space="s", dim=DIM)


@pytest.fixture
def store(database: SqlDatabase, gallery: GalleryRecord) -> SampleStore:
    return SampleStore(database, gallery)


@pytest.fixture
def image() -> Callable[[int], SourceImage]:
    return new_image


@pytest.fixture
def samples() -> MakeSamples:
    return new_samples
