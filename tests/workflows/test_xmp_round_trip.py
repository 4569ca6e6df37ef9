"""What is written here is read by other programs, and what they write is read here."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from albums import NAMES, UPRIGHT, album_world, photograph_file
from face_worlds import RULES, people
from PIL import Image
from worlds import World

from identity.workflows.region_names import Met
from identity.workflows.xmp_export import NamedPhotograph, XmpExport
from identity.workflows.xmp_import import XmpImport
from identity.xmp.packet import Packet

EXIFTOOL = pytest.mark.skipif(
    shutil.which("exiftool") is None, reason="exiftool is not here: install it (Debian: libimage-exiftool-perl)"
)
THREE = ("Anna", "Bert", "Carla")


def one(export: XmpExport) -> NamedPhotograph:
    (found,) = export.photographs
    return found


def unnamed_world(home: Path, *photographs: Path) -> World:
    world = people(home)
    world.opened.enroll([str(one) for one in photographs], faces=RULES)
    return world


def met(made: XmpImport) -> dict[str, Met]:
    return {region.name: region.met for region in made.regions}


def names(world: World) -> dict[int, str | None]:
    """Who is where in the only photograph, by the left edge of the face."""
    return {sample.box.x1: sample.identity for sample in world.opened.samples.find()}


EVERYBODY = {0: "Anna", 4: "Bert", 8: "Carla"}


@pytest.mark.parametrize("into_files", [False, True])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_names_come_back_into_another_gallery_of_photographs_that_moved(
    tmp_path: Path, orientation: int, into_files: bool
) -> None:
    path = photograph_file(tmp_path / "a.jpg", orientation=orientation)
    album_world(tmp_path / "home", path).opened.files.write_xmp(into_files=into_files)
    shutil.copytree(tmp_path, tmp_path / "moved", ignore=shutil.ignore_patterns("home", "moved"))
    other = unnamed_world(tmp_path / "other", path)
    planned = other.opened.files.read_xmp(str(tmp_path / "moved"), dry_run=True)
    assert set(names(other).values()) == {None}
    made = other.opened.files.read_xmp(str(tmp_path / "moved"))
    assert made.regions == planned.regions
    assert met(made) == dict.fromkeys(THREE, Met.NAMED)
    assert names(other) == EVERYBODY
    assert met(other.opened.files.read_xmp(str(tmp_path / "moved"))) == dict.fromkeys(THREE, Met.KNOWN)


def test_a_name_that_the_gallery_has_stays_and_the_conflict_is_said(tmp_path: Path) -> None:
    path = photograph_file(tmp_path / "a.jpg")
    album_world(tmp_path / "home", path).opened.files.write_xmp()
    other = unnamed_world(tmp_path / "other", path)
    bert = next(sample for sample in other.opened.samples.find() if sample.box.x1 == 4)
    other.opened.samples.relabel([bert.id], "Bertram")
    made = other.opened.files.read_xmp(str(path))
    assert met(made) == {"Anna": Met.NAMED, "Bert": Met.CONFLICT, "Carla": Met.NAMED}
    assert [(one.sample, one.identity) for one in made.regions if one.met is Met.CONFLICT] == [(bert.id, "Bertram")]
    assert names(other) == {**EVERYBODY, 4: "Bertram"}


def test_what_somebody_said_a_face_is_not_no_file_makes_it(tmp_path: Path) -> None:
    path = photograph_file(tmp_path / "a.jpg")
    album_world(tmp_path / "home", path).opened.files.write_xmp()
    twice = tmp_path / "twice.png"
    Image.fromarray(UPRIGHT[:, :4]).save(twice)
    other = unnamed_world(tmp_path / "other", path, twice)
    (alone,) = (sample.id for sample in other.opened.samples.find(text="twice"))
    (anna,) = (sample.id for sample in other.opened.samples.find(text="a.jpg") if sample.box.x1 == 0)
    other.opened.samples.relabel([alone], "Anna")
    other.opened.clusters.run(eps=0.02, min_samples=2)
    other.opened.people.reject("Anna", [anna])
    assert met(other.opened.files.read_xmp(str(path)))["Anna"] is Met.CONFLICT
    assert other.opened.samples.get([anna])[anna].identity is None


def test_a_file_that_contradicts_itself_names_nobody_in_that_place(tmp_path: Path) -> None:
    path = photograph_file(tmp_path / "a.jpg")
    world = album_world(tmp_path / "home", path)
    world.opened.files.write_xmp()
    (tmp_path / "a.xmp").write_bytes((tmp_path / "a.jpg.xmp").read_bytes().replace(b">Anna<", b">Bert<"))
    other = unnamed_world(tmp_path / "other", path)
    made = other.opened.files.read_xmp(str(path))
    assert [(one.name, one.met) for one in made.regions] == [
        ("Anna", Met.CONFLICT), ("Bert", Met.CONFLICT), ("Carla", Met.NAMED), ("Bert", Met.CONFLICT),
    ]  # fmt: skip
    assert names(other) == {0: None, 4: None, 8: "Carla"}


def test_everything_that_names_nobody_is_said(tmp_path: Path) -> None:
    path, far = photograph_file(tmp_path / "a.jpg"), tmp_path / "far.png"
    album_world(tmp_path / "home", path).opened.files.write_xmp()
    sidecar = (tmp_path / "a.jpg.xmp").read_bytes()
    (tmp_path / "a.jpg.xmp").write_bytes(sidecar.replace(b"<stArea:w>", b"<stArea:w>-"))
    Image.fromarray(UPRIGHT[::-1]).save(far)
    (tmp_path / "far.png.xmp").write_bytes(sidecar)
    broken = photograph_file(tmp_path / "broken.png", orientation=3, format_="PNG")
    (tmp_path / "broken.png.xmp").write_text("<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>")
    other = unnamed_world(tmp_path / "other", path, broken)
    made = other.opened.files.read_xmp(str(tmp_path))
    assert met(made) == dict.fromkeys(THREE, Met.NO_FACE)
    assert made.unknown == (str(far),)
    ((place, why),) = made.failed
    assert place == str(tmp_path / "broken.png.xmp")
    assert "document type" in why
    assert made.images == 3


def test_a_name_of_any_length_is_no_name(tmp_path: Path) -> None:
    path = photograph_file(tmp_path / "a.jpg")
    world = album_world(tmp_path / "home", path)
    world.opened.files.write_xmp()
    sidecar = tmp_path / "a.jpg.xmp"
    sidecar.write_bytes(sidecar.read_bytes().replace(b">Anna<", b">" + b"A" * 201 + b"<"))
    made = unnamed_world(tmp_path / "other", path).opened.files.read_xmp(str(path))
    assert (made.regions, len(made.failed)) == ((), 1)


def exiftool(*arguments: object) -> Any:
    words = ["exiftool", *map(str, arguments)]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


@EXIFTOOL
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "TIFF"])
def test_exiftool_reads_what_was_written_into_a_file_and_keeps_all_that_it_wrote(tmp_path: Path, format_: str) -> None:
    path = photograph_file(tmp_path / f"100%d.{format_.lower()}", orientation=6, format_=format_)
    exiftool("-q", "-overwrite_original", "-XMP-dc:Subject=sea", "-XMP-xmp:Rating=4", "-EXIF:Artist=Someone", path)
    world = album_world(tmp_path / "home", path)
    done = one(world.opened.files.write_xmp(into_files=True))
    assert (done.problem, done.way) == (None, "file")
    (said,) = json.loads(exiftool("-j", "-struct", "-n", "-G1", path))
    assert (said["XMP-xmp:Rating"], said["IFD0:Artist"], said["IFD0:Orientation"]) == (4, "Someone", 6)
    assert said["XMP-dc:Subject"] == ["sea", *THREE]
    assert said["XMP-digiKam:TagsList"] == [f"People/{name}" for name in THREE]
    assert said["XMP-lr:HierarchicalSubject"] == [f"People|{name}" for name in THREE]
    assert said["XMP-iptcExt:PersonInImage"] == list(THREE)
    info = said["XMP-mwg-rs:RegionInfo"]
    assert info["AppliedToDimensions"] == {"W": 4, "H": 12, "Unit": "pixel"}
    assert {each["Name"]: each["Type"] for each in info["RegionList"]} == dict.fromkeys(NAMES.values(), "Face")


@EXIFTOOL
def test_regions_that_exiftool_wrote_stay_beside_ours(tmp_path: Path) -> None:
    path = photograph_file(tmp_path / "a.jpg")
    area = "{Area={X=0.5,Y=0.5,W=0.33,H=1,Unit=normalized},Name=B.,Type=Face}"
    info = f"{{AppliedToDimensions={{W=12,H=4,Unit=pixel}},RegionList=[{area}]}}"
    exiftool("-q", "-overwrite_original", f"-XMP-mwg-rs:RegionInfo={info}", path)
    done = one(album_world(tmp_path / "home", path).opened.files.write_xmp(into_files=True))
    assert [(each.ours, each.theirs) for each in done.disagreements] == [("Bert", "B.")]
    (said,) = json.loads(exiftool("-j", "-XMP-mwg-rs:RegionName", path))
    assert sorted(said["RegionName"]) == ["Anna", "B.", "Carla"]


@EXIFTOOL
def test_regions_that_exiftool_wrote_name_the_faces_under_them(tmp_path: Path) -> None:
    path = photograph_file(tmp_path / "a.jpg", orientation=6)
    other = unnamed_world(tmp_path / "other", path)
    areas = [f"{{Area={{X=0.5,Y={(2 * place + 1) / 6:.4f},W=0.9,H=0.3,Unit=normalized}},Name={name},Type=Face}}"
             for place, name in enumerate(reversed(THREE))]  # fmt: skip
    info = f"{{AppliedToDimensions={{W=4,H=12,Unit=pixel}},RegionList=[{','.join(areas)}]}}"
    exiftool("-q", "-overwrite_original", f"-XMP-mwg-rs:RegionInfo={info}", path)
    assert met(other.opened.files.read_xmp(str(path))) == dict.fromkeys(THREE, Met.NAMED)
    assert names(other) == EVERYBODY


@EXIFTOOL
def test_names_survive_another_program_that_rewrites_the_file(tmp_path: Path) -> None:
    path = photograph_file(tmp_path / "a.jpg")
    world = album_world(tmp_path / "home", path)
    world.opened.files.write_xmp(into_files=True)
    exiftool("-q", "-overwrite_original", "-XMP-xmp:Rating=5", "-XMP-dc:Subject+=sea", path)
    other = unnamed_world(tmp_path / "other", path)
    assert met(other.opened.files.read_xmp(str(path))) == dict.fromkeys(THREE, Met.NAMED)
    anna = world.opened.samples.find(identity="Anna")
    world.opened.samples.relabel([sample.id for sample in anna], "Ann")
    world.opened.files.write_xmp(into_files=True)
    subjects = Packet.read(Image.open(path).info["xmp"]).texts(("http://purl.org/dc/elements/1.1/", "subject"))
    assert sorted(subjects) == ["Ann", "Bert", "Carla", "sea"]
