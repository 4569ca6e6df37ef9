"""A gallery that is there takes from a bundle what it lacks, and nothing that it has is changed."""

from __future__ import annotations

import numpy as np
import pytest
from bundle_worlds import NO_MODELS, SPACE, Seen, answers, create, decide, enrol
from test_moving import moved

from identity.core.clusters import ClusterEdit
from identity.core.errors import SpaceMismatchError, UsageError
from identity.workflows.moving import export_gallery, import_gallery


def merged(store, path, **options):
    return import_gallery(store, path, name=None, merge_names=True, entrance=NO_MODELS, **options).arrival


def named(store) -> dict[tuple[int, int], str | None]:
    """Image row and box to name."""
    found = store.samples(store.galleries.get("people")).find()
    return {(one.row, one.box.x1): one.identity for one in found}


def changes(store) -> int:
    return store.galleries.get("people").changes


def test_a_second_import_writes_nothing(there, bundle):
    moved(there, bundle)
    before, counted = answers(there), changes(there)
    again = moved(there, bundle).arrival
    assert (again.created, again.known, any(again.added.values())) == (False, 8, False)
    assert (answers(there), changes(there)) == (before, counted)


def test_an_empty_gallery_of_the_same_space_takes_everything(filled, there, bundle):
    create(there)
    assert moved(there, bundle).arrival.created is False
    assert answers(there) == answers(filled)
    assert changes(there) == 1


def test_another_space_is_refused(there, bundle):
    create(there, space="t" * 64)
    with pytest.raises(SpaceMismatchError, match="import it under another name"):
        moved(there, bundle)
    assert moved(there, bundle, name="other").arrival.created


def test_known_samples_keep_their_names_and_new_ones_bring_theirs(there, bundle):
    gallery = create(there)
    enrol(there, gallery, [Seen(0, identity="countess"), Seen(20, identity="eve")])
    arrived = moved(there, bundle).arrival
    assert (arrived.known, arrived.added["sample"], arrived.added["calibration"]) == (1, 7, 0)
    assert named(there)[0, 0] == "countess"
    assert named(there)[2, 0] == "ada"
    assert answers(there)["broken"] == []
    assert answers(there)["history"] == []


def test_a_name_that_both_use_is_refused_until_it_is_said_to_be_the_same(there, bundle):
    gallery = create(there)
    enrol(there, gallery, [Seen(20, identity="bob")])
    before, counted = answers(there), changes(there)
    with pytest.raises(UsageError, match=r"'bob'.*--merge-names"):
        moved(there, bundle)
    assert (answers(there), changes(there)) == (before, counted)
    merged(there, bundle)
    assert sorted(there.samples(gallery).identities().values()) == ["ada", "bob"]
    assert named(there)[20, 0] == named(there)[3, 0] == "bob"


def test_a_shared_name_that_no_new_sample_uses_is_no_conflict(there, bundle):
    gallery = create(there)
    known = [Seen(number, identity="bob") for number in (3, 4, 5)]
    enrol(there, gallery, [*known, Seen(8, identity="bob")])
    assert moved(there, bundle).arrival.added["identity"] == 1


def test_a_new_face_in_a_known_image_hangs_on_that_image(there, bundle):
    gallery = create(there)
    enrol(there, gallery, [Seen(7)])
    moved(there, bundle)
    rows = there.rows(gallery)
    image = rows.tables["image"]["row"].index(7)
    assert rows.tables["sample"]["image"].count(image) == 2


def test_decisions_come_along_among_new_samples_only(filled, there, bundle):
    gallery = create(there)
    enrol(there, gallery, [Seen(3, identity="bo")])
    moved(there, bundle)
    rows = there.rows(there.galleries.get("people"))
    assert (rows.count("party"), rows.count("party_member"), rows.count("set_aside")) == (2, 2, 1)
    assert [one is None for one in rows.tables["refusal"]["identity"]] == [False]  # that against the known one stays
    assert answers(there)["broken"] == []


def test_what_was_decided_here_stays(there, bundle):
    gallery = create(there)
    ids = enrol(there, gallery, [Seen(0), Seen(2)])
    decide(there, gallery, ClusterEdit("same", together=np.array(ids)))
    moved(there, bundle)
    rows = there.rows(gallery)
    first = [place for place, party in enumerate(rows.tables["party_member"]["party"]) if party == 0]
    assert [rows.tables["party_member"]["sample"][place] for place in first] == [0, 1]


def test_two_halves_make_the_whole(here, there, tmp_path):
    for name, faces in {"one": range(4), "two": range(2, 8)}.items():
        enrol(here, create(here, name), [Seen(number, identity=f"p{number}") for number in faces])
        export_gallery(here, here.galleries.get(name), tmp_path / name, crops=True)
    for name in ("one", "two", "one"):
        import_gallery(there, tmp_path / name, name="people", merge_names=False, entrance=NO_MODELS)
    assert named(there) == {(number, 0): f"p{number}" for number in range(8)}
    assert there.galleries.get("people").space == SPACE
