"""Recognition of LFW's people outside the 158 with ten or more photographs, from one enrolled photograph each.

    python scripts/bench/lfw_others.py --json lfw_others.json

On stored vectors of face-reid-0095. Enrolled is one photograph of everybody who has two to nine of them; their others
ask, and so does everybody with a single photograph, as a stranger. The threshold is that of the gallery's rule by
reference points (target FPIR 1 %, by people). Those were measured on all of LFW, these people included: the figures
show the rule, not an independent error rate. 20 draws of the enrolled photograph; numbers only are printed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from photographs_per_person import FMR, stored_vectors
from reporting import arguments, report

from identity.core.rules.reference import Enrolled, search_at
from identity.zoo.catalogue import REID_0095_POINTS

DRAWS, MOST, TARGET = 20, 10, 0.01


def rows(data: Path) -> list[dict[str, Any]]:
    """One row for each draw, the last for all."""
    vectors, names = stored_vectors(data)
    _, who = np.unique(names, return_inverse=True)
    counts = np.bincount(who)
    strangers = vectors[counts[who] == 1]
    people = np.flatnonzero((counts > 1) & (counts < MOST))
    threshold = search_at(REID_0095_POINTS, TARGET, enrolled=Enrolled(len(people), len(people)), most=FMR).threshold
    made = [_draw(vectors, who, people, strangers, threshold, seed=seed) for seed in range(DRAWS)]
    mean = {key: float(np.mean([row[key] for row in made])) for key in made[0]}
    return [{"draw": place, **row} for place, row in enumerate(made)] + [{"draw": "all", **mean}]


def _draw(
    vectors: np.ndarray, who: np.ndarray, people: np.ndarray, strangers: np.ndarray, threshold: float, *, seed: int
) -> dict[str, float]:
    rng = np.random.default_rng(seed)
    enrolled = np.array([rng.choice(np.flatnonzero(who == one)) for one in people])
    asking = np.setdiff1d(np.flatnonzero(np.isin(who, people)), enrolled)
    away = 1 - vectors[asking] @ vectors[enrolled].T
    nearest, right = away.min(axis=1), people[away.argmin(axis=1)] == who[asking]
    of_strangers = (1 - strangers @ vectors[enrolled].T).min(axis=1)
    return {
        "people": len(people), "probes": len(asking), "strangers": len(strangers), "threshold": threshold,
        "rank_1": float(right.mean()), "named_right": float((right & (nearest <= threshold)).mean()),
        "named_wrong": float((~right & (nearest <= threshold)).mean()),
        "strangers_named": float((of_strangers <= threshold).mean()),
    }  # fmt: skip


def main() -> None:
    asked = arguments(__doc__).parse_args()
    report("lfw-others", rows(asked.data), file=asked.json)


if __name__ == "__main__":
    main()
