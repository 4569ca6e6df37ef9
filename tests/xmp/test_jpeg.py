"""A packet goes into a JPEG without another byte of it changing, or not at all."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from identity.xmp.jpeg import MARK, MOST_BYTES, with_packet


def picture(**saved: object) -> bytes:
    out = BytesIO()
    pixels = np.random.default_rng(3).integers(0, 255, (24, 32, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(out, "JPEG", **saved)
    return out.getvalue()


def rest(content: bytes) -> bytes:
    """The file without its packet."""
    at = content.find(MARK)
    return content if at < 0 else content[: at - 4] + content[at - 2 + int.from_bytes(content[at - 2 : at]) :]


EXIF = Image.Exif()
EXIF[0x0112] = 6


@pytest.mark.parametrize("saved", [{}, {"exif": EXIF}, {"xmp": b"<old/>"}, {"exif": EXIF, "xmp": b"<old/>"}])
def test_only_the_packet_is_another(saved: dict[str, object]) -> None:
    before = picture(**saved)
    after = with_packet(before, b"<new/>")
    assert Image.open(BytesIO(after)).info["xmp"] == b"<new/>"
    assert rest(after) == rest(before)
    assert with_packet(after, b"<new/>") == after
    if "exif" in saved:
        assert after.find(b"Exif\0") < after.find(MARK)


def test_what_cannot_be_done_safely_is_refused() -> None:
    one = picture()
    several = BytesIO()
    Image.open(BytesIO(one)).save(several, "MPO", save_all=True, append_images=[Image.open(BytesIO(one))])
    twice = one[:2] + 2 * (b"\xff\xe1" + (2 + len(MARK)).to_bytes(2) + MARK) + one[2:]
    for content, packet, why in (
        (several.getvalue(), b"<new/>", "several pictures"),
        (one, b"x" * (MOST_BYTES + 1), "one segment"),
        (twice, b"<new/>", "more than one"),
        (b"\x89PNG", b"<new/>", "no JPEG"),
        (one[:30], b"<new/>", "damaged"),
    ):
        with pytest.raises(ValueError, match=why):
            with_packet(content, packet)
    assert Image.open(BytesIO(with_packet(one, b"x" * MOST_BYTES))).info["xmp"] == b"x" * MOST_BYTES


@given(at=st.integers(0, 700), byte=st.integers(0, 255), cut=st.integers(0, 700))
def test_whatever_the_bytes_are_it_is_done_or_refused(at: int, byte: int, cut: int) -> None:
    content = bytearray(picture(exif=EXIF, xmp=b"<old/>"))
    content[at % len(content)] = byte
    try:
        after = with_packet(bytes(content[: len(content) - cut]), b"<new/>")
    except ValueError:
        return
    assert after.count(MARK + b"<new/>") == 1
