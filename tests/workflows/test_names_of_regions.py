"""Faces are enrolled under the names of the regions that they lie in; what a file says later names them then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from albums import album_world, photograph_file
from face_worlds import RULES, people
from worlds import World, world

from identity.core.errors import UsageError

EVERYBODY = {0: "Anna", 4: "Bert", 8: "Carla"}


def names(made: World) -> dict[int, str | None]:
    """Who is where in the only photograph, by the left edge of the face."""
    return {sample.box.x1: sample.identity for sample in made.opened.samples.find()}


def named_photograph(folder: Path, *, into_files: bool = False) -> Path:
    """A photograph of three, with their names beside it or in it."""
    path = photograph_file(folder / "album" / "a.jpg", orientation=6)
    album_world(folder / "home", path).opened.files.write_xmp(into_files=into_files)
    return path


@pytest.mark.parametrize("into_files", [False, True])
def test_faces_are_enrolled_under_the_names_of_their_regions(tmp_path: Path, into_files: bool) -> None:
    path = named_photograph(tmp_path, into_files=into_files)
    other = people(tmp_path / "other")
    report = other.opened.enroll(str(path.parent), labels="sidecar", faces=RULES)
    assert (report.gallery, report.named, report.conflicts, names(other)) == (3, 0, [], EVERYBODY)


@pytest.mark.parametrize("verb", ["enroll", "sync"])
def test_what_a_file_says_later_names_faces_that_had_no_name(tmp_path: Path, verb: str) -> None:
    path = named_photograph(tmp_path)
    sidecar = path.with_name("a.jpg.xmp")
    said = sidecar.read_bytes()
    sidecar.unlink()
    other = people(tmp_path / "other")
    other.opened.enroll(str(path), labels="none", faces=RULES)

    def again() -> Any:
        if verb == "enroll":
            return other.opened.enroll(str(path), labels="sidecar", faces=RULES)
        return other.opened.sync(path.parent, labels="sidecar").enrolled

    assert (again().named, set(names(other).values())) == (0, {None})
    sidecar.write_bytes(said)
    assert (again().named, names(other)) == (3, EVERYBODY)
    sidecar.write_bytes(said.replace(b">Bert<", b">Bertram<"))
    report = again()
    assert (report.named, names(other)) == (0, EVERYBODY)
    assert [(one.label, one.identity) for one in report.conflicts] == [("Bertram", "Bert")]


def test_a_region_without_a_face_and_a_file_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    path = named_photograph(tmp_path)
    sidecar = path.with_name("a.jpg.xmp")
    sidecar.write_bytes(sidecar.read_bytes().replace(b"<stArea:w>", b"<stArea:w>-"))
    path.with_name("a.xmp").write_text("no XMP")
    other = people(tmp_path / "other")
    report = other.opened.enroll(str(path), labels="sidecar", faces=RULES)
    assert (report.gallery, set(names(other).values())) == (3, {None})
    assert [str(one).split(" is labelled ")[1] for one in report.conflicts] == [
        f"'{name}', but no face of it was chosen: name one of its samples" for name in EVERYBODY.values()
    ]
    assert [place for place, _ in report.failed] == [str(path.with_name("a.xmp"))]


def test_where_there_are_no_faces_regions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="shows no faces that have a place in photographs"):
        world(tmp_path).opened.enroll(str(tmp_path), labels="sidecar")
