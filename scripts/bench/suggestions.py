"""How often a suggested name is right: random namings of LFW's 13,233 stored vectors, by the clustering's own workflow.

    python scripts/bench/suggestions.py ../shared/data

All vectors are clustered once, without names. Then, as often as asked, a random half of the people gets a name on its
largest cluster, and the workflow suggests names for the clusters that are left, nearly all of which show somebody whom
nobody named. A person is whom most samples of a cluster show. Right of those suggested is the precision; of the
clusters whose person bears a name elsewhere, those told it are the recall. The threshold is the network's reference
point, which came from LFW's own labels; eps by these points, and as the vectors alone would choose it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from clusters import enroll, gallery_of, lfw

from identity.clustering.eps import choose_eps
from identity.workflows.cluster.defaults import limits_of
from identity.workflows.cluster.groups import Group
from identity.workflows.cluster.plan import Plan
from identity.workflows.cluster.suggest import suggestions

POINTS = [(1e-2, 0.753), (1e-3, 0.652), (1e-4, 0.567), (1e-5, 0.489)]


def measured(
    vectors: np.ndarray, who: np.ndarray, home: Path, eps: float | None, *, namings: int, share: float
) -> dict:
    opened = gallery_of(home, POINTS, dim=vectors.shape[1])
    enroll(opened.store, vectors, np.arange(len(vectors)))
    plan = opened.clusters.plan(full=True, eps=eps)
    person = {group.id: _person(who[group.samples - 1]) for group in plan.groups}
    names = {place: str(place) for place in np.unique(who).tolist()}
    limits = limits_of(opened.model(), None, names)
    counts = sum(
        _count(plan, person, limits, share=share, rng=np.random.default_rng(seed)) for seed in range(namings)
    )
    right, suggested, possible, strangers = (int(count) for count in counts)
    return {
        "eps": round(plan.outcome.run.eps or 0, 4), "clusters": len(plan.groups), "namings": namings,
        "right": right, "suggested": suggested, "possible": possible, "strangers": strangers,
        "precision": right / max(1, suggested), "recall": right / max(1, possible),
    }  # fmt: skip


def _person(samples: np.ndarray) -> int:
    return int(np.bincount(samples).argmax())


def _count(plan: Plan, person: dict[int, int], limits: dict, *, share: float, rng: np.random.Generator) -> np.ndarray:
    """Right suggestions, suggestions, clusters whose person has a name, clusters of strangers."""
    people = np.unique(list(person.values()))
    chosen = set(rng.permutation(people)[: round(share * len(people))].tolist())
    groups = _named(plan.groups, person, chosen)
    found = suggestions(plan.state, plan.outcome, groups, limits)
    right = sum(one.name == str(person[one.cluster]) for one in found)
    known = [person[group.id] in chosen for group in groups if group.identity is None]
    return np.array([right, len(found), sum(known), len(known) - sum(known)])


def _named(groups: tuple[Group, ...], person: dict[int, int], chosen: set[int]) -> tuple[Group, ...]:
    """The largest cluster of each person chosen bears the name; groups come largest first."""
    left, named = set(chosen), []
    for group in groups:
        who = person[group.id]
        named.append(replace(group, identity=str(who)) if who in left else group)
        left.discard(who)
    return tuple(named)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with faces/")
    parser.add_argument("--namings", type=int, default=40)
    parser.add_argument("--share", type=float, default=0.5, help="of the people who get a name")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args()
    vectors, who = lfw(options.folder)
    rows = {}
    alone = choose_eps(vectors, min_samples=2).value
    for name, eps in (("eps by reference points", None), ("eps from the vectors alone", alone)):
        with tempfile.TemporaryDirectory() as home:
            asked = {"namings": options.namings, "share": options.share}
            rows[name] = measured(vectors, who, Path(home), eps, **asked)
        print(name, "  ".join(f"{key} {value}" for key, value in rows[name].items()), flush=True)
    if options.json:
        options.json.write_text(json.dumps({"schema": "identity.bench.suggestions/1", **rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
