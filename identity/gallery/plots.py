"""Pictures that explain a gallery: where its samples lie, how far is too far, and what an evaluation found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from identity.core.watching import OnFailure, nobody
from identity.gallery.images import Paths, paths_of

if TYPE_CHECKING:
    from identity.gallery.parts import GalleryParts
    from identity.workflows.describe import Described
    from identity.workflows.evaluate.people import PeopleEvaluation
    from identity.workflows.evaluate.recognition import Evaluation


@dataclass(frozen=True, slots=True)
class Plots:
    """The pictures of one gallery. Made by `Gallery.plots`. `on_failure` is told of strangers that are unreadable."""

    gallery: GalleryParts

    def embedding(
        self,
        path: str | Path,
        *,
        unknown: Paths = (),
        limit: int = 1500,
        seed: int = 0,
        on_failure: OnFailure = nobody,
    ) -> int:
        """A 2-D map of up to `limit` samples, strangers laid over; how many were drawn."""
        from identity.pictures.embedding_map import draw_embedding

        strangers = self._strangers(unknown, on_failure)
        ink = self.gallery.domain.ink
        return draw_embedding(self.gallery.store, strangers, limit=limit, seed=seed, path=Path(path), ink=ink)

    def _strangers(self, unknown: Paths, on_failure: OnFailure) -> list[Described]:
        from identity.pictures.embedding_map import MOST_STRANGERS
        from identity.workflows.batches import readable_images

        if not unknown:
            return []
        images = list(readable_images(self.gallery.read(paths_of(unknown)), on_failure))
        images = images[:: max(1, len(images) // MOST_STRANGERS)][:MOST_STRANGERS]
        return [part for row in self.gallery.pipeline.describe(images) for part in row if part.vector is not None]

    def thresholds(
        self, path: str | Path, *, unknown: Paths = (), on_failure: OnFailure = nobody
    ) -> None:
        """Each identity's calibration scores and threshold; strangers' scores against them where they are given.

        Where thresholds are those of people, distances of the gallery's own pairs, and the thresholds among them.
        """
        from identity.core.rules.people_points import people_thresholds
        from identity.core.rules.table import rule_of
        from identity.gallery.threshold_plots import draw_people
        from identity.plots import thresholds
        from identity.workflows.evaluate.probe_table import judge

        gallery, calibration = self.gallery, self.gallery.calibration()
        scores = {
            str(source): judge(
                gallery.read([source]),
                pipeline=gallery.pipeline,
                context=gallery.search_context(),
                on_progress=nobody,
                on_failure=on_failure,
            ).score
            for source in paths_of(unknown)
        }
        if (people := people_thresholds(calibration)) is not None:
            draw_people(gallery.store, calibration, people, path=Path(path), unknown_scores=scores or None)
            return
        names = gallery.store.identities()
        rows = [
            thresholds.ThresholdRow(names[identity], entry.scores, entry.threshold, entry.n, entry.enough)
            for identity, entry in calibration.classes.items()
        ]
        asked = rule_of(calibration).summary(calibration)
        thresholds.draw(rows, asked=asked, path=Path(path), unknown_scores=scores or None)

    def evaluation(self, path: str | Path, made: Evaluation | PeopleEvaluation) -> None:
        """Scores, ROC and what strangers are taken for; of people, FMR and FNMR."""
        from identity.workflows.evaluate.people import PeopleEvaluation

        if isinstance(made, PeopleEvaluation):
            self._error_rates(Path(path), made)
        else:
            _scores(Path(path), made)

    def _error_rates(self, path: Path, made: PeopleEvaluation) -> None:
        from identity.core.rules.people_points import people_thresholds
        from identity.plots import verification

        people = people_thresholds(self.gallery.calibration())
        assert people is not None
        verification.draw(
            made.curve.distances,
            made.curve.fmr,
            made.curve.fnmr,
            thresholds=(people.verify.threshold, people.uncertain.threshold),
            photographs=made.pairs.photographs,
            path=path,
        )


def _scores(path: Path, made: Evaluation) -> None:
    from identity.plots import evaluation

    names = [one.source for one in made.unknown]
    scores = dict(zip(names, (judged.score for judged in made.judged_unknown), strict=True))
    taken_for = {one.source: one.taken_for for one in made.unknown}
    evaluation.draw(made.judged_known.score, scores, taken_for, path=path)
