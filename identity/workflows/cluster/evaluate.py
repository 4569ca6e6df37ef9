"""How good clusters are on samples whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from identity.clustering.quality import Quality, quality_of
from identity.core.clusters import NOISE, ClusterState, ClusterStore, Run
from identity.core.errors import NotFoundError
from identity.core.model import ModelManifest
from identity.core.ports import GalleryStore
from identity.core.stopping import STOPPING
from identity.core.types import Ids, SourceImage
from identity.workflows.cluster import truth as truths
from identity.workflows.cluster.defaults import defaults_of
from identity.workflows.cluster.request import ClusterRequest
from identity.workflows.cluster.run import compute_run
from identity.workflows.contents import StoredContents

Read = Callable[[Path], Iterator[SourceImage]]  # the images of a file or folder


@dataclass(frozen=True, slots=True)
class ClusterQuality:
    """Figures of a run on the samples whose truth is known; `largest` is the largest cluster's share of all samples."""

    run: Run
    quality: Quality
    n_judged: int
    n_samples: int
    largest: float
    blind: bool


def evaluate(
    samples: GalleryStore,
    store: ClusterStore,
    model: ModelManifest | None,
    truth: Path | None,
    request: ClusterRequest,
    *,
    blind: bool,
    read: Read,
) -> ClusterQuality:
    """Quality of the run in force, or of one made blind to all names, against a truth (default: the names).

    Raises `NotFoundError` where there is no run, or no truth about the gallery's samples.
    """
    state = store.state()
    known = _truth(truth, state, samples, store, read)
    blind = blind or truth is None
    run, labels = _blind_run(state, samples, model, request) if blind else _run_in_force(state, samples)
    quality = quality_of(labels[known.rows], known.identities)
    return ClusterQuality(run, quality, len(known.rows), state.n, largest_share(labels), blind)


def _blind_run(
    state: ClusterState, samples: GalleryStore, model: ModelManifest | None, request: ClusterRequest
) -> tuple[Run, Ids]:
    outcome = compute_run(truths.without_decisions(state), request, defaults_of(model, samples.calibration()))
    STOPPING.check()
    return outcome.run, outcome.labels


def _run_in_force(state: ClusterState, samples: GalleryStore) -> tuple[Run, Ids]:
    if state.run is None:
        name = samples.gallery.name
        raise NotFoundError(f"gallery '{name}' has no run: 'identity cluster -g {name}', or --blind")
    return state.run, state.labels


def _truth(
    path: Path | None, state: ClusterState, samples: GalleryStore, store: ClusterStore, read: Read
) -> truths.Truth:
    if path is None:
        return truths.own_names(state)
    held = samples.samples(state.ids.tolist())
    if path.suffix.lower() == ".csv":
        return truths.truth_of_table(path, state, held)
    return truths.truth_of_images(_as_stored(read(path), samples), state, store.contents(), held)


def _as_stored(images: Iterable[SourceImage], samples: GalleryStore) -> Iterator[SourceImage]:
    stored = StoredContents(samples)
    return (one for image in images for one in stored.of([image]))


def largest_share(labels: Ids) -> float:
    """The share of all samples that lie in the largest cluster: a giant one is a clustering gone wrong."""
    sizes = [int((labels == number).sum()) for number in set(labels.tolist()) - {NOISE}]
    return max(sizes, default=0) / max(1, len(labels))
