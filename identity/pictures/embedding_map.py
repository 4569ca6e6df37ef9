"""A 2-D map of a gallery, drawn with the samples' own crops; strangers laid over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from identity.core.errors import NotFoundError
from identity.core.ports import GalleryStore, gather
from identity.core.stopping import STOPPING
from identity.core.types import Image, Labelled, Role
from identity.imaging.crops import decode
from identity.plots import embedding
from identity.plots.projection import project
from identity.workflows.describe import Described

MOST_STRANGERS = 200


def draw_embedding(
    store: GalleryStore, strangers: Sequence[Described], *, limit: int, seed: int, path: Path, ink: bool = False
) -> int:
    """A map of up to `limit` samples and the strangers given; how many were drawn. Raises `NotFoundError`."""
    _, labelled = store.all_vectors(Role.GALLERY)
    if not len(labelled.ids):
        raise NotFoundError(f"gallery '{store.gallery.name}' has no samples to draw: enroll some first")
    order = np.random.default_rng(seed).permutation(len(labelled.ids))
    chosen = gather(labelled, np.sort(order[:limit]))
    strange = np.array([one.vector for one in strangers], np.float32).reshape(-1, labelled.vectors.shape[1])
    vectors = np.concatenate([chosen.vectors, strange])
    STOPPING.check()
    places = project(vectors, seed=seed)
    STOPPING.check()
    embedding.draw(
        places,
        images=[*_crops(store, chosen), *(one.crop for one in strangers)],
        labels=[*_names(store, chosen), *["?"] * len(strangers)],
        unknown=np.arange(len(vectors)) >= len(chosen.ids),
        ink=ink,
        path=path,
        title=f"Gallery '{store.gallery.name}': {len(chosen.ids)} samples, near ones look alike to the network",
    )
    return len(vectors)


def _crops(store: GalleryStore, chosen: Labelled) -> list[Image | None]:
    crops = store.crops(chosen.ids.tolist())
    return [decode(crops[one]) if one in crops else None for one in chosen.ids.tolist()]


def _names(store: GalleryStore, chosen: Labelled) -> list[str]:
    names = store.identities()
    return [names.get(int(identity), "") for identity in chosen.identities]
