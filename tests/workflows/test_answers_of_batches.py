"""Answers about many probes are made at once: they are those of the plain definition, one probe after another.

Every number of a vector here is 0 or 0.5 or -0.5, so products are exact in whatever order they are summed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.core.answers import Candidate, Match, RegionVerdict, Verdict
from identity.core.calibration import Calibration, ClassCalibration
from identity.core.index_ports import Index
from identity.core.likeness import LikeCluster
from identity.core.ports import gather
from identity.core.types import NO_ID, Box, Labelled, Region, Role, Sample, Vectors
from identity.indexes.certified import Certified
from identity.indexes.codes import Codes
from identity.indexes.flat import Flat
from identity.workflows import deciding
from identity.workflows.deciding import CANDIDATES, SearchContext
from identity.workflows.describe import Described
from identity.workflows.query import answer_regions

BOX, DIM = Box(0, 0, 1, 1), 8


@dataclass(frozen=True)
class Rule:
    pools_scores: bool
    remark: str = ""


@dataclass
class Rows:
    """A store of what the index was made from; `renamed` are shown under another name when first asked for."""

    held: Labelled
    names: Mapping[int, str]
    renamed: set[int] = field(default_factory=set)
    changes: int = 0

    @property
    def gallery(self) -> SimpleNamespace:
        return SimpleNamespace(changes=self.changes)

    def vectors(self, ids: list[int]) -> Labelled:
        return gather(self.held, np.isin(self.held.ids, ids))

    def samples(self, ids: list[int]) -> dict[int, Sample]:
        found = {one: self.sample(one) for one in ids}
        for one in self.renamed & set(ids):
            found[one] = replace(found[one], identity="another")
            self.changes += 1
        self.renamed = set()
        return found

    def unnamed_clusters(self, _ids: list[int]) -> dict[int, LikeCluster]:
        return {}

    def sample(self, one: int) -> Sample:
        name = self.names.get(int(self.held.identities[self.held.ids == one][0]))
        return Sample(one, name, Role.GALLERY, f"{one}.png", one if one % 2 else None, BOX, 1.0)


def drawn(n: int, rng: np.random.Generator) -> Vectors:
    vectors = np.zeros((n, DIM), np.float32)
    for row in vectors:
        row[rng.permutation(DIM)[: DIM // 2]] = rng.choice([0.5, -0.5], DIM // 2)
    return vectors


def thresholds(identities: int, k: int, rng: np.random.Generator) -> Calibration:
    """Scores and thresholds on the very distances that occur; some identities have few scores, some none."""

    def entry() -> ClassCalibration:
        scores = np.sort(rng.integers(0, 9, rng.choice([0, 1, 5, 200])) / 4).astype(np.float32)
        return ClassCalibration(scores, float(rng.choice([0.25, 0.5, 0.7, 1.0, np.inf])), enough=bool(rng.integers(2)))

    classes = {identity: entry() for identity in range(identities) if rng.integers(4)}
    return Calibration("s", k, "any", Rule(bool(rng.integers(2))), classes, entry(), ratio=float(rng.random()))


def plain(probe: Any, rows: Rows, calibration: Calibration, *, shown: int) -> RegionVerdict:
    """One answer by its definition."""
    distances, names = np.float32(1) - rows.held.vectors @ probe, rows.names
    said = []
    for identity in sorted(set(rows.held.identities.tolist()) - {NO_ID}):
        near = np.sort(distances[rows.held.identities == identity])
        kth = near[calibration.k - 1] if len(near) >= calibration.k else np.float32(np.inf)
        entry = calibration.classes.get(identity, replace(calibration.pooled, enough=False))
        within = bool(kth <= np.float32(entry.threshold) and np.isfinite(kth) and np.isfinite(entry.threshold))
        said.append(((not within, kth, near[0], identity), entry))
    said.sort(key=lambda one: one[0])
    candidates = tuple(
        Candidate(names[key[3]], float(key[1]), entry.threshold, typicality(entry, key[1], calibration), not key[0],
                  entry.enough)
        for key, entry in said[:CANDIDATES]
    )  # fmt: skip
    accepted = [key[1] for key, _ in said if not key[0]]
    clear = len(accepted) == 1 or (len(accepted) > 1 and accepted[0] / max(accepted[1], 1e-30) < calibration.ratio)
    verdict = Verdict.KNOWN if clear else Verdict.AMBIGUOUS if accepted else Verdict.UNKNOWN
    nearest = sorted(zip(distances.tolist(), rows.held.ids.tolist(), strict=True))[:shown]
    found = [(rank, distance, rows.sample(one)) for rank, (distance, one) in enumerate(nearest, start=1)]
    matches = tuple(Match(rank, row.id, row.identity, away, row.source, row.row) for rank, away, row in found)
    return RegionVerdict(BOX, verdict, candidates, matches)


def typicality(entry: ClassCalibration, distance: Any, calibration: Calibration) -> float:
    pooled = calibration.facts.pools_scores and not entry.enough
    scores = calibration.pooled.scores if pooled else entry.scores
    return float((1 + (scores >= distance).sum()) / (len(scores) + 1)) if len(scores) else float("nan")


def many(held: Labelled) -> Certified:
    return Certified.over(Flat.over(held))


def coded(held: Labelled) -> Certified:
    rows = Flat.over(held)
    return Certified.over(rows, Codes.of(rows.vectors))


def world(seed: int, *, samples: int, k: int) -> tuple[Rows, Calibration, np.random.Generator]:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 12))
    held = Labelled(np.arange(1, samples + 1), rng.integers(NO_ID, count, samples), drawn(samples, rng))
    return Rows(held, {identity: f"person {identity}" for identity in range(count)}), thresholds(count, k, rng), rng


def answers(context: SearchContext, rows: Any, probes: Vectors, *, shown: int) -> list[RegionVerdict]:
    regions = [Described(Region(BOX), vector=probe) for probe in probes]
    return list(answer_regions(regions, rows, lambda *, rebuilt=False: context, k=shown))


@pytest.mark.parametrize("engine", [Flat.over, many, coded])
@settings(deadline=None)
@given(seed=st.integers(0, 2**31), samples=st.integers(1, 60), k=st.integers(1, 3), shown=st.integers(1, 6))
def test_answers_of_a_batch_are_those_of_the_definition(
    engine: Callable[[Labelled], Index], seed: int, samples: int, k: int, shown: int
) -> None:
    rows, calibration, rng = world(seed, samples=samples, k=k)
    probes, context = drawn(6, rng), SearchContext(engine(rows.held), calibration, rows.names)
    with patch.object(deciding, "RESULT_CELLS", int(rng.choice([1, 200, 100_000]))):
        ours = answers(context, rows, probes, shown=shown)
    expected = [plain(probe, rows, calibration, shown=shown) for probe in probes]
    assert [repr(one) for one in ours] == [repr(one) for one in expected]  # NaN is NaN


def test_p_values_of_any_rows_are_those_of_the_definition() -> None:
    rows, calibration, rng = world(1, samples=60, k=1)
    context = SearchContext(Flat.over(rows.held), calibration, rows.names)
    ((_, decisions),) = context.decisions(drawn(50, rng))
    asked = rng.integers(0, len(decisions.identities), 80)
    ours = decisions.p_values(asked)
    for row, p_value in zip(asked.tolist(), ours.tolist(), strict=True):
        entry = calibration.of(int(decisions.identities[row]))
        assert repr(p_value) == repr(typicality(entry, decisions.distances[row], calibration))
    assert len(decisions.p_values(asked[:0])) == 0


def test_an_answer_is_made_again_where_a_sample_was_renamed_after_it_was_confirmed() -> None:
    rows, calibration, rng = world(3, samples=40, k=1)
    context, probes = SearchContext(Flat.over(rows.held), calibration, rows.names), drawn(5, rng)
    before = answers(context, rows, probes, shown=3)
    rows.renamed = {before[2].matches[1].sample}
    assert repr(answers(context, rows, probes, shown=3)) == repr(before)
    assert rows.changes
