"""A snapshot of many people: its codes lie beside it, are vouched for at opening, and go where it goes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from search_oracle import Oracle, check
from test_contract import gallery, sample_set

from identity.core.errors import IndexFileError
from identity.core.nearest import Sought
from identity.core.ports import gather
from identity.core.scan_bounds import ScanBound
from identity.core.search_state import SearchState, Snapshot
from identity.core.types import Labelled
from identity.indexes import snapshot as snapshots
from identity.indexes.certified import Certified
from identity.indexes.checking import difference
from identity.indexes.codes_file import codes_path
from identity.indexes.combined import Combined
from identity.indexes.flat import Flat
from identity.indexes.snapshot_folder import SnapshotFolder

SIZES = [1000, *[7] * 700]  # the first ones have no name
NOBODY = np.empty(0, np.int64)


def many(dim: int = 16) -> Labelled:
    return sample_set(np.random.default_rng(0), SIZES, dim)


def written(folder: Path, labelled: Labelled) -> tuple[Snapshot, Path]:
    snapshot = SnapshotFolder(folder).write(gallery(labelled.vectors.shape[1]), labelled)
    return snapshot, snapshots.path_of(folder, snapshot.gallery, snapshot.name)


def test_what_came_and_went_since_is_searched_with_it(tmp_path: Path) -> None:
    held = many()
    early, gone = np.arange(len(held.ids)) % 50 > 0, np.arange(len(held.ids)) % 9 == 4
    snapshot, path = written(tmp_path, gather(held, early))
    state = SearchState(0, snapshot, held.ids[early & gone], gather(held, ~early))
    index = SnapshotFolder(tmp_path).index(state)
    assert isinstance(index, Combined)
    assert isinstance(index.parts[0], Certified)
    assert codes_path(path).stat().st_size < path.stat().st_size / 2
    probes = held.vectors[::300]
    sought = Sought(1, 0.05, identities=3, samples=5)
    truth = gather(held, ~(early & gone))
    oracle = Oracle.of(truth, probes)
    found = index.search(probes, sought=sought)
    assert (np.diff(found.offsets) < 300).all()
    for probe in range(len(probes)):
        rows = slice(found.offsets[probe], found.offsets[probe + 1])
        listed = dict(zip(found.identities[rows].tolist(), found.distances[rows, 0].tolist(), strict=True))
        for identity in np.unique(truth.identities).tolist():
            distance = oracle.kth(probe, identity, 1)
            assert distance > max(0.05, found.horizon[probe]) or abs(listed[identity] - distance) < 1e-6
    check(index.parts[0].search(probes, sought=sought), Oracle.of(gather(held, early & ~gone), probes), sought)


def test_a_gallery_of_few_large_identities_has_no_codes(tmp_path: Path) -> None:
    snapshot, path = written(tmp_path, sample_set(np.random.default_rng(0), [10, 2500, 2500], 8))
    assert isinstance(snapshots.open_snapshot(tmp_path, snapshot), Flat)
    assert not codes_path(path).exists()


def test_every_changed_byte_of_the_codes_and_of_what_is_kept_of_them_is_found_at_opening(tmp_path: Path) -> None:
    snapshot, path = written(tmp_path, many())
    rng, bound, refused = np.random.default_rng(1), _bound(tmp_path, snapshot), 0
    for file, low in ((codes_path(path), 0), (path, path.stat().st_size - snapshots.FOOTER_BYTES - 8 * 16)):
        whole = file.read_bytes()
        for at in rng.integers(low, len(whole.rstrip()), 150).tolist():
            damaged = bytearray(whole)
            damaged[at] ^= 1 << int(rng.integers(8))
            file.write_bytes(damaged)
            assert _bound(tmp_path, snapshot) in (None, bound)  # an "e" may have become an "E": the same number
            refused += _bound(tmp_path, snapshot) is None
        file.write_bytes(whole[:-8])
        with pytest.raises(IndexFileError):
            snapshots.open_snapshot(tmp_path, snapshot)
        file.write_bytes(whole)
    assert refused > 290
    assert _bound(tmp_path, snapshot) == bound is not None
    codes_path(path).unlink()
    with pytest.raises(IndexFileError):
        snapshots.open_snapshot(tmp_path, snapshot)


def _bound(folder: Path, snapshot: Snapshot) -> ScanBound | None:
    """That of the codes as they are opened; None where they are refused."""
    try:
        opened = snapshots.open_snapshot(folder, snapshot)
    except IndexFileError:
        return None
    assert isinstance(opened, Certified)
    assert opened.codes is not None
    return opened.codes.bound


def test_codes_of_other_vectors_are_found_by_the_examination(tmp_path: Path) -> None:
    held = many()
    snapshot, _ = written(tmp_path, held)
    state = SearchState(0, snapshot, NOBODY, gather(held, NOBODY))
    assert difference(tmp_path, state, held) is None
    index = snapshots.open_snapshot(tmp_path, snapshot)
    assert isinstance(index, Certified)
    turned = np.roll(held.vectors, 1, axis=1)
    assert difference(tmp_path, state, Labelled(held.ids, held.identities, turned)) is not None


def test_sweeping_and_removing_take_the_codes_of_others_along(tmp_path: Path) -> None:
    written(tmp_path, many())
    current, path = written(tmp_path, many())
    folder = SnapshotFolder(tmp_path)
    folder.sweep(gallery(16), keep={current.name})
    assert set(tmp_path.iterdir()) == {path, codes_path(path)}
    assert folder.strays([]) == sorted([path, codes_path(path)])
    folder.remove("a" * 32)
    assert list(tmp_path.iterdir()) == []
