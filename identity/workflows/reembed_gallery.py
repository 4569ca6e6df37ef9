"""The re-embedding of a gallery of a home: which model, by which detector, and from what."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from identity.core.domain import domain_of
from identity.core.errors import UsageError
from identity.core.limits import Limits
from identity.core.model import ModelManifest
from identity.core.reembedding import Destination
from identity.core.types import GalleryRecord
from identity.imaging.crops import LARGEST_SIDE_PX, decode
from identity.imaging.originals import OriginalFiles
from identity.workflows.describe import Pipeline
from identity.workflows.reembed import Embedding, ReembedReport, plan_reembedding, reembed

if TYPE_CHECKING:
    from identity.core.stores import Store
    from identity.zoo.folder import ModelFolder


def reembed_gallery(
    store: Store,
    gallery: GalleryRecord,
    models: ModelFolder,
    load_pipeline: Callable[[str, str], Pipeline],
    wanted: tuple[str, str],
    *,
    limits: Limits,
    dry_run: bool,
    on_progress: Callable[[int], None],
) -> ReembedReport:
    """Move a gallery into the space of the model that is wanted, behind the detector that is wanted.

    `limits` are those of each photograph. Raises `UsageError` for a model of another kind, and where the gallery is in
    that space already.
    """
    model, detector = wanted
    new, old = models.get(model).manifest, models.facts(gallery.model)
    if old is not None and domain_of(new) != domain_of(old):
        raise UsageError(f"model '{model}' is for another kind of image than gallery '{gallery.name}': choose another")
    pipeline = load_pipeline(model, detector)
    if pipeline.space == gallery.space:
        raise UsageError(f"gallery '{gallery.name}' is in the space of model '{model}' already: choose another model")
    destination = Destination(model, detector, pipeline.space, pipeline.embedder.dim)
    rows, originals = store.reembedding(gallery), OriginalFiles(limits)
    if dry_run:
        return plan_reembedding(rows, originals, destination)
    crops = store.samples(gallery).crops
    embedding = Embedding(pipeline, originals, crops, decode, crop_is_aligned=_cuts_alike(old, new))
    return reembed(rows, embedding, destination, on_progress=on_progress)


def _cuts_alike(old: ModelManifest | None, new: ModelManifest) -> bool:
    """Whether what was cut out for the old network is what the new one wants, and was stored whole."""
    if old is None or max(old.input.size_px, new.input.size_px) > LARGEST_SIDE_PX:
        return False
    return (old.alignment, old.template, old.input.size_px) == (new.alignment, new.template, new.input.size_px)
