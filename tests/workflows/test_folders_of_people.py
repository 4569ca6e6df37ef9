"""Folders that are not called after people: nothing is written before somebody says what the labels are."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from face_worlds import RULES, face, people
from PIL import Image
from worlds import World

from identity.core.errors import UnclearLabelsError


@pytest.fixture
def made(tmp_path: Path) -> World:
    return people(tmp_path / "home")


def keep(folder: Path, shots: range, *who: int) -> None:
    """Photographs of these people, all in each."""
    folder.mkdir(parents=True, exist_ok=True)
    for shot in shots:
        pixels = np.concatenate([face(person, shot) for person in who], axis=1)
        Image.fromarray(pixels).save(folder / f"{shot}.png")


def test_folders_that_are_dates_are_refused_before_anything_is_written(made: World, tmp_path: Path) -> None:
    keep(tmp_path / "album" / "2019-07-14 Beach", range(2), 1)
    keep(tmp_path / "album" / "Anna", range(2), 2)
    said = r"1 of 2 folders .*2019-07-14 Beach: a date.*--labels none"
    with pytest.raises(UnclearLabelsError, match=said) as unclear:
        made.opened.enroll(tmp_path / "album", faces=RULES)
    assert unclear.value.exit_code == 2
    assert (made.opened.store.gallery.changes, made.embedder.embedded) == (0, 0)


def test_whoever_says_what_the_labels_are_is_not_asked(made: World, tmp_path: Path) -> None:
    keep(tmp_path / "album" / "2019", range(2), 1)
    report = made.opened.enroll(tmp_path / "album", labels="none", faces=RULES)
    assert (report.gallery, set(made.opened.store.identities().values())) == (2, set())
    named = made.opened.enroll(tmp_path / "album", labels="folders", faces=RULES)
    assert (named.named, set(made.opened.store.identities().values())) == (2, {"2019"})
    made.opened.enroll(tmp_path / "album", label="Anna", faces=RULES)
    assert made.embedder.embedded == 2


def test_a_folder_of_groups_is_an_occasion_whatever_it_is_called(made: World, tmp_path: Path) -> None:
    keep(tmp_path / "album" / "Klassentreffen", range(6), 1, 2, 3)
    with pytest.raises(UnclearLabelsError, match="Klassentreffen: 6 photographs, 5 of 5 looked at show several people"):
        made.opened.enroll(tmp_path / "album", faces=RULES)
    assert made.embedder.embedded == 0


def test_folders_of_one_person_each_are_names(made: World, tmp_path: Path) -> None:
    for person in range(3):
        keep(tmp_path / "album" / f"Person {person}", range(6), person)
    keep(tmp_path / "album" / "Person 0", range(6, 9), 0, 1)
    assert made.opened.enroll(tmp_path / "album", faces=RULES).gallery == 21


def test_of_several_faces_the_one_that_enrolment_would_choose_gets_a_later_name(made: World, tmp_path: Path) -> None:
    keep(tmp_path / "album", range(1), 1, 2, 3)
    made.opened.enroll(tmp_path / "album", faces=RULES)
    (tmp_path / "album" / "Anna").mkdir()
    shutil.move(tmp_path / "album" / "0.png", tmp_path / "album" / "Anna" / "0.png")
    report = made.opened.enroll(tmp_path / "album", faces=RULES)
    assert (report.named, report.moved, report.conflicts, made.embedder.embedded) == (1, 1, [], 3)
    named = [sample.box.x1 for sample in made.opened.samples.find(identity="Anna")]
    assert named == [4]  # the one in the middle
