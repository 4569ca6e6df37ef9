"""Puts a packet into the bytes of a JPEG: one segment is exchanged or added, every other byte stays as it was."""

from __future__ import annotations

from collections.abc import Iterator

MARK = b"http://ns.adobe.com/xap/1.0/\0"
MOST_BYTES = 65_533 - len(MARK)  # of a packet in one segment
_APP0, _APP1, _APP2 = 0xE0, 0xE1, 0xE2
_STARTS_PIXELS = (0xDA, 0xC0, 0xC1, 0xC2, 0xC3, 0xD9)
_SEVERAL = b"MPF\0"  # further pictures follow, whose places are counted from this segment
Segment = tuple[int, int, int]  # marker, and where it begins and ends


def with_packet(content: bytes, packet: bytes) -> bytes:
    """The JPEG with this packet in place of the one it had. Raises `ValueError` where that cannot be done safely."""
    if len(packet) > MOST_BYTES:
        raise ValueError(f"more than {MOST_BYTES:,} bytes of XMP do not fit into one segment")
    segments = list(_segments(content))
    if any(marker == _APP2 and content[at + 4 : end].startswith(_SEVERAL) for marker, at, end in segments):
        raise ValueError("it holds several pictures")
    old = [(at, end) for marker, at, end in segments if marker == _APP1 and content[at + 4 : end].startswith(MARK)]
    if len(old) > 1:
        raise ValueError("it has more than one XMP packet")
    at, end = old[0] if old else (_place_for(content, segments),) * 2
    length = (2 + len(MARK) + len(packet)).to_bytes(2, "big")
    return b"".join((content[:at], b"\xff\xe1", length, MARK, packet, content[end:]))


def _segments(content: bytes) -> Iterator[Segment]:
    """The segments before the pixels. Raises `ValueError` where the bytes are not those of a JPEG."""
    if not content.startswith(b"\xff\xd8"):
        raise ValueError("it is no JPEG")
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker in _STARTS_PIXELS:
            return
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == 0xFF or end < at + 4 or end > len(content):
            break
        yield marker, at, end
        at = end
    raise ValueError("its segments are damaged")


def _place_for(content: bytes, segments: list[Segment]) -> int:
    """Behind JFIF and EXIF, which programs look for first."""
    heads = (end for marker, at, end in segments if marker == _APP0 or content[at + 4 : end].startswith(b"Exif\0"))
    return max(heads, default=2)
