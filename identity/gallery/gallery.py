"""An opened gallery: the verbs people use, each one a workflow over the gallery's own store, index and model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Self

from identity.core.calibration import Calibration
from identity.core.clusters import ClusterStore
from identity.core.domain import Domain, domain_of
from identity.core.errors import SpaceMismatchError, UsageError
from identity.core.face_selection import FaceRules
from identity.core.model import ModelManifest
from identity.core.ports import GalleryStore, Index, Snapshots
from identity.core.rules.rule import RuleOptions
from identity.core.types import ProbeVerdict, SourceImage
from identity.gallery.clusters import Clusters
from identity.gallery.images import Images, One, images_of
from identity.gallery.people import People
from identity.gallery.plots import Plots
from identity.gallery.samples import Samples
from identity.workflows import calibrate as calibrating
from identity.workflows import enroll as enrolling
from identity.workflows import query as querying
from identity.workflows import snapshots
from identity.workflows import verify as verifying
from identity.workflows.batches import readable
from identity.workflows.describe import Described, Pipeline

if TYPE_CHECKING:
    from identity.workflows.evaluate.people import PeopleEvaluation
    from identity.workflows.evaluate.recognition import Evaluation

Progress = Callable[[int], None]


def _silent(_news: object) -> None:
    """Progress that nobody watches, failures that nobody asks for."""


@dataclass(slots=True)
class Gallery:
    """One gallery of a home. Made by `identity.open_gallery`; the model is loaded when the first image is embedded.

    One open gallery may serve several threads: what it remembers is guarded by a lock; store, index and networks serve
    several threads themselves. Index, thresholds and names of an answer are of one state of the gallery.
    """

    store: GalleryStore
    cluster_store: ClusterStore
    snapshots: Snapshots
    load_pipeline: Callable[[], Pipeline]
    on_close: Callable[[], None]
    model: Callable[[], ModelManifest | None] = lambda: None  # its facts; None where it is not installed
    load_parallel_pipeline: Callable[[], tuple[Pipeline, int]] | None = None  # for so many threads at once
    read: Callable[[Images], Iterator[SourceImage]] = images_of
    _pipeline: Pipeline | None = field(default=None, repr=False)
    _context: tuple[int, querying.SearchContext] | None = field(default=None, repr=False)
    _index: tuple[int, Index] | None = field(default=None, repr=False)
    _lock: RLock = field(default_factory=RLock, repr=False)

    def __enter__(self) -> Self:
        """The gallery itself; leaving the block closes it."""
        return self

    def __exit__(self, *_raised: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Give the database back."""
        self.on_close()

    @property
    def name(self) -> str:
        """The gallery's name."""
        return self.store.gallery.name

    @property
    def clusters(self) -> Clusters:
        """The gallery's clusters: run, undo, history, evaluate, plot."""
        return Clusters(self.store, self.cluster_store, self.model)

    @property
    def people(self) -> People:
        """Who the clusters are: name, merge, split, reject, confirm, suggestions."""
        return People(self.store, self.cluster_store)

    @property
    def samples(self) -> Samples:
        """The gallery's samples: find, get, crops, relabel, remove."""
        return Samples(self.store, self.snapshots)

    @property
    def plots(self) -> Plots:
        """Pictures that explain the gallery: embedding, thresholds."""
        return Plots(self)

    @property
    def pipeline(self) -> Pipeline:
        """Detector, aligner and embedder. Raises `SpaceMismatchError` where they are not those of the gallery."""
        with self._lock:
            if self._pipeline is None:
                self._pipeline = self._fitting(self.load_pipeline())
            return self._pipeline

    def _fitting(self, pipeline: Pipeline) -> Pipeline:
        gallery = self.store.gallery
        if pipeline.space != gallery.space:
            raise SpaceMismatchError(
                f"gallery '{gallery.name}' was made by another version of model '{gallery.model}': "
                "put that version back, or enroll the images into a new gallery"
            )
        return pipeline

    @property
    def domain(self) -> Domain:
        """What its kind of identity needs."""
        return domain_of(self.model())

    @property
    def index(self) -> Index:
        """The search set as of now; reopened when anybody changed the gallery."""
        with self._lock:
            if self._index is None or self._index[0] != self.store.gallery.changes:
                self._index = snapshots.open_index(self.store, self.snapshots)
            return self._index[1]

    def search_context(self) -> querying.SearchContext:
        """All that a decision needs. Raises `NotCalibratedError`."""
        with self._lock:
            while self._context is None or self._context[0] != self.store.gallery.changes:
                changes, index = snapshots.open_index(self.store, self.snapshots)
                self._index = (changes, index)
                self._context = changes, querying.SearchContext(index, self.calibration(), self.store.identities())
            return self._context[1]

    def calibration(self) -> Calibration:
        """The calibration in force, else one by the network's reference points. Raises `NotCalibratedError`."""
        calibration = self.store.calibration()
        if calibration is None:
            return calibrating.never_calibrated(self.store, self.model())
        return calibration

    def query(self, images: Images, *, k: int = 5) -> Iterator[ProbeVerdict]:
        """Say which identity each image shows, or that it shows none: one answer per image, in order."""
        context = self.search_context()
        return querying.query(
            self.read(images), pipeline=self.pipeline, store=self.store, context=context, k=k, domain=self.domain
        )

    def enroll(
        self,
        images: Images,
        *,
        label: str | None = None,
        calibration_fraction: float = 0.0,
        crops: bool = True,
        faces: FaceRules | None = None,
        on_progress: Progress = _silent,
        on_image: Callable[[str, str], None] | None = None,
    ) -> enrolling.EnrolReport:
        """Put images into the gallery, each content once; the report says what became of them."""
        from identity.imaging.crops import encode

        domain = self.domain
        policy = enrolling.Policy(
            label,
            calibration_fraction,
            (faces or domain.selection()) if domain.selection is not None else None,
            encode_crop=encode if crops else None,
            domain=domain,
            on_image=on_image,
        )
        pipeline, workers = self._enrolment_pipeline()
        report = enrolling.enroll(
            self.read(images),
            pipeline=pipeline,
            store=self.store,
            policy=policy,
            on_progress=on_progress,
            workers=workers,
        )
        snapshots.open_index(self.store, self.snapshots)
        return report

    def _enrolment_pipeline(self) -> tuple[Pipeline, int]:
        """A pipeline, and how many threads may use it at once; one that is loaded already serves one."""
        with self._lock:
            if self.load_parallel_pipeline is None or self._pipeline is not None:
                return self.pipeline, 1
            pipeline, workers = self.load_parallel_pipeline()
            return self._fitting(pipeline), workers

    def verify(self, first: One, second: One) -> verifying.Verification:
        """Say whether two photographs show the same person, by the largest face of each."""
        (one,), (other,) = (list(self.read([image])) for image in (first, second))
        name = self.store.gallery.name
        return verifying.verify((one, other), pipeline=self.pipeline, calibration=self.calibration(), gallery=name)

    def calibrate(
        self,
        *,
        rule: str | None = None,
        alpha: float | None = None,
        k: int | None = None,
        target_far: float | None = None,
        negatives: Images = (),
        target_fmr: float | None = None,
        target_fpir: float | None = None,
        on_failure: Callable[[SourceImage], None] = _silent,
    ) -> Calibration:
        """Set the thresholds by a decision rule (`core.rules.table.RULES`), else by that of the gallery's kind.

        Each rule understands some of the options; None is its usual value. `target_far` asks for thresholds that are
        lowered against `negatives`, images of strangers; `on_failure` is told of each that could not be read. Raises
        `UsageError` for a rule that does not exist and for an option that it does not understand.
        """
        strangers = None if isinstance(negatives, (tuple, list)) and not negatives else negatives
        options = RuleOptions(alpha, k, target_far, None if strangers is None else True, target_fmr, target_fpir)
        chosen = rule if rule is not None else calibrating.rule_for(self.domain.rule, options)
        model = self.model()
        evidence = calibrating.GalleryEvidence(
            self.store,
            lambda: self.index,
            self._describe,
            points=() if model is None else model.operating_points,
            strangers=() if strangers is None else readable(self.read(strangers), on_failure),
        )
        return calibrating.calibrate_gallery(evidence, rule=chosen, options=options)

    def evaluate(
        self,
        known: Images,
        unknown: Sequence[str | Path] = (),
        *,
        groups: Path | None = None,
        on_progress: Progress = _silent,
    ) -> Evaluation | PeopleEvaluation:
        """Measure the decisions on labelled images and on strangers, each source of strangers by itself.

        Where thresholds come from pairs, pairs and searches are measured; `groups` is then a CSV file of path or
        identity and group. Raises `UsageError` for groups elsewhere.
        """
        from identity.workflows.evaluate import people, recognition

        strangers = [(str(source), self.read([source])) for source in unknown]
        known_images, context = self.read(known), self.search_context()
        if not self.domain.decides_by_pairs:
            if groups is not None:
                raise UsageError("groups are for galleries of people: leave --groups away")
            return recognition.evaluate(
                known_images, strangers, pipeline=self.pipeline, context=context, on_progress=on_progress
            )
        return people.evaluate_people(
            known_images,
            [images for _, images in strangers],
            pipeline=self.pipeline,
            store=self.store,
            context=context,
            groups={} if groups is None else people.read_groups(groups),
            on_progress=on_progress,
        )

    def _describe(self, images: Sequence[SourceImage]) -> list[list[Described]]:
        return self.pipeline.describe(images)
