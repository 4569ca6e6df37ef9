"""Pictures that explain a gallery: where its samples lie, and how far is too far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from identity.gallery.watching import OnFailure, nobody

if TYPE_CHECKING:
    from identity.gallery.gallery import Gallery
    from identity.workflows.describe import Described


@dataclass(frozen=True, slots=True)
class Plots:
    """The pictures of one gallery. Made by `Gallery.plots`. `on_failure` is told of strangers that are unreadable."""

    gallery: Gallery

    def embedding(
        self,
        path: str | Path,
        *,
        unknown: Sequence[str | Path] = (),
        limit: int = 1500,
        seed: int = 0,
        on_failure: OnFailure = nobody,
    ) -> int:
        """A 2-D map of up to `limit` samples, strangers laid over; how many were drawn."""
        from identity.pictures.embedding_map import draw_embedding

        strangers = self._strangers(unknown, on_failure)
        return draw_embedding(self.gallery.store, strangers, limit=limit, seed=seed, path=Path(path))

    def _strangers(self, unknown: Sequence[str | Path], on_failure: OnFailure) -> list[Described]:
        from identity.pictures.embedding_map import MOST_STRANGERS
        from identity.workflows.batches import readable

        if not unknown:
            return []
        images = list(readable(self.gallery.read(unknown), on_failure))
        images = images[:: max(1, len(images) // MOST_STRANGERS)][:MOST_STRANGERS]
        return [part for row in self.gallery.pipeline.describe(images) for part in row if part.vector is not None]

    def thresholds(
        self, path: str | Path, *, unknown: Sequence[str | Path] = (), on_failure: OnFailure = nobody
    ) -> None:
        """Each identity's calibration scores and threshold; strangers' scores against them where they are given."""
        from identity.core.rules.table import rule_of
        from identity.plots import thresholds
        from identity.workflows.evaluate.probe_table import judge

        gallery, calibration = self.gallery, self.gallery.calibration()
        names = gallery.store.identities()
        rows = [
            thresholds.ThresholdRow(names[identity], entry.scores, entry.threshold, entry.n, entry.enough)
            for identity, entry in calibration.classes.items()
        ]
        scores = {
            str(source): judge(
                gallery.read([source]),
                pipeline=gallery.pipeline,
                context=gallery.search_context(),
                on_progress=nobody,
                on_failure=on_failure,
            ).score
            for source in unknown
        }
        asked = rule_of(calibration).summary(calibration)
        thresholds.draw(rows, asked=asked, path=Path(path), unknown_scores=scores or None)
