"""What a second look at known images changes is written with what is new beside them, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from identity.core.errors import SpaceMismatchError
from identity.core.revision import KnownImage, Revision
from identity.core.types import Role


@dataclass(slots=True)
class Naming:
    """Every sample of some contents is Anna, and every image lies elsewhere; or the look fails."""

    contents: Sequence[bytes]
    fails: bool = False

    def __call__(self, known: Sequence[KnownImage]) -> Revision:
        if self.fails:
            raise RuntimeError("the power went")
        return Revision(
            {one.id: (f"moved/{one.id}.png", None) for one in known},
            {sample.id: "Anna" for one in known for sample in one.samples},
        )


def test_names_paths_and_new_samples_come_together(store, samples):
    unnamed = samples(0, 2, identity=None)
    old = store.add(unnamed)
    new = store.add(samples(5, 1), again=Naming([sample.image.content for sample in unnamed]))
    shown = store.samples([*old, *new])
    assert [shown[one].identity for one in old] == ["Anna", "Anna"]
    assert all(shown[one].source.startswith("moved/") for one in old)
    assert shown[new[0]].identity == "7"


def test_a_look_that_fails_leaves_neither_names_nor_new_samples(store, samples):
    unnamed = samples(0, 2, identity=None)
    (first, _) = store.add(unnamed)
    before = store.gallery.changes
    with pytest.raises(RuntimeError):
        store.add(samples(5, 1), again=Naming([sample.image.content for sample in unnamed], fails=True))
    assert store.gallery.changes == before
    assert store.count(Role.GALLERY) == 2
    assert store.samples([first])[first].identity is None


def test_a_batch_that_does_not_fit_changes_no_name(store, samples):
    unnamed = samples(0, 1, identity=None)
    (old,) = store.add(unnamed)
    (wrong,) = samples(5, 1)
    with pytest.raises(SpaceMismatchError):
        store.add([replace(wrong, vector=wrong.vector[:3])], again=Naming([unnamed[0].image.content]))
    assert store.samples([old])[old].identity is None


def test_a_file_of_the_same_batch_that_shows_the_same_is_looked_at_after_it_was_written(store, samples):
    (fresh,) = samples(0, 1, identity=None)
    (id_,) = store.add([fresh], again=Naming([fresh.image.content]))
    assert store.samples([id_])[id_].identity == "Anna"
