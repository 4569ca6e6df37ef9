"""Galleries in real SQLite files, and samples to put into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from store_factories import DIM, new_image, new_samples, url_of

from identity.core.types import GalleryRecord, NewSample, SourceImage
from identity.store.galleries import SqlGalleries
from identity.store.samples import SampleStore
from identity.store.sqlite.database import Database

MakeSamples = Callable[..., list[NewSample]]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return url_of(tmp_path / "home" / "identity.db")


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database.open(url, timeout_s=0.2)
    yield opened
    opened.close()


@pytest.fixture
def gallery(database: Database) -> GalleryRecord:
    return SqlGalleries(database).create("digits", model="m", detector="d", space="s", dim=DIM)


@pytest.fixture
def store(database: Database, gallery: GalleryRecord) -> SampleStore:
    return SampleStore(database, gallery)


@pytest.fixture
def image() -> Callable[[int], SourceImage]:
    return new_image


@pytest.fixture
def samples() -> MakeSamples:
    return new_samples
