"""Names of a gallery go into a packet beside what others wrote, and come out again when they no longer hold."""

from __future__ import annotations

import numpy as np
import pytest

from identity.core.types import Box
from identity.imaging.formats import TURNS
from identity.xmp.areas import Area, stored_area, upright_area
from identity.xmp.merging import Disagreement, NamedFace, merge
from identity.xmp.names import HIERARCHICAL_SUBJECT, PERSON_IN_IMAGE, SUBJECT, TAGS_LIST
from identity.xmp.packet import Packet
from identity.xmp.regions import face_regions, upright_areas

SIZE = (400, 300)
LEFT, RIGHT = Area(0.1, 0.2, 0.3, 0.5), Area(0.6, 0.2, 0.8, 0.5)
LISTS = (SUBJECT, PERSON_IN_IMAGE, HIERARCHICAL_SUBJECT, TAGS_LIST)


def named(*faces: tuple[int, str, Area], into: Packet | None = None, gallery: str = "ours") -> Packet:
    packet = Packet.empty() if into is None else Packet.read(into.written())
    assert merge(packet, [NamedFace(*face) for face in faces], SIZE, gallery=gallery) == []
    return packet


def edges(area: Area | None) -> list[float]:
    assert area is not None
    return [area.x1, area.y1, area.x2, area.y2]


def names(packet: Packet) -> list[str | None]:
    return [one.name for one in face_regions(packet)]


def test_a_name_stands_in_a_region_and_in_the_four_lists_that_programs_read() -> None:
    packet = named((1, "Ada / Lovelace|x", LEFT))
    (region,) = face_regions(packet)
    assert region.area is not None
    assert region.area.overlap(LEFT) == pytest.approx(1, abs=1e-4)
    assert [packet.texts(one) for one in LISTS] == [
        ["Ada / Lovelace|x"], ["Ada / Lovelace|x"], ["People|Ada / Lovelace-x"], ["People/Ada - Lovelace|x"],
    ]  # fmt: skip


def test_the_same_names_once_more_change_no_byte() -> None:
    once = named((1, "Anna", LEFT), (2, "Bert", RIGHT))
    assert named((1, "Anna", LEFT), (2, "Bert", RIGHT), into=once).written() == once.written()


def test_a_person_who_is_called_otherwise_now_leaves_no_old_name() -> None:
    packet = named((1, "Ann", LEFT), into=named((1, "Anna", LEFT), (2, "Bert", RIGHT)))
    assert names(packet) == ["Ann"]
    assert b"Anna" not in packet.written()
    assert b"Bert" not in packet.written()


def test_with_the_last_name_everything_of_ours_goes() -> None:
    packet = named(into=named((1, "Anna", LEFT)))
    assert names(packet) == []
    assert [packet.texts(one) for one in LISTS] == [[], [], [], []]
    assert b"mwg-rs" not in packet.written()


def test_what_others_wrote_stays() -> None:
    theirs = named((7, "Carla", RIGHT), gallery="another gallery")
    theirs.put_texts(SUBJECT, ["sea", "Carla"])
    packet = named((1, "Anna", LEFT), into=theirs)
    assert names(packet) == ["Carla", "Anna"]
    assert packet.texts(SUBJECT) == ["sea", "Carla", "Anna"]
    assert names(named(into=packet)) == ["Carla"]
    assert named(into=packet).texts(SUBJECT) == ["sea", "Carla"]


def test_a_face_that_another_program_calls_otherwise_is_left_to_it_and_said() -> None:
    packet = named((7, "Carla", LEFT), gallery="another gallery")
    before = packet.written()
    assert merge(packet, [NamedFace(1, "Anna", LEFT)], SIZE, gallery="ours") == [Disagreement(1, "Anna", "Carla")]
    assert packet.written() == before


def test_a_face_that_is_named_so_already_gets_no_second_region() -> None:
    theirs = named((7, "Anna", Area(0.08, 0.18, 0.32, 0.55)), gallery="another gallery")
    assert names(named((1, "Anna", LEFT), into=theirs)) == ["Anna"]


def test_a_region_without_a_name_gives_way_to_one_that_has_it() -> None:
    theirs = named((7, "x", LEFT), gallery="another gallery")
    nameless = Packet.read(theirs.written().replace(b"<mwg-rs:Name>x</mwg-rs:Name>", b""))
    assert names(named((1, "Anna", LEFT), into=nameless)) == ["Anna"]


def test_what_xml_cannot_hold_in_a_name_is_marked() -> None:
    assert names(named((1, "A\x00nn\ud800 <&>\n", LEFT))) == ["A\ufffdnn\ufffd <&>"]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_area_is_turned_as_the_picture_is(orientation: int) -> None:
    stored = np.zeros((30, 40), np.uint8)
    stored[3:12, 4:16] = 255
    upright = TURNS.get(orientation, lambda same: same)(stored)
    rows, columns = np.nonzero(upright)
    box = Box(int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
    seen = Area.of_box(box, width=upright.shape[1], height=upright.shape[0])
    assert edges(stored_area(seen, orientation)) == pytest.approx([0.1, 0.1, 0.4, 0.4])
    assert edges(upright_area(stored_area(seen, orientation), orientation)) == pytest.approx(edges(seen))


def test_regions_that_were_measured_upright_are_not_turned() -> None:
    packet = named((1, "Anna", LEFT))
    assert edges(upright_areas(packet, SIZE, 6)[0][1]) != pytest.approx(edges(LEFT))
    assert edges(upright_areas(packet, SIZE[::-1], 6)[0][1]) == pytest.approx(edges(LEFT))
