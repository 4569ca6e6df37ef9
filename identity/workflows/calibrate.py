"""Set a gallery's thresholds by a decision rule, of what the gallery offers as evidence; stored, and returned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from identity.core.calibration import Calibration
from identity.core.domain import domain_of
from identity.core.index_ports import Index
from identity.core.model import ModelManifest, OperatingPoint, Recommendation
from identity.core.ports import GalleryStore, gather
from identity.core.rules import chosen, conformal, target_far
from identity.core.rules.rule import RuleOptions, check_options
from identity.core.rules.table import rule_named
from identity.core.stopping import STOPPING
from identity.core.types import NO_ID, Distances, Ids, Labelled, Role, SourceImage, Vectors
from identity.core.verdict import Decisions
from identity.workflows.batches import batches
from identity.workflows.deciding import SearchContext
from identity.workflows.describe import Described
from identity.workflows.query import BATCH_IMAGES

SEED = 0
Describe = Callable[[Sequence[SourceImage]], list[list[Described]]]  # the pipeline, loaded only where it is needed


@dataclass(frozen=True)
class GalleryEvidence:
    """What a stored gallery offers a rule: `core.rules.rule.Evidence`, each part read when it is first asked for."""

    store: GalleryStore
    open_index: Callable[[], Index]
    describe: Describe
    model: ModelManifest | None = None  # None where it is not installed
    strangers: Iterable[SourceImage] = ()
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(SEED))

    @property
    def gallery(self) -> str:
        """The gallery's name."""
        return self.store.gallery.name

    @property
    def points(self) -> Sequence[OperatingPoint]:
        """The network's reference points."""
        return () if self.model is None else self.model.operating_points

    @property
    def space(self) -> str:
        """The space of all vectors."""
        return self.store.gallery.space

    @property
    def recommended(self) -> Recommendation | None:
        """What the network's publisher recommends."""
        return None if self.model is None else self.model.recommended

    @property
    def people(self) -> int:
        """How many identities a search meets."""
        return self._people[0]

    @property
    def photographs_of_people(self) -> int:
        """How many samples of them it meets."""
        return self._people[1]

    @cached_property
    def _people(self) -> tuple[int, int]:
        return self.store.count_people()

    @cached_property
    def _gallery_samples(self) -> Labelled:
        return self.store.all_vectors(Role.GALLERY)[1]

    @cached_property
    def _index(self) -> Index:
        return self.open_index()

    def gallery_samples(self) -> Labelled:
        """All samples that are searched."""
        return self._gallery_samples

    def photographs(self) -> Ids:
        """Which image each of the searched samples was seen in (n,)."""
        ids = self._gallery_samples.ids.tolist()
        seen_in = self.store.photographs(ids)
        return np.array([seen_in.get(sample, NO_ID) for sample in ids], np.int64)

    def calibration_samples(self) -> Labelled:
        """The calibration samples of identities that are searched."""
        _, held_out = self.store.all_vectors(Role.CALIBRATION)
        named = self._index.identities[self._index.identities != NO_ID]
        return gather(held_out, np.isin(held_out.identities, named))

    def negatives(self) -> list[tuple[str, Vectors]]:
        """Vectors of the strangers: a sub-folder is one person, everything else stands for itself."""
        found = []
        for batch in batches(self.strangers, size=BATCH_IMAGES):
            for image, regions in zip(batch, self.describe(batch), strict=True):
                person = image.label if image.label is not None and image.row is None else image.name
                found += [(person, part.vector[None]) for part in regions if part.vector is not None]
        return found

    def own_distances(self, labelled: Labelled, *, k: int) -> Distances:
        """Distances (n, k) of samples to the k nearest searched samples of their own identity; inf: none."""
        return self._index.own(labelled.vectors, labelled.identities, k=k)

    def decisions(self, probes: Vectors, calibration: Calibration) -> Iterator[Decisions]:
        """Verdicts by a calibration, in order."""
        for _, decided in SearchContext(self._index, calibration, {}).decisions(probes):
            yield decided

    def scores(self, probes: Vectors, calibration: Calibration) -> NDArray[np.float32]:
        """How surely each probe is known by a calibration (n,)."""
        return np.concatenate([scores for *_, scores in SearchContext(self._index, calibration, {}).scored(probes)])

    @property
    def last_sample(self) -> int:
        """The newest sample that is searched."""
        return int(self._gallery_samples.ids.max(initial=0))


def rule_for(usual: str, options: RuleOptions) -> str:
    """The rule that is meant where none is named: the usual one of the gallery's kind, or that of what was told."""
    if options.threshold is not None:
        return chosen.NAME
    against = options.target_far is not None or options.negatives is not None
    return target_far.NAME if against and usual == conformal.NAME else usual


def calibrate_gallery(
    store: GalleryStore,
    open_index: Callable[[], Index],
    describe: Describe,
    *,
    model: ModelManifest | None,
    strangers: Iterable[SourceImage],
    rule: str | None,
    options: RuleOptions,
) -> Calibration:
    """Thresholds by a rule, by that of the gallery's kind where none is named; stored, and returned.

    Raises `UsageError` for a rule that does not exist, an option that the rule does not understand or that cannot be
    met, and `NotCalibratedError` where there is too little to calibrate on.
    """
    evidence = GalleryEvidence(store, open_index, describe, model=model, strangers=strangers)
    meant = rule_named(rule if rule is not None else rule_for(domain_of(model).rule, options))
    check_options(meant, options)
    last_sample = evidence.last_sample if meant.ages else None
    now = datetime.now(UTC).isoformat(timespec="seconds")
    made = replace(meant.calibrate(evidence, options), created_at=now, last_sample=last_sample)
    STOPPING.check()
    store.put_calibration(made)
    return made
