"""All faces of somebody, the most usual first: how far each is from the rest, so that what does not belong is last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from identity.core.ports import GalleryStore
from identity.core.types import NO_ID, Distances, Ids, Vectors

if TYPE_CHECKING:
    from identity.workflows.cluster.somebody import Gathering


@dataclass(frozen=True, slots=True)
class Faces:
    """Somebody's samples (n,), nearest to the rest first; `confirmed` bear the name, `aside` nobody wants to name."""

    who: str
    identity: str | None
    samples: Ids
    distances: Distances
    confirmed: np.ndarray
    aside: np.ndarray


def faces_of(store: GalleryStore, here: Gathering, who: str) -> Faces:
    """The faces of a cluster or of a name. Raises `NotFoundError`."""
    meant = here.find(who)
    held = store.vectors(here.ids(meant.rows).tolist())
    distances = distances_to_the_rest(held.vectors)
    order = np.argsort(distances, kind="stable")
    bears = held.identities[order] != NO_ID
    aside = np.isin(held.ids[order], here.state.ids[here.state.aside])
    return Faces(meant.called, here.names.get(meant.identity), held.ids[order], distances[order], bears, aside)


def distances_to_the_rest(vectors: Vectors) -> Distances:
    """Cosine distance (n,) of each unit row (n, dim) to the mean direction of all others; 0 where there are none."""
    if len(vectors) < 2:
        return np.zeros(len(vectors), np.float32)
    rest = vectors.sum(axis=0, dtype=np.float64) - vectors
    lengths = np.maximum(np.linalg.norm(rest, axis=1), np.finfo(np.float32).tiny)
    cosines = np.einsum("ij,ij->i", rest, vectors.astype(np.float64)) / lengths
    return np.asarray(np.clip(1 - cosines, 0, 2), np.float32)
