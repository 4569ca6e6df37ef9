"""Images come with the samples that were seen in them, page by page or by what they show, of one gallery only."""

from __future__ import annotations

from dataclasses import replace

from store_factories import DIM, new_image, new_samples

from identity.core.types import Box
from identity.store.galleries import SqlGalleries
from identity.store.samples import SampleStore
from identity.store.sqlite.database import Database


def test_pages_hold_every_image_once_with_all_its_samples(store: SampleStore, database: Database) -> None:
    (first, *others) = new_samples(0, 5)
    ids = store.add([first, replace(first, box=Box(1, 1, 9, 9), identity=None), *others]).tolist()
    other = SqlGalleries(database).create("other", model="m", detector="d", space="s", dim=DIM)
    SampleStore(database, other).add(new_samples(3, 4))
    pages, after = [], 0
    while page := store.seen_images(after=after, limit=2):
        pages.append(page)
        after = page[-1].id
    assert [len(page) for page in pages] == [2, 2, 1]
    images = [image for page in pages for image in page]
    assert sorted(sample.id for image in images for sample in image.samples) == sorted(ids)
    assert [(sample.identity, sample.box) for sample in images[0].samples] == [
        ("7", first.box), (None, Box(1, 1, 9, 9)),
    ]  # fmt: skip
    store.remove([sample.id for sample in images[1].samples])
    assert [image.path for image in store.seen_images()] == [images[place].path for place in (0, 2, 3, 4)]


def test_images_are_found_by_what_they_show(store: SampleStore) -> None:
    store.add(new_samples(0, 3), skipped=[(new_image(7), "no face")])
    contents = [new_image(number).content for number in (2, 0, 7, 9)]
    assert {image.path for image in store.images_with(contents)} == {"train/0.png", "train/2.png"}


def test_a_name_that_is_not_utf_8_comes_as_its_bytes(store: SampleStore) -> None:
    (sample,) = new_samples(0, 1)
    named = replace(sample.image, path="caf\\xe9.png", path_bytes=b"caf\xe9.png")
    store.add([replace(sample, image=named)])
    (image,) = store.seen_images()
    assert image.path == b"caf\xe9.png"
