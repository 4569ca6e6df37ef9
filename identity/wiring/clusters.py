"""A gallery's clusters, ready for their verbs: `identity.clustering`, the store and the workflows put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from identity.clustering import Quality, quality_of
from identity.clustering.checks import checked_eps, checked_min_samples
from identity.core.calibration import Calibration
from identity.core.errors import NotFoundError
from identity.core.people import NOISE, ClusterState, Decision, Run
from identity.core.types import Ids
from identity.store.clusters import Clusters
from identity.store.galleries import Galleries
from identity.store.samples import SampleStore
from identity.wiring import Home, open_home, read_images
from identity.wiring.methods import Methods
from identity.workflows import cluster as clusters
from identity.workflows import people
from identity.workflows import truth as truths
from identity.workflows.cluster import Group, Plan
from identity.workflows.clustering import Asked, computed

FACES, OTHERS = 2, 5  # samples that make a neighbourhood: people have few photographs, digits have many scans
Say = Callable[[str], None]
Points = Sequence[tuple[float, float]]  # false match rate, cosine distance


@dataclass(frozen=True, slots=True)
class OpenClusters:
    """The clusters of one gallery. Made by `open_clusters`."""

    home: Home
    samples: SampleStore
    store: Clusters
    methods: Methods
    default_min_samples: int

    def __enter__(self) -> Self:
        """The clusters themselves; leaving the block closes the home."""
        return self

    def __exit__(self, *_raised: object) -> None:
        """Close the home."""
        self.home.database.close()

    @property
    def name(self) -> str:
        """The gallery's name."""
        return self.samples.gallery.name

    def plan(self, asked: Asked) -> Plan:
        """What a run would do now."""
        return clusters.plan(
            self.store,
            self.samples.identities,
            asked,
            default_min_samples=self.default_min_samples,
            methods=self.methods,
        )

    def cluster(self, asked: Asked, *, show: Callable[[Plan], None], say: Say) -> tuple[Plan, Run]:
        """Plan a run, show it, apply it; where somebody changed the gallery meanwhile, anew."""

        def attempt() -> tuple[Plan, Run]:
            made = self.plan(asked)
            show(made)
            return made, clusters.applied(self.store, made)

        return clusters.again_if_changed(attempt, say=say)

    def undo(self) -> Run:
        """Take the latest run back; the run undone."""
        return self.store.undo()

    def here(self) -> people.Gathering:
        """State and names, as decisions need them."""
        return people.Gathering(self.name, self.store.state(), self.samples.identities())

    def groups(self) -> tuple[people.Gathering, tuple[Group, ...]]:
        """The clusters in force, largest first, and the state they are in."""
        here = self.here()
        return here, clusters.groups_of(here.state, here.state.labels, here.names)

    def decide(self, decision: Callable[[people.Gathering], Decision], *, say: Say) -> Decision:
        """Write a decision down; where somebody changed the gallery meanwhile, it is made anew of what is there."""

        def attempt() -> Decision:
            here = self.here()
            made = decision(here)
            self.store.decide(made, changes=here.state.changes)
            return made

        return clusters.again_if_changed(attempt, say=say)

    def evaluate(self, truth: Path | None, asked: Asked, *, blind: bool) -> Judged:
        """Quality of the run in force, or of one made blind to all names, against a truth (default: the names).

        Raises `NotFoundError` where there is no run, or no truth about the gallery's samples.
        """
        state = self.store.state()
        known = self._truth(truth, state)
        if blind or truth is None:
            outcome = computed(
                truths.blind(state), asked, default_min_samples=self.default_min_samples, methods=self.methods
            )
            run, labels = outcome.run, outcome.labels
        elif state.run is None:
            raise NotFoundError(f"gallery '{self.name}' has no run: 'identity cluster -g {self.name}', or --blind")
        else:
            run, labels = state.run, state.labels
        quality = quality_of(labels[known.rows], known.identities)
        return Judged(run, quality, len(known.rows), state.n, largest_share(labels), blind or truth is None)

    def _truth(self, path: Path | None, state: ClusterState) -> truths.Truth:
        if path is None:
            return truths.own_names(state)
        samples = self.samples.samples(state.labelled.ids.tolist())
        if path.suffix.lower() == ".csv":
            return truths.truth_of_table(path, state, samples)
        return truths.truth_of_images(read_images([path]), state, self.store.contents(), samples)


@dataclass(frozen=True, slots=True)
class Judged:
    """Figures of a run on the samples whose truth is known; `largest` is the largest cluster's share of all samples."""

    run: Run
    quality: Quality
    n_judged: int
    n_samples: int
    largest: float
    blind: bool


def largest_share(labels: Ids) -> float:
    """The share of all samples that lie in the largest cluster: a giant one is a clustering gone wrong."""
    sizes = [int((labels == number).sum()) for number in set(labels.tolist()) - {NOISE}]
    return max(sizes, default=0) / max(1, len(labels))


def checked(asked: Asked) -> Asked:
    """The request, refused at once where it cannot be meant whatever the samples are. Raises `ClusteringError`."""
    if asked.eps is not None:
        checked_eps(asked.eps)
    if asked.min_samples is not None:
        checked_min_samples(asked.min_samples, max(1, asked.min_samples))
    return asked


def open_clusters(gallery: str, *, home: Path | None = None, database: str | None = None) -> OpenClusters:
    """Open a gallery's clusters; use it in a `with` block, which closes it. Raises `NotFoundError`."""
    opened = open_home(home=home, database=database)
    try:
        return _opened(opened, gallery)
    except BaseException:
        opened.database.close()
        raise


def _opened(home: Home, name: str) -> OpenClusters:
    gallery = Galleries(home.database).get(name)
    kind, published = _model(home, gallery.model)
    samples = SampleStore(home.database, gallery)
    own = own_points(samples.calibration())
    return OpenClusters(
        home,
        samples,
        Clusters(home.database, gallery),
        Methods(own, "by the gallery's calibration") if own else Methods(published, "as published" * bool(published)),
        FACES if kind == "face" else OTHERS,
    )


def own_points(calibration: Calibration | None) -> Points:
    """False match rates that a gallery's own pairs showed, where there were enough of them (rule of 30), else none."""
    people = calibration.people if calibration is not None else None
    if people is None or not all(point.enough and not point.published for point in (people.verify, people.doubt)):
        return ()
    return [(point.rate, point.threshold) for point in (people.verify, people.doubt)]


def _model(home: Home, name: str) -> tuple[str, Points]:
    """Kind and published operating points; clustering wants no model, so one that is gone has neither."""
    manifest = home.models.facts(name)
    if manifest is None:
        return "", ()
    return manifest.kind, [(point.fmr, point.distance) for point in manifest.operating_points]

