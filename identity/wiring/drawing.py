"""Pictures of a gallery: where its samples lie, and how far is too far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from identity.core.errors import NotFoundError

if TYPE_CHECKING:
    import numpy as np

    from identity.core.types import Image, Labelled, SourceImage
    from identity.workflows.opened import OpenGallery

MOST_STRANGERS = 200
OnFailure: TypeAlias = "Callable[[SourceImage], None]"  # told of each image of a stranger that cannot be read


def draw_embedding(
    opened: OpenGallery,
    *,
    unknown: Sequence[Path],
    limit: int,
    seed: int,
    path: Path,
    on_failure: OnFailure = lambda _image: None,
) -> int:
    """A 2-D map of up to `limit` samples, drawn with their own crops, strangers laid over; how many were drawn."""
    import numpy as np

    from identity.core.ports import gather
    from identity.core.types import Role
    from identity.imaging.crops import decode
    from identity.plots import embedding
    from identity.plots.projection import project

    _, labelled = opened.store.all_vectors(Role.GALLERY)
    if not len(labelled.ids):
        raise NotFoundError(f"gallery '{opened.store.gallery.name}' has no samples to draw: enroll some first")
    rng = np.random.default_rng(seed)
    chosen = gather(labelled, np.sort(rng.permutation(len(labelled.ids))[:limit]))
    crops = opened.store.crops(chosen.ids.tolist())
    images: list[Image | None] = [decode(crops[i]) if i in crops else None for i in chosen.ids.tolist()]
    strange_vectors, strange_images = _strangers(opened, unknown, on_failure)
    vectors = np.concatenate([chosen.vectors, strange_vectors]) if len(strange_vectors) else chosen.vectors
    embedding.draw(
        project(vectors, seed=seed),
        images=[*images, *strange_images],
        labels=[*_names(opened, chosen), *["?"] * len(strange_images)],
        unknown=np.arange(len(vectors)) >= len(chosen.ids),
        path=path,
        title=f"Gallery '{opened.store.gallery.name}': {len(chosen.ids)} samples, near ones look alike to the network",
    )
    return len(vectors)


def _names(opened: OpenGallery, chosen: Labelled) -> list[str]:
    names = opened.store.identities()
    return [names.get(int(identity), "") for identity in chosen.identities]


def _strangers(
    opened: OpenGallery, unknown: Sequence[Path], on_failure: OnFailure
) -> tuple[np.ndarray, list[Image | None]]:
    import numpy as np

    from identity.workflows.batches import readable

    if not unknown:
        return np.empty((0, 0), np.float32), []
    images = list(readable(opened.read(unknown), on_failure))
    images = images[:: max(1, len(images) // MOST_STRANGERS)][:MOST_STRANGERS]
    parts = [part for row in opened.pipeline.describe(images) for part in row if part.vector is not None]
    return np.array([part.vector for part in parts], np.float32), [part.crop for part in parts]


def draw_thresholds(
    opened: OpenGallery, *, unknown: Sequence[Path], path: Path, on_failure: OnFailure = lambda _image: None
) -> None:
    """Each identity's calibration scores and threshold; strangers' scores against them where they are given."""
    from identity.plots import thresholds

    calibration, names = opened.calibration(), opened.store.identities()
    rows = [
        thresholds.ThresholdRow(names[identity], entry.scores, entry.threshold, entry.n, entry.enough)
        for identity, entry in calibration.classes.items()
    ]
    scores = _stranger_scores(opened, unknown, on_failure)
    thresholds.draw(rows, alpha=calibration.alpha, path=path, unknown_scores=scores)


def _stranger_scores(
    opened: OpenGallery, unknown: Sequence[Path], on_failure: OnFailure
) -> dict[str, np.ndarray] | None:
    from identity.workflows.judging import judge

    asked = opened.asked() if unknown else None
    if asked is None:
        return None
    return {
        str(source): judge(
            opened.read([source]), pipeline=opened.pipeline, asked=asked, on_progress=lambda _count: None,
            on_failure=on_failure,
        ).score
        for source in unknown
    }
