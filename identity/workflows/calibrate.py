"""Set a gallery's thresholds from samples that are in neither training nor gallery, and say what they promise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import ceil, log
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from identity.core.calibration import Calibration, calibrate, lowered
from identity.core.errors import NotCalibratedError, UsageError
from identity.core.ports import GalleryStore, Index, gather
from identity.core.types import NO_ID, Labelled, Role, SourceImage
from identity.core.verdict import cheapest_ratio, decide
from identity.workflows.batches import batches, readable
from identity.workflows.describe import Described
from identity.workflows.query import BATCH_IMAGES, SearchContext

LARGE_CLASS = 50  # samples from which one mislabelled neighbour must not decide
K_OF_LARGE = 5
CONFIDENCE = 0.95
ALPHA = 0.01  # unless told otherwise
Describe = Callable[[Sequence[SourceImage]], list[list[Described]]]  # the pipeline, loaded only where it is needed


@dataclass(frozen=True, slots=True)
class Negatives:
    """Images that show none of the gallery's identities, and the share of them that may be accepted as anyone."""

    images: Iterable[SourceImage]
    target_far: float


def negatives_of(
    read: Callable[[Any], Iterable[SourceImage]],
    images: Any,
    target_far: float | None,
    on_failure: Callable[[SourceImage], None],
) -> Negatives | None:
    """The negatives given, read as they are needed. Raises `UsageError` where a target or negatives stand alone."""
    if (target_far is None) != (images is None):
        raise UsageError("a target FAR and negatives go together: give --target-far and --negatives")
    if images is None or target_far is None:
        return None
    return Negatives(readable(read(images), on_failure), target_far)


def calibrate_gallery(
    *,
    store: GalleryStore,
    index: Index,
    describe: Describe,
    alpha: float | None = None,
    k: int | None = None,
    negatives: Negatives | None = None,
) -> Calibration:
    """Thresholds from the gallery's stored calibration samples; stored, and returned.

    Raises `NotCalibratedError` where no calibration sample was enrolled, `UsageError` for an alpha, k or target that
    cannot be met with the samples there are.
    """
    _, held_out = store.all_vectors(Role.CALIBRATION)
    held_out = gather(held_out, np.isin(held_out.identities, index.identities[index.identities != NO_ID]))
    gallery = store.gallery
    if not len(held_out.ids):
        raise NotCalibratedError(
            f"gallery '{gallery.name}' has no calibration samples: enroll labelled images with --calibration-fraction"
        )
    k, alpha = _default_k(store) if k is None else k, ALPHA if alpha is None else alpha
    if k < 1:
        raise UsageError(f"--k must be at least 1, got {k}")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    own = _own_scores(held_out, index, k)
    if not any(np.isfinite(scores).any() for scores in own.values()):
        raise UsageError(f"no identity of gallery '{gallery.name}' has {k} samples: give a smaller --k, or enroll more")
    calibration = calibrate(own, space=gallery.space, k=k, alpha=alpha, created_at=now)
    calibration = replace(calibration, ratio=_ratio(held_out, index, calibration))
    if negatives is not None:
        calibration = _for_target(calibration, held_out, index, _vectors(negatives.images, describe), negatives)
    store.put_calibration(calibration)
    return calibration


def _default_k(store: GalleryStore) -> int:
    _, labelled = store.all_vectors(Role.GALLERY)
    _, sizes = np.unique(labelled.identities[labelled.identities != NO_ID], return_counts=True)
    return K_OF_LARGE if len(sizes) and np.median(sizes) >= LARGE_CLASS else 1


def _own_scores(held_out: Labelled, index: Index, k: int) -> dict[int, NDArray[np.float32]]:
    """Distance of each calibration sample to the k-th nearest sample of its own identity, by identity."""
    found = index.search(held_out.vectors, k=k)
    columns = np.searchsorted(found.identities, held_out.identities)
    own = found.distances[np.arange(len(columns)), columns, k - 1]
    return {int(one): own[held_out.identities == one] for one in np.unique(held_out.identities)}


def _ratio(held_out: Labelled, index: Index, calibration: Calibration) -> float:
    decisions = decide(index.search(held_out.vectors, k=calibration.k), calibration)
    truth = np.searchsorted(decisions.identities, held_out.identities)
    return cheapest_ratio(decisions.distances, decisions.accepted, truth)


def _vectors(images: Iterable[SourceImage], describe: Describe) -> list[tuple[str, NDArray[np.float32]]]:
    """Vectors of negatives with who they show: a sub-folder is one person, everything else stands for itself."""
    found = []
    for batch in batches(images, size=BATCH_IMAGES):
        for image, regions in zip(batch, describe(batch), strict=True):
            person = image.label if image.label is not None and image.row is None else image.name
            found += [(person, part.vector) for part in regions if part.vector is not None]
    return found


def _for_target(
    calibration: Calibration,
    held_out: Labelled,
    index: Index,
    found: list[tuple[str, NDArray[np.float32]]],
    negatives: Negatives,
) -> Calibration:
    if not 0 < negatives.target_far < 1:
        raise UsageError(f"--target-far must be between 0 and 1, got {negatives.target_far:g}")
    if not found:
        raise UsageError("the negatives show nothing: give images of things that are not in the gallery")
    relative = -_scores(np.stack([vector for _, vector in found]), index, calibration)
    _, person_of = np.unique([person for person, _ in found], return_inverse=True)
    nearest = np.full(person_of.max() + 1, np.inf)
    np.minimum.at(nearest, person_of, relative)
    factor, bound = safe_factor(nearest, target_far=negatives.target_far)
    lower = lowered(calibration, factor)
    refused = (decide(index.search(held_out.vectors, k=lower.k), lower).codes == 0).mean()
    return replace(lower, far_bound=bound, fnmr=float(refused))


def _scores(probes: NDArray[np.float32], index: Index, calibration: Calibration) -> NDArray[np.float32]:
    return np.concatenate([decided.scores for _, decided in SearchContext(index, calibration, {}).decisions(probes)])


def safe_factor(relative: NDArray[np.floating], *, target_far: float) -> tuple[float, float]:
    """The largest factor (at most 1) on all thresholds that keeps the negatives' bound under the target, and the bound.

    `relative` (n,) is each negative's smallest s_c/T_c. The bound is the one-sided 95 % Clopper-Pearson bound of the
    share accepted. Raises `UsageError` where even accepting none of n negatives proves too little.
    """
    ordered, n = np.sort(relative), len(relative)
    if upper_bound(0, n) > target_far:
        raise UsageError(
            f"{n} negatives cannot show a FAR under {target_far:g} with 95 % confidence: "
            f"give at least {ceil(log(1 - CONFIDENCE) / log(1 - target_far))}"
        )
    allowed = max(count for count in range(n + 1) if count == 0 or upper_bound(count, n) <= target_far)
    accepted = int((ordered <= 1).sum())
    if accepted <= allowed:
        return 1.0, upper_bound(accepted, n)
    factor = float(np.nextafter(ordered[allowed], -np.inf)) * (1 - 1e-6)  # strictly below the first one too many
    return factor, upper_bound(int((ordered <= factor).sum()), n)


def upper_bound(count: int, n: int) -> float:
    """One-sided 95 % Clopper-Pearson upper bound of a share of which `count` in `n` were seen (1934)."""
    return 1.0 if count >= n else float(betaincinv(count + 1, n - count, CONFIDENCE))
