"""A query among many people, verdict and candidates included, against FAISS's own flat search for the 5 nearest.

    python scripts/bench/searching_people.py --json searching_people.json
    python scripts/bench/searching_people.py --cases 100000x512x5000:1,64 --vectors isotropic

A case is VECTORSxDIMxPEOPLE:PROBES,PROBES. Vectors are face-like (see `face_like`) or isotropic: directions without
structure around a direction for each person. Half of the probes are new photographs of the people, half of strangers.
The query is the package's own from the vector on: search, verdicts, candidates with p-values; rows of the database are
not read. Thresholds come from the rule of held-out samples. The bare search is `faiss.IndexFlatIP`, with one thread for
one probe and with BLAS and all cores for more. Both take turns. The first `--checked` probes are answered a second time
by looking at every vector in float64; `differ` counts the verdicts, candidates and samples shown that are not the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import faiss
import numpy as np
from drawn_rows import RowsInMemory
from face_like import spread_of_faces
from reporting import against, arguments, interleaved, report
from searching import Case, centres

from identity.core.claims import nearest_samples
from identity.core.distance import all_products, cosine_distance, unit_vectors
from identity.core.nearest import Nearest
from identity.core.rules.conformal import calibrate
from identity.core.types import Box, Labelled, Region
from identity.core.verdict import decide
from identity.indexes.certified import Certified
from identity.indexes.codes import Codes
from identity.indexes.faiss_use import tune_faiss, tuned_for
from identity.indexes.flat import Flat
from identity.workflows.deciding import CANDIDATES, SearchContext
from identity.workflows.describe import Described
from identity.workflows.query import answer_regions

CASES = ["1000000x128x50000:1,64,10000", "100000x512x5000:1,64,10000"]
HELD_OUT, SHOWN, ORACLE_ROWS = 10_000, 5, 1 << 16


@dataclass(frozen=True, slots=True)
class World:
    """A gallery and the probes that ask it."""

    gallery: Labelled
    held_out: Labelled
    asking: np.ndarray


def world(case: Case, kind: str, data: Any) -> World:
    """Drawn vectors: the people of the gallery, and as many strangers."""
    who, n = np.arange(case.n) % case.identities, max(case.probes)
    rng = np.random.default_rng(5)
    later, asked = rng.integers(0, case.identities, HELD_OUT), rng.integers(0, case.identities, n)
    asked[1::2] += case.identities
    if kind == "isotropic":
        means = centres(2 * case.identities, case.dim)
        parts = [drawn_around(means, of, seed=seed) for seed, of in enumerate((who, later, asked))]
    else:
        spread = spread_of_faces(data, case.dim)
        people = spread.people(2 * case.identities, seed=1)
        parts = [spread.photographs(people, of, seed=seed) for seed, of in enumerate((who, later, asked), start=2)]
    ids = np.arange(1, case.n + 1)
    return World(Labelled(ids, who + 1, parts[0]), Labelled(ids[:HELD_OUT], later + 1, parts[1]), parts[2])


def drawn_around(means: np.ndarray, who: np.ndarray, *, seed: int) -> np.ndarray:
    """One vector for each of these people (n,), some 0.5 from others of the same."""
    noise = np.random.default_rng(seed + 1).standard_normal((len(who), means.shape[1]), np.float32)
    return unit_vectors(means[who] + unit_vectors(noise))


def rows(case: Case, asked: Any) -> Iterator[dict[str, Any]]:
    """One row for each number of probes."""
    made = world(case, asked.vectors, asked.data)
    tune_faiss(case.dim)
    held = Flat.over(made.gallery)
    index = Certified.over(held, Codes.of(held.vectors))
    own = index.own(made.held_out.vectors, made.held_out.identities, k=1)[:, 0]
    scores = {int(one): own[made.held_out.identities == one] for one in np.unique(made.held_out.identities)}
    names = {identity: str(identity) for identity in range(1, case.identities + 1)}
    context = SearchContext(index, calibrate(scores, space="bench", k=1, alpha=0.01), names)
    differ = differences(context, held, made.asking[: asked.checked])
    for probes in case.probes:
        what = {"what": f"{case.n} x {case.dim}, {case.identities} people", "vectors": asked.vectors, "probes": probes}
        yield what | row(context, index.exact, made, probes, repeats=asked.repeats) | {"differ": differ}


def row(
    context: SearchContext, exact: faiss.IndexFlat, made: World, probes: int, *, repeats: int
) -> dict[str, Any]:
    """A query against the bare search; of single probes, several one after another."""
    alone = min(len(made.asking), 20) if probes == 1 else 1
    asking = [made.asking[low : low + probes] for low in range(0, alone * probes, probes)]
    store: Any = RowsInMemory(made.gallery)

    def answered(part: np.ndarray) -> list[Any]:
        regions = [Described(Region(Box(0, 0, 1, 1)), vector=vector) for vector in part]
        return list(answer_regions(regions, store, lambda *, rebuilt=False: context, k=SHOWN))  # noqa: ARG005

    def bare(part: np.ndarray) -> None:
        with tuned_for(*part.shape):
            exact.search(part, SHOWN)

    def each(what: Any) -> list[Any]:
        return [what(part) for part in asking]

    took = interleaved({"query": partial(each, answered), "FlatIP": partial(each, bare)}, repeats=repeats)
    said = Counter(answer.verdict.value for part in each(answered) for answer in part)
    shown = ", ".join(f"{count} {name}" for name, count in said.most_common())
    return against(took, "query", "FlatIP") | {"asked": alone * probes, "verdicts": shown}


def differences(context: SearchContext, held: Flat, probes: np.ndarray) -> int:
    """How many answers are not those of looking at every vector in float64."""
    distances = np.concatenate([
        cosine_distance(all_products(probes, held.vectors[low : low + ORACLE_ROWS]))
        for low in range(0, len(held.vectors), ORACLE_ROWS)
    ], axis=1)
    least = np.minimum.reduceat(distances, held.bounds[:-1], axis=1)
    every = Nearest.everything(held.slices, least[:, :, None], np.zeros((*least.shape, 1), np.int64))
    truth = decide(every, context.calibration)
    nearest = [held.ids[np.lexsort((held.ids, one))[:SHOWN]].tolist() for one in distances]
    differ, done = 0, 0
    for found, ours in context.decisions(probes, k=SHOWN):
        shown = nearest_samples(found, k=SHOWN).ids.tolist()
        for probe in range(len(ours)):
            one, other = ours.order(probe)[:CANDIDATES], truth.order(done + probe)[:CANDIDATES]
            same = ours.verdict(probe) is truth.verdict(done + probe) and shown[probe] == nearest[done + probe]
            same &= ours.identities[one].tolist() == truth.identities[other].tolist()
            differ += not (same and ours.distances[one].tolist() == truth.distances[other].tolist())
        done += len(ours)
    return differ


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--cases", nargs="+", default=CASES, help="VECTORSxDIMxPEOPLE:PROBES,PROBES")
    parser.add_argument("--vectors", choices=["face-like", "isotropic"], default="face-like")
    parser.add_argument("--checked", type=int, default=100, help="probes answered by looking at every vector as well")
    asked = parser.parse_args()
    found = [one for text in asked.cases for one in rows(Case.of(text), asked)]
    report("searching-people", found, file=asked.json, repeats=asked.repeats)


if __name__ == "__main__":
    main()
