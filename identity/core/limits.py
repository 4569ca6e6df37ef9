"""How much one file may ask of the machine before it is refused."""

from __future__ import annotations

from dataclasses import dataclass

BYTES_PER_PIXEL = 8  # while a picture is decoded: 4 in Pillow's own memory, 3 in ours, 1 for what decodes it
OTHER_BYTES = 150 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one file; `identity.settings` reads each from the variable that its errors name."""

    pixels: int = 110_000_000  # IDENTITY_MAX_PIXELS
    file_bytes: int = 768 << 20  # IDENTITY_MAX_FILE_BYTES; of a compressed file, what it unpacks to
    upload_bytes: int = 32 << 20  # IDENTITY_MAX_UPLOAD_BYTES
    time_per_file_s: float = 10.0  # IDENTITY_TIME_PER_FILE_S

    @property
    def decoding_bytes(self) -> int:
        """Memory that decoding one picture may take."""
        return BYTES_PER_PIXEL * self.pixels + OTHER_BYTES


USUAL = Limits()
