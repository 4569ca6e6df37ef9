"""A snapshot whose ids, slices or footer changed on the disk is never opened."""

from __future__ import annotations

from pathlib import Path

from test_contract import snapshot_file

from identity.core.errors import IndexFileError
from identity.indexes import snapshot as snapshots


def test_every_flipped_bit_in_ids_slices_or_footer_is_found_at_opening(tmp_path: Path) -> None:
    written, path = snapshot_file(tmp_path)
    whole = path.read_bytes()
    tail = 8 * (written.length + 2 * 3 + 1)
    for at in range(len(whole) - snapshots.FOOTER_BYTES - tail, len(whole)):
        for bit in range(8):
            damaged = bytearray(whole)
            damaged[at] ^= 1 << bit
            path.write_bytes(damaged)
            try:
                opened = snapshots.open_snapshot(tmp_path, written)
            except IndexFileError:
                continue
            path.write_bytes(whole)
            sound = snapshots.open_snapshot(tmp_path, written)
            assert opened.ids.tolist() == sound.ids.tolist(), (at, bit)
            assert opened.bounds.tolist() == sound.bounds.tolist(), (at, bit)
