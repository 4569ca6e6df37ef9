"""A query among LFW's people by their stored vectors, every other photograph asking, against FAISS's own flat search.

    python scripts/bench/searching_lfw.py --json searching_lfw.json

Every other photograph of each person is in the gallery and the others ask; of people with one photograph, every third
is a stranger. Thresholds come from the probes' own distances by the rule of held-out samples. What is timed and how is
that of `searching_people`; here every probe's answer is compared with looking at every vector in float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from reporting import arguments, report
from searching_people import World, differences, row

from identity.core.rules.conformal import calibrate
from identity.core.types import Labelled
from identity.indexes.certified import Certified
from identity.indexes.codes import Codes
from identity.indexes.faiss_use import tune_faiss
from identity.indexes.flat import Flat
from identity.workflows.deciding import SearchContext

PROBES, K = (1, 64), (1, 5)


def split(data: Any) -> World:
    """The gallery, the probes of people in it, and all probes."""
    stored = np.load(data / "faces/lfw/embeddings_face_reid_0095.npz")
    vectors = stored["emb"].astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    _, who = np.unique([name.partition("/")[0] for name in stored["files"].tolist()], return_inverse=True)
    order = np.argsort(who, kind="stable")
    rank = np.arange(len(who)) - np.searchsorted(who[order], who[order])
    once = np.bincount(who)[who[order]] == 1
    asks = (rank % 2 == 1) | (once & (who[order] % 3 == 0))
    held, asking = order[~asks], order[asks]
    gallery = Labelled(np.arange(1, len(held) + 1), who[held] + 1, vectors[held])
    known = asking[np.isin(who[asking], who[held])]
    shuffled = np.random.default_rng(0).permutation(asking)
    return World(gallery, Labelled(np.arange(1, len(known) + 1), who[known] + 1, vectors[known]), vectors[shuffled])


def rows(data: Any, *, repeats: int) -> list[dict[str, Any]]:
    """One row for each k of the thresholds and each number of probes; `differ` is of all probes."""
    made = split(data)
    tune_faiss(made.gallery.vectors.shape[1])
    held = Flat.over(made.gallery)
    index = Certified.over(held, Codes.of(held.vectors))
    names = {int(one): str(one) for one in np.unique(made.gallery.identities)}
    found = []
    for k in K:
        own = index.own(made.held_out.vectors, made.held_out.identities, k=k)[:, k - 1]
        scores = {int(one): own[made.held_out.identities == one] for one in np.unique(made.held_out.identities)}
        context = SearchContext(index, calibrate(scores, space="bench", k=k, alpha=0.05), names)
        differ = differences(context, held, made.asking) if k == 1 else None
        what = {"what": f"{len(held.vectors)} x {held.vectors.shape[1]}, {len(names)} people", "k": k}
        for probes in (*PROBES, len(made.asking)):
            took = row(context, index.exact, made, probes, repeats=repeats)
            found.append(what | {"probes": probes} | took | {"differ": differ})
    return found


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    report("searching-lfw", rows(asked.data, repeats=asked.repeats), file=asked.json, repeats=asked.repeats)


if __name__ == "__main__":
    main()
