"""An opened gallery: the verbs people use, each one a workflow over the gallery's own store, index and model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from identity.core.answers import ProbeVerdict
from identity.core.calibration import Calibration
from identity.core.watching import OnFailure, Progress, nobody
from identity.gallery.asking import ask, compare
from identity.gallery.images import Images, One, Paths, paths_of
from identity.gallery.parts import GalleryParts
from identity.workflows.batches import readable_images

if TYPE_CHECKING:
    from identity.core.face_selection import FaceRules
    from identity.gallery.clusters import Clusters
    from identity.gallery.files import Files
    from identity.gallery.labels import Labels
    from identity.gallery.people import People
    from identity.gallery.plots import Plots
    from identity.gallery.samples import Samples
    from identity.gallery.syncing import SyncReport
    from identity.workflows.enroll import EnrolReport
    from identity.workflows.evaluate.people import PeopleEvaluation
    from identity.workflows.evaluate.recognition import Evaluation
    from identity.workflows.verify import Verification


@dataclass(slots=True)
class Gallery(GalleryParts):
    """One gallery of a home. Made by `identity.open_gallery`; the model is loaded when the first image is embedded."""

    @property
    def clusters(self) -> Clusters:
        """The gallery's clusters: run, undo, history, evaluate, plot."""
        from identity.gallery.clusters import Clusters

        return Clusters(self.store, self.load_cluster_store(), self.model, self.gathering, self.read)

    @property
    def people(self) -> People:
        """Who the clusters are: name, merge, split, reject, confirm, suggestions."""
        from identity.gallery.people import People

        return People(self.store, self.load_cluster_store(), self.model, self.gathering)

    @property
    def samples(self) -> Samples:
        """The gallery's samples: find, get, crops, relabel, remove."""
        from identity.gallery.samples import Samples

        return Samples(self.store, self.finish_removals)

    @property
    def files(self) -> Files:
        """The photographs' own files and files for other programs: names written into them and read from them."""
        from identity.gallery.files import Files

        return Files(self)

    @property
    def plots(self) -> Plots:
        """Pictures that explain the gallery: embedding, thresholds."""
        from identity.gallery.plots import Plots

        return Plots(self)

    def query(self, images: Images, *, k: int = 5, threshold: float | None = None) -> Iterator[ProbeVerdict]:
        """Say which identity each image shows, or that it shows none: one answer per image, in order.

        `threshold` is a cosine distance to decide by, in place of the gallery's thresholds.
        """
        return ask(self, lambda: self.read(images), k=k, threshold=threshold).answers

    def enroll(
        self,
        images: Images,
        *,
        label: str | None = None,
        labels: Labels | None = None,
        calibration_fraction: float = 0.0,
        crops: bool = True,
        faces: FaceRules | None = None,
        any_image: bool = False,
        on: str | None = None,
        send_images: bool = False,
        on_progress: Progress = nobody,
        on_image: Callable[[str, str], None] | None = None,
    ) -> EnrolReport:
        """Put images into the gallery, each content once; the report says what became of them.

        `labels` says whose names the images bear: "folders", "none", "sidecar" (each face that of its region in XMP),
        or a CSV file of path and label; `label` is that of all. Photographs go into a gallery of digits only with
        `any_image`. `on` is the address of workers who read and describe (`dask://HOST:PORT`, extra `cluster`); they
        are sent the images' bytes with `send_images`. Raises `UnclearLabelsError` where nothing is said and folders are
        not called after people.
        """
        from identity.core.workers import Place
        from identity.gallery.filling import Wishes, fill

        place = None if on is None else Place(on, send_images)
        wishes = Wishes(label, labels, calibration_fraction, faces, crops, any_image, place, on_progress, on_image)
        return fill(self, images, wishes)

    def sync(
        self,
        folder: str | Path,
        *,
        labels: Labels | None = None,
        forget_missing: bool = False,
        even_empty: bool = False,
        on_progress: Progress = nobody,
    ) -> SyncReport:
        """Follow a folder: enroll what is new, follow what moved, list what is gone, or forget it for good.

        `even_empty` believes a folder that is empty or not there; otherwise that is a `UsageError`.
        """
        from identity.gallery.filling import Wishes
        from identity.gallery.syncing import sync

        wishes = Wishes(labels=labels, on_progress=on_progress)
        return sync(self, folder, wishes, forget_missing=forget_missing, even_empty=even_empty)

    def verify(self, first: One, second: One, *, threshold: float | None = None) -> Verification:
        """Say whether two photographs show the same person, by the largest face of each.

        `threshold` is a cosine distance to decide by, in place of the gallery's thresholds.
        """
        (one,), (other,) = (list(self.read([image])) for image in (first, second))
        return compare(self, one, other, threshold=threshold)

    def calibrate(
        self,
        *,
        rule: str | None = None,
        alpha: float | None = None,
        k: int | None = None,
        target_far: float | None = None,
        negatives: Images | None = None,
        target_fmr: float | None = None,
        target_fpir: float | None = None,
        threshold: float | None = None,
        on_failure: OnFailure = nobody,
    ) -> Calibration:
        """Set the thresholds by a decision rule (`core.rules.table.RULES`), else by that of the gallery's kind.

        Each rule understands some of the options; None is its usual value. `target_far` asks for thresholds that are
        lowered against `negatives`, images of strangers; `on_failure` is told of each that could not be read.
        `threshold` is a cosine distance of your own choice. Raises
        `UsageError` for a rule that does not exist and for an option that it does not understand.
        """
        from identity.core.rules.rule import RuleOptions
        from identity.workflows.calibrate import calibrate_gallery

        against = None if negatives is None else True
        options = RuleOptions(alpha, k, target_far, against, target_fmr, target_fpir, threshold)
        return calibrate_gallery(
            self.store,
            lambda: self.index,
            lambda some: self.pipeline.describe(some),
            model=self.model(),
            strangers=() if negatives is None else readable_images(self.read(negatives), on_failure),
            rule=rule,
            options=options,
        )

    def evaluate(
        self,
        known: Images,
        unknown: Paths = (),
        *,
        groups: str | Path | None = None,
        on_progress: Progress = nobody,
    ) -> Evaluation | PeopleEvaluation:
        """Measure the decisions on labelled images and on strangers, each source of strangers by itself.

        Where thresholds come from pairs, pairs and searches are measured; `groups` is then a CSV file of path or
        identity and group. Raises `UsageError` for groups elsewhere.
        """
        from identity.workflows.evaluate.gallery import evaluate_gallery

        return evaluate_gallery(
            self.read(known),
            [(str(source), self.read([source])) for source in paths_of(unknown)],
            domain=self.domain,
            pipeline=self.pipeline,
            store=self.store,
            context=self.search_context(),
            groups=None if groups is None else Path(groups),
            on_progress=on_progress,
        )
