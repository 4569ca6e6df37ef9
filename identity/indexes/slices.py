"""Rows sorted by identity: how they come to be so, and the most similar of each identity."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from identity.core.errors import SpaceMismatchError
from identity.core.types import Ids, Labelled, Vectors


def check_dimension(probes: Vectors, dim: int) -> None:
    """Raise `SpaceMismatchError` where probes cannot be of a gallery's space."""
    if probes.ndim != 2 or probes.shape[1] != dim:
        raise SpaceMismatchError(
            f"probe vectors of shape {probes.shape} meet a gallery of dimension {dim}: use the gallery's own model"
        )


def by_identity(labelled: Labelled) -> tuple[Labelled, Ids, Ids]:
    """Rows sorted by (identity, sample id), the identities (c,) and the slices' bounds (c + 1,)."""
    order = np.lexsort((labelled.ids, labelled.identities))
    sorted_identities = labelled.identities[order]
    identities, starts = np.unique(sorted_identities, return_index=True)
    bounds = np.append(starts, len(order)).astype(np.int64)
    ordered = Labelled(labelled.ids[order], sorted_identities, labelled.vectors[order])
    return ordered, identities.astype(np.int64), bounds


def alive_first(
    similarities: NDArray[np.float32], places: Ids, dead: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], Ids]:
    """The same rows, the dead ones last and with -inf."""
    similarities = np.where(dead[places], np.float32(-np.inf), similarities)
    order = np.argsort(-similarities, axis=1, kind="stable")
    return np.take_along_axis(similarities, order, 1), np.take_along_axis(places, order, 1)


def top_of_slices(similarities: NDArray[np.float32], bounds: Ids, k: int) -> tuple[NDArray[np.float32], Ids]:
    """The k largest of each column slice: similarities and columns (n, slices, k), -inf where a slice is shorter."""
    if k == 1:
        return _best_of_slices(similarities, bounds)
    sizes = np.diff(bounds)
    slice_of = np.repeat(np.arange(len(sizes)), sizes)
    order = np.lexsort((-similarities, np.broadcast_to(slice_of, similarities.shape)), axis=1)
    offsets = np.arange(min(k, int(sizes.max())))
    wanted = np.minimum(bounds[:-1, None] + offsets, len(slice_of) - 1)  # (slices, k)
    places = order[:, wanted]
    best = np.take_along_axis(similarities, places.reshape(len(similarities), -1), 1).reshape(places.shape)
    best[:, offsets[None, :] >= sizes[:, None]] = -np.inf
    return best, places


def _best_of_slices(similarities: NDArray[np.float32], bounds: Ids) -> tuple[NDArray[np.float32], Ids]:
    best = np.maximum.reduceat(similarities, bounds[:-1], axis=1)
    is_best = similarities == np.repeat(best, np.diff(bounds), axis=1)
    columns = np.where(is_best, np.arange(similarities.shape[1], dtype=np.int64), np.iinfo(np.int64).max)
    return best[:, :, None], np.minimum.reduceat(columns, bounds[:-1], axis=1)[:, :, None]
