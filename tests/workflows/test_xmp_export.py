"""Names reach the photographs that they belong to, as other programs read them, and harm nothing that was there."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from albums import UPRIGHT, album_world, photograph_file
from face_worlds import RULES, people
from PIL import Image

from identity.core.errors import UsageError
from identity.workflows.xmp_export import NamedPhotograph, XmpExport
from identity.xmp.packet import Packet

NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "r": "http://www.metadataworkinggroup.com/schemas/regions/",
    "a": "http://ns.adobe.com/xmp/sType/Area#",
    "d": "http://ns.adobe.com/xap/1.0/sType/Dimensions#",
}
THREE = ("Anna", "Bert", "Carla")


def one(export: XmpExport) -> NamedPhotograph:
    (found,) = export.photographs
    return found


def regions(packet: bytes) -> tuple[tuple[int, ...], dict[str, list[float]]]:
    """The size they apply to, and by name centre and size, read by another reader than ours."""
    root = ET.fromstring(packet)
    applied = root.find(".//r:AppliedToDimensions", NAMESPACES)
    assert applied is not None
    size = tuple(int(applied.findtext(f"d:{side}", "", NAMESPACES)) for side in "wh")
    found = {}
    for item in root.iterfind(".//r:RegionList/rdf:Bag/rdf:li", NAMESPACES):
        area = item.find("r:Area", NAMESPACES)
        assert area is not None
        name = item.findtext("r:Name", "", NAMESPACES)
        found[name] = [float(area.findtext(f"a:{key}", "", NAMESPACES)) for key in "xywh"]
    return size, found


def shown_in(stored: np.ndarray, size: tuple[int, ...], area: list[float]) -> np.ndarray:
    """The part of a stored picture that a region is of."""
    x, y, w, h = (part * size[number % 2] for number, part in enumerate(area))
    return stored[round(y - h / 2) : round(y + h / 2), round(x - w / 2) : round(x + w / 2)]


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_region_lies_on_the_face_in_the_picture_as_it_is_stored(tmp_path: Path, orientation: int) -> None:
    path = photograph_file(tmp_path / "turned.png", orientation=orientation, format_="PNG")
    album_world(tmp_path / "home", path).opened.files.write_xmp()
    size, found = regions((tmp_path / "turned.png.xmp").read_bytes())
    stored = np.asarray(Image.open(path))
    assert size == stored.shape[::-1]
    turns = {1: 0, 6: 1, 3: 2, 8: 3}[orientation]
    for place, name in enumerate(THREE):
        expected = np.rot90(UPRIGHT[:, 4 * place : 4 * place + 4], turns)
        assert np.array_equal(shown_in(stored, size, found[name]), expected)


def test_nothing_is_written_in_a_dry_run_and_everything_is_said(tmp_path: Path) -> None:
    path = photograph_file(tmp_path / "a.jpg")
    planned = one(album_world(tmp_path / "home", path).opened.files.write_xmp(dry_run=True))
    assert (planned.names, planned.target.name, planned.problem) == (THREE, "a.jpg.xmp", None)
    assert planned.packet is not None
    assert [inside.name for inside in tmp_path.iterdir() if inside.is_file()] == ["a.jpg"]


def test_a_photograph_with_names_in_it_is_the_same_photograph(tmp_path: Path) -> None:
    path = photograph_file(tmp_path / "a.jpg", orientation=6)
    before = path.read_bytes()
    os.utime(path, (1_000_000_000, 1_000_000_000))
    path.chmod(0o640)
    world = album_world(tmp_path / "home", path)
    assert one(world.opened.files.write_xmp(into_files=True)).target == path
    assert path.read_bytes() != before
    assert (path.stat().st_mtime, path.stat().st_mode & 0o777) == (1_000_000_000, 0o640)
    assert (tmp_path / "a.jpg_original").read_bytes() == before
    report = world.opened.enroll([str(tmp_path)], faces=RULES)
    assert (report.gallery, report.duplicates) == (0, 1)
    assert one(world.opened.files.write_xmp(into_files=True)).packet is None
    assert sorted(inside.name for inside in tmp_path.iterdir() if inside.is_file()) == ["a.jpg", "a.jpg_original"]


def test_the_first_original_stays_and_none_is_kept_where_none_is_wanted(tmp_path: Path) -> None:
    paths = [photograph_file(tmp_path / "a.jpg"), photograph_file(tmp_path / "b.png", orientation=3, format_="PNG")]
    before = paths[0].read_bytes()
    world = album_world(tmp_path / "home", *paths)
    world.opened.files.write_xmp(into_files=True)
    anna = world.opened.samples.find(identity="Anna")
    world.opened.samples.relabel([sample.id for sample in anna], "Ann")
    world.opened.files.write_xmp(into_files=True)
    assert (tmp_path / "a.jpg_original").read_bytes() == before
    (tmp_path / "a.jpg_original").unlink()
    world.opened.samples.relabel([sample.id for sample in anna], "Anne")
    world.opened.files.write_xmp(into_files=True, keep_originals=False)
    assert not (tmp_path / "a.jpg_original").exists()
    assert set(regions(Image.open(paths[0]).info["xmp"])[1]) == {"Anne", "Bert", "Carla"}


def test_what_a_sidecar_said_stays_and_it_is_kept_as_it_was(tmp_path: Path) -> None:
    path, beside = photograph_file(tmp_path / "a.jpg"), tmp_path / "a.jpg.xmp"
    packet = Packet.empty()
    packet.put_texts(("urn:theirs", "mood"), ["glad"])
    beside.write_bytes(packet.written())
    album_world(tmp_path / "home", path).opened.files.write_xmp()
    after = Packet.read(beside.read_bytes())
    assert after.texts(("urn:theirs", "mood")) == ["glad"]
    assert set(regions(beside.read_bytes())[1]) == set(THREE)
    assert (tmp_path / "a.jpg.xmp_original").read_bytes() == packet.written()


def test_a_new_sidecar_keeps_the_keywords_that_the_file_has(tmp_path: Path) -> None:
    packet = Packet.empty()
    packet.put_texts(("http://purl.org/dc/elements/1.1/", "subject"), ["sea"])
    path = tmp_path / "a.jpg"
    Image.fromarray(UPRIGHT).save(path, quality=100, xmp=packet.written())
    album_world(tmp_path / "home", path).opened.files.write_xmp()
    beside = Packet.read((tmp_path / "a.jpg.xmp").read_bytes())
    assert beside.texts(("http://purl.org/dc/elements/1.1/", "subject")) == ["sea", *THREE]


def test_only_names_that_somebody_confirmed_are_written_unless_told(tmp_path: Path) -> None:
    path = photograph_file(tmp_path / "a.jpg")
    world = album_world(tmp_path / "home", path)
    bert = world.opened.samples.find(identity="Bert")[0].id
    world.opened.samples.relabel([bert], None)
    assert one(world.opened.files.write_xmp(dry_run=True)).names == ("Anna", "Carla")
    assert one(world.opened.files.write_xmp(dry_run=True, proposed=True)).names == ("Anna", "Carla")
    two = tmp_path / "two.jpg"
    Image.fromarray(np.concatenate([UPRIGHT[:, 4:8], UPRIGHT[::-1, 4:8]], axis=1)).save(two, quality=100)
    world.opened.enroll([str(two)], faces=RULES)
    world.opened.clusters.run(eps=0.02, min_samples=2)
    named = next(sample for sample in world.opened.samples.find(text="two.jpg") if sample.box.x1 == 0)
    world.opened.samples.relabel([named.id], "Bert")
    sure, guessed = (world.opened.files.write_xmp(dry_run=True, proposed=p).photographs for p in (False, True))
    assert [photograph.names for photograph in sure] == [("Anna", "Carla"), ("Bert",)]
    assert guessed[0].names == THREE


def test_a_file_that_would_show_another_picture_with_names_in_it_is_left_as_it_is(tmp_path: Path) -> None:
    said = b"<rdf:RDF><rdf:Description xmlns:tiff='http://ns.adobe.com/tiff/1.0/' tiff:Orientation='3'/></rdf:RDF>"
    turned = Packet.empty().written().replace(b"<rdf:RDF/>", said)  # seen by Pillow in double quotes, as we write them
    path = tmp_path / "a.jpg"
    Image.fromarray(UPRIGHT).save(path, quality=100, xmp=turned)
    before = path.read_bytes()
    done = one(album_world(tmp_path / "home", path).opened.files.write_xmp(into_files=True))
    assert "same picture" in (done.problem or "")
    assert path.read_bytes() == before
    assert [inside.name for inside in tmp_path.iterdir() if inside.is_file()] == ["a.jpg"]


@pytest.mark.parametrize("becomes", ["gone", "another", "cropped"])
def test_a_file_that_is_not_what_it_was_is_named_and_left_alone(tmp_path: Path, becomes: str) -> None:
    path = photograph_file(tmp_path / "a.png", format_="PNG")
    world = album_world(tmp_path / "home", path)
    path.unlink()
    if becomes != "gone":
        Image.fromarray(UPRIGHT[:, 4:] if becomes == "cropped" else UPRIGHT ^ 1).save(path)
    for into_files in (False, True):
        assert "enroll it" in (one(world.opened.files.write_xmp(into_files=into_files)).problem or "")
    assert not (tmp_path / "a.png.xmp").exists()


def test_a_sidecar_that_cannot_be_read_or_is_a_link_stays_and_the_others_are_written(tmp_path: Path) -> None:
    paths = [
        photograph_file(tmp_path / "a.jpg"),
        photograph_file(tmp_path / "b.jpg", orientation=3),
        photograph_file(tmp_path / "c.png", format_="PNG"),
    ]
    (tmp_path / "a.jpg.xmp").write_text("<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>")
    (tmp_path / "b.jpg.xmp").symlink_to(tmp_path / "elsewhere")
    done = album_world(tmp_path / "home", *paths).opened.files.write_xmp().photographs
    assert [photograph.problem is None for photograph in done] == [False, False, True]
    assert (tmp_path / "a.jpg.xmp").read_text().startswith("<!DOCTYPE")
    assert not (tmp_path / "elsewhere").exists()
    assert set(regions((tmp_path / "c.png.xmp").read_bytes())[1]) == set(THREE)


def test_a_gallery_that_shows_no_faces_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no faces"):
        people(tmp_path, model=None).opened.files.write_xmp()


def test_without_exiftool_formats_that_are_not_ours_to_lay_out_get_a_sidecar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    path = photograph_file(tmp_path / "a.png", format_="PNG")
    before = path.read_bytes()
    done = one(album_world(tmp_path / "home", path).opened.files.write_xmp(into_files=True))
    assert (done.way, done.target.name) == ("sidecar", "a.png.xmp")
    assert path.read_bytes() == before
