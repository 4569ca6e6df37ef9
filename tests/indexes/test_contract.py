"""Every index engine finds what brute-force numpy finds: one contract, all engines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.core.distance import unit_vectors
from identity.core.errors import IndexFileError, SpaceMismatchError
from identity.core.index_ports import Index
from identity.core.nearest import Sought
from identity.core.ports import gather
from identity.core.search_state import SearchState
from identity.core.types import NO_ID, GalleryRecord, Ids, Labelled, Vectors
from identity.indexes import snapshot as snapshots
from identity.indexes.combined import Combined
from identity.indexes.flat import Flat
from identity.indexes.snapshot_folder import SnapshotFolder

Engine = Callable[[Labelled, Path], Index]


def gallery(dim: int) -> GalleryRecord:
    return GalleryRecord(1, "a" * 32, "test", "model", "whole", "space", dim)


def in_memory(labelled: Labelled, folder: Path) -> Index:
    return Flat.over(labelled)


def from_file(labelled: Labelled, folder: Path) -> Index:
    written = snapshots.write(folder, gallery(labelled.vectors.shape[1]), labelled, last_id=int(labelled.ids.max()))
    return snapshots.open_snapshot(folder, written)


def file_and_memory(labelled: Labelled, folder: Path) -> Index:
    half = np.arange(len(labelled.ids)) % 2 == 0
    old = from_file(gather(labelled, half), folder)
    assert isinstance(old, Flat)
    return Combined([old, Flat.over(gather(labelled, ~half))]) if (~half).any() else old


def with_superseded(labelled: Labelled, folder: Path) -> Index:
    """Every sample stands twice in the snapshot, the second time under a dead id and another identity."""
    dead_ids = labelled.ids + int(labelled.ids.max()) + 1
    doubled = Labelled(
        np.concatenate([labelled.ids, dead_ids]),
        np.concatenate([labelled.identities, np.roll(labelled.identities, 1)]),
        np.concatenate([labelled.vectors, labelled.vectors]),
    )
    whole = from_file(doubled, folder)
    assert isinstance(whole, Flat)
    return whole.without(dead_ids)


ENGINES = [in_memory, from_file, file_and_memory, with_superseded]


def brute_force(labelled: Labelled, probes: Vectors, identity: int, k: int) -> list[list[float]]:
    rows = labelled.vectors[labelled.identities == identity].astype(np.float64)
    distances = np.sort(1 - probes.astype(np.float64) @ rows.T, axis=1)[:, :k]
    return [list(row) + [np.inf] * (k - len(row)) for row in distances]


def sample_set(rng: np.random.Generator, sizes: list[int], dim: int) -> Labelled:
    count = sum(sizes)
    identities = np.repeat(np.arange(len(sizes)) - 1, sizes).astype(np.int64)  # the first one is NO_ID
    order = rng.permutation(count)
    return Labelled(
        np.sort(rng.choice(10 * count, count, replace=False)).astype(np.int64),
        identities[order],
        unit_vectors(rng.normal(size=(count, dim))),
    )


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=25, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=12),
    large=st.sampled_from([0, 0, 700]),
    k=st.integers(1, 6),
    probes=st.integers(1, 5),
    seed=st.integers(0, 2**31),
)
def test_finds_the_k_nearest_of_every_identity(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory,
    sizes: list[int], large: int, k: int, probes: int, seed: int,
) -> None:  # fmt: skip
    rng = np.random.default_rng(seed)
    labelled = sample_set(rng, [*sizes, large] if large else sizes, 8)
    asked = unit_vectors(rng.normal(size=(probes, 8)))
    index = engine(labelled, tmp_path_factory.mktemp("snapshots"))
    found = index.search(asked, sought=Sought(k))
    count = len(index.identities)
    assert np.diff(found.offsets).tolist() == [count] * probes
    assert found.identities.tolist() == index.identities.tolist() * probes
    assert found.distances.shape == found.ids.shape == (probes * count, k)
    by_id = dict(zip(labelled.ids.tolist(), range(len(labelled.ids)), strict=True))
    for row, identity in enumerate(found.identities.tolist()):
        probe = int(found.probes[row])
        expected = brute_force(labelled, asked[probe : probe + 1], identity, k)
        np.testing.assert_allclose(found.distances[row], expected[0], atol=1e-6)
        for place in range(k):
            sample = int(found.ids[row, place])
            assert (sample == NO_ID) == bool(np.isinf(found.distances[row, place]))
            if sample != NO_ID:
                assert labelled.identities[by_id[sample]] == identity
                real = 1 - float(asked[probe] @ labelled.vectors[by_id[sample]])
                assert abs(real - found.distances[row, place]) < 1e-6
    own = index.own(asked, np.resize(index.identities, probes), k=k)
    at = np.arange(probes) * count + np.arange(probes) % count
    np.testing.assert_allclose(own, found.distances[at], atol=1e-6)


@pytest.mark.parametrize("engine", ENGINES)
def test_probes_of_another_dimension_are_refused(engine: Engine, tmp_path: Path) -> None:
    index = engine(sample_set(np.random.default_rng(0), [3, 4], 8), tmp_path)
    with pytest.raises(SpaceMismatchError, match="dimension 8"):
        index.search(np.zeros((1, 9), np.float32), sought=Sought())


def snapshot_file(folder: Path) -> tuple[snapshots.Snapshot, Path]:
    written = snapshots.write(folder, gallery(8), sample_set(np.random.default_rng(0), [3, 4], 8), last_id=70)
    return written, snapshots.path_of(folder, written.gallery, written.name)


def test_snapshot_cannot_be_written_into_once_open(tmp_path: Path) -> None:
    written, _ = snapshot_file(tmp_path)
    with pytest.raises(ValueError, match="read-only"):
        snapshots.open_snapshot(tmp_path, written).vectors[0, 0] = 1


@pytest.mark.parametrize("cut", [1, 100, 600, 10_000])
def test_truncated_snapshot_is_refused(tmp_path: Path, cut: int) -> None:
    written, path = snapshot_file(tmp_path)
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(IndexFileError, match="rebuilt"):
        snapshots.open_snapshot(tmp_path, written)


def test_snapshot_with_another_token_is_refused(tmp_path: Path) -> None:
    one, path = snapshot_file(tmp_path)
    two, other = snapshot_file(tmp_path)
    other.write_bytes(path.read_bytes())
    with pytest.raises(IndexFileError, match="another snapshot"):
        snapshots.open_snapshot(tmp_path, two)
    assert snapshots.open_snapshot(tmp_path, one).ids.shape == (7,)


def test_missing_snapshot_is_refused(tmp_path: Path) -> None:
    written, path = snapshot_file(tmp_path)
    path.unlink()
    with pytest.raises(IndexFileError, match="missing"):
        snapshots.open_snapshot(tmp_path, written)


def test_sweeping_keeps_the_one_in_force_only(tmp_path: Path) -> None:
    _, old = snapshot_file(tmp_path)
    current, path = snapshot_file(tmp_path)
    half_written = old.with_suffix(".123.tmp")
    half_written.touch()
    SnapshotFolder(tmp_path).sweep(gallery(8), keep={current.name})
    assert list(tmp_path.iterdir()) == [path]


def test_a_gallery_without_samples_finds_nothing(tmp_path: Path) -> None:
    nothing = Labelled(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 8), np.float32))
    state = SearchState(0, None, np.empty(0, np.int64), nothing)
    folder = SnapshotFolder(tmp_path)
    emptied = SearchState(0, folder.write(gallery(8), nothing), state.superseded, nothing)
    for one in (state, emptied):
        found = folder.index(one).search(np.ones((2, 8), np.float32), sought=Sought(k=3))
        assert (len(found), found.distances.shape) == (2, (0, 3))


def test_same_vectors_twice_are_both_found() -> None:
    vectors: Vectors = np.tile(unit_vectors(np.ones((1, 4))), (3, 1))
    ids: Ids = np.array([5, 6, 7])
    found = Flat.over(Labelled(ids, np.zeros(3, np.int64), vectors)).search(vectors[:1], sought=Sought(k=3))
    assert sorted(found.ids[0].tolist()) == [5, 6, 7]
    assert found.distances.max() == pytest.approx(0, abs=1e-6)


def test_an_identity_whose_samples_are_all_superseded_is_not_searched(tmp_path: Path) -> None:
    labelled = sample_set(np.random.default_rng(0), [3, 4, 700, 2], 8)
    whole = from_file(labelled, tmp_path)
    assert isinstance(whole, Flat)
    for gone in (1, -1):
        index = whole.without(labelled.ids[labelled.identities == gone])
        found = index.search(labelled.vectors[:2], sought=Sought(k=2))
        assert found.identities.tolist() == index.identities.tolist() * 2
        assert index.identities.tolist() == [one for one in (-1, 0, 1, 2) if one != gone]
        assert found.distances.shape == found.ids.shape == (6, 2)
    nobody = whole.without(labelled.ids).search(labelled.vectors[:2], sought=Sought(k=2))
    assert nobody.distances.shape == (0, 2)
