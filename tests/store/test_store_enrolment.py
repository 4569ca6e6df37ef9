"""What is enrolled comes back exactly, once, and all of it or nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from identity.core.errors import NotFoundError, SpaceMismatchError, UsageError
from identity.core.stores import Counts
from identity.core.types import NO_ID, Box, Role, SourceImage
from identity.store.galleries import SqlGalleries
from identity.store.samples import SampleStore
from identity.store.sqlite.database import Database


def test_vectors_come_back_bit_for_bit_in_the_order_of_the_returned_ids(store, samples):
    batch = samples(0, 2500)
    ids = store.add(batch)
    _, held = store.all_vectors(Role.GALLERY)
    assert (np.diff(ids) > 0).all()
    assert held.ids.tolist() == ids.tolist()
    assert held.vectors.tobytes() == np.stack([sample.vector for sample in batch]).tobytes()


def test_each_returned_id_is_the_sample_at_its_place_in_the_batch(store, samples):
    batch = samples(0, 1200)
    shown = store.samples(store.add(batch))
    assert [sample.source for sample in shown.values()] == [sample.image.path for sample in batch]


def test_a_sample_is_shown_as_it_was_enrolled(store, samples):
    (id_,) = store.add([replace(samples(3, 1)[0], box=Box(1, 2, 3, 4))])
    sample = store.samples([id_, 999])[id_]
    assert (sample.identity, sample.role, sample.source, sample.row) == ("7", Role.GALLERY, "train/3.png", None)
    assert (sample.box, sample.score) == (Box(1, 2, 3, 4), 0.5)
    assert store.crops([id_])[id_] == b"crop of 3"
    assert 999 not in store.crops([999])


def test_a_sample_nobody_named_has_no_identity(store, samples):
    (id_,) = store.add(samples(0, 1, identity=None))
    _, held = store.all_vectors(Role.GALLERY)
    assert held.identities.tolist() == [NO_ID]
    assert store.samples([id_])[id_].identity is None
    assert store.identities() == {}


def test_several_faces_of_one_image_share_its_row(database, gallery, store, samples):
    first, second = samples(0, 2)
    store.add([first, replace(second, image=first.image, box=Box(5, 5, 9, 9))])
    assert SqlGalleries(database).counts(gallery) == Counts(
        samples=2, calibration_samples=0, identities=1, unnamed=0, images=1, skipped=0
    )


def test_an_image_another_writer_enrolled_meanwhile_is_left_out(store, samples):
    store.add(samples(0, 3))
    before = store.gallery.changes
    added = store.add(samples(0, 5, identity="other"))
    assert [sample.source for sample in store.samples(added).values()] == ["train/3.png", "train/4.png"]
    assert store.gallery.changes == before + 1
    assert len(store.find(identity="7")) == 3


def test_the_same_image_and_box_twice_in_a_batch_is_stored_once(store, samples):
    sample = samples(0, 1)[0]
    assert len(store.add([sample, replace(sample, role=Role.CALIBRATION)])) == 1


def test_seen_knows_enrolled_and_skipped_images_and_no_others(store, samples, image):
    store.add(samples(0, 2), skipped=[(image(7), "no face found")])
    contents = [image(number).content for number in (0, 1, 5, 7)]
    assert store.known_contents(contents) == {contents[0], contents[1], contents[3]}
    assert store.skipped_images() == [("train/7.png", None, "no face found")]


def test_an_image_that_a_rule_left_out_is_not_seen_and_gives_way_to_what_is_said_next(store, samples, image):
    store.add([], skipped=[(image(0), "face smaller than 24 px"), (image(1), "face smaller than 24 px")])
    contents = [image(number).content for number in (0, 1)]
    assert store.known_contents(contents) == set()
    store.add(samples(0, 1), skipped=[(image(1), "face smaller than 20 px")])
    assert store.known_contents(contents) == {contents[0]}
    assert store.skipped_images() == [("train/1.png", None, "face smaller than 20 px")]


def test_an_image_with_a_sample_keeps_its_row_whatever_is_said_of_it_later(store, samples, image):
    ids = store.add(samples(0, 1), skipped=[(image(0), "not the largest face")])
    store.add([], skipped=[(image(0), "face smaller than 24 px")])
    assert store.known_contents([image(0).content]) == {image(0).content}
    assert list(store.samples(ids)) == ids.tolist()
    assert store.skipped_images() == [("train/0.png", None, "not the largest face")]


def test_samples_are_counted_by_role(store, samples):
    store.add([*samples(0, 3), *samples(10, 2, role=Role.CALIBRATION)])
    assert (store.count(Role.GALLERY), store.count(Role.CALIBRATION)) == (3, 2)


def test_a_batch_may_hold_nothing_but_skipped_images(store, image):
    assert store.add([], skipped=[(image(1), "no ink"), (image(1), "no ink")]).tolist() == []
    assert len(store.skipped_images()) == 1


def test_an_image_that_was_never_decoded_is_looked_at_again_next_time(store):
    store.add([], skipped=[(SourceImage("a", "a/1.png", error="broken"), "broken")])
    assert store.skipped_images() == []


def test_a_vector_of_another_dimension_is_refused_and_nothing_of_its_batch_written(database, gallery, store, samples):
    before = store.gallery
    with pytest.raises(SpaceMismatchError, match="stores vectors of 8 numbers: enroll with"):
        store.add([*samples(0, 3), *samples(10, 1, dim=4)])
    assert store.gallery == before
    assert SqlGalleries(database).counts(gallery).images == 0


def test_a_sample_without_the_digest_of_its_image_is_refused(store, samples):
    sample = samples(0, 1)[0]
    with pytest.raises(UsageError, match="digest"):
        store.add([replace(sample, image=replace(sample.image, content=b""))])


def test_calibration_samples_are_never_searched(store, samples):
    searched = store.add(samples(0, 2))
    calibrating = store.add(samples(10, 3, role=Role.CALIBRATION))
    assert store.all_vectors(Role.CALIBRATION)[1].ids.tolist() == calibrating.tolist()
    assert store.search_state().later.ids.tolist() == searched.tolist()


def test_the_id_of_a_removed_sample_is_never_used_again(store, samples):
    last = store.add(samples(0, 3))[-1]
    store.remove([last])
    assert store.add(samples(10, 1))[0] == last + 1


def test_galleries_share_images_but_neither_samples_nor_identities(database, store, samples):
    other = SampleStore(database, SqlGalleries(database).create("b", model="m", detector="d", space="s", dim=8))
    mine, theirs = store.add(samples(0, 2)), other.add(samples(0, 2))
    assert len(theirs) == 2
    assert other.samples(mine) == {}
    assert other.crops(mine) == {}
    assert other.remove(mine) == 0
    assert other.relabel(mine, "x") == 0
    assert set(store.identities()) & set(other.identities()) == set()


def test_samples_are_found_by_identity_and_by_text_in_pages(store, samples):
    store.add([*samples(0, 30), *samples(50, 5, identity="Zoë_%")])
    assert len(store.find(identity="Zoë_%")) == 5
    assert len(store.find(identity="zo")) == 0
    assert [sample.source for sample in store.find(text="/2")][:3] == ["train/2.png", "train/20.png", "train/21.png"]
    assert len(store.find(text="_%")) == 5
    page = store.find(limit=10)
    assert store.find(limit=10, after=page[-1].id)[0].id == page[-1].id + 1


def test_a_deleted_gallery_takes_everything_of_it_along(database: Database, gallery, store, samples, image):
    other = SampleStore(database, SqlGalleries(database).create("b", model="m", detector="d", space="s", dim=8))
    other.add(samples(0, 2))
    store.add(samples(0, 5), skipped=[(image(9), "no ink")])
    assert SqlGalleries(database).delete("digits") == 5
    with database.read() as connection:
        counted = {
            table: connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
            for table in ("gallery", "identity", "image", "sample", "vector", "crop")
        }
    assert counted == {"gallery": 1, "identity": 1, "image": 2, "sample": 2, "vector": 2, "crop": 2}


def test_writing_to_a_gallery_that_was_deleted_meanwhile_says_so(database, store, samples):
    SqlGalleries(database).delete("digits")
    for attempt in (lambda: store.add(samples(0, 1)), lambda: store.gallery, store.search_state):
        with pytest.raises(NotFoundError, match="identity gallery list"):
            attempt()


def test_galleries_are_listed_by_name_and_a_name_is_taken_once(database, gallery):
    galleries = SqlGalleries(database)
    second = galleries.create("a b", model="m", detector="d", space="s", dim=4)
    assert galleries.list() == [second, gallery]
    assert galleries.get("digits") == gallery
    with pytest.raises(UsageError, match="already"):
        galleries.create("digits", model="m", detector="d", space="s", dim=4)


@pytest.mark.parametrize("name", ["", " a", "a ", "a/b", "-x", "a\nb", "x" * 65])
def test_odd_gallery_names_are_refused(database, name):
    with pytest.raises(UsageError):
        SqlGalleries(database).create(name, model="m", detector="d", space="s", dim=4)


def test_a_missing_gallery_is_named_with_the_cure(database):
    with pytest.raises(NotFoundError, match=r"no gallery 'nope'.*identity gallery create nope"):
        SqlGalleries(database).get("nope")
