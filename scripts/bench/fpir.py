"""What a search threshold promises of strangers, against strangers: synthetic people, exchangeable with those enrolled.

    python scripts/bench/fpir.py [--trials 500] [--json fpir.json]

In every trial as many people again as are enrolled ask as strangers, and everybody enrolled asks once more. `fpir` is
the mean rate at which strangers are accepted, `se` its standard error; `promised` is the rate the calibration promises,
`inside` the share of trials whose rate lies in the 95 % interval it states, `tpir` the share
of those enrolled who are found.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from reporting import arguments, report

from identity.core.distance import unit_vectors
from identity.core.pair_distances import faces_of
from identity.core.rules.people_calibration import calibrate_people
from identity.core.rules.people_points import PeopleThresholds, Targets
from identity.core.types import Labelled

DIM, WITHIN, DECAY = 24, 0.5, 0.1  # the standard deviation within a person over that between; of axis i, i ** -DECAY
CASES = [(n, fpir, most) for most in (5, 1) for n in (60, 100, 200, 300, 1000) for fpir in (0.01, 0.05)]
SLOW, FEWER = 1000, 10  # from this many people on, so many times fewer trials


def people(count: int, *, most: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors of people with 1 to `most` photographs each, and one more, which comes first; and whose they are."""
    who = np.repeat(np.arange(count), rng.integers(1, most + 1, count) + 1)
    axes = np.arange(1, DIM + 1) ** -DECAY
    centres, within = rng.normal(size=(count, DIM)), WITHIN * rng.normal(size=(len(who), DIM))
    return unit_vectors(((centres[who] + within) * axes).astype(np.float32)), who


def trial(enrolled: int, *, fpir: float, most: int, seed: int) -> dict[str, float]:
    """One gallery, its thresholds, and as many strangers."""
    rng = np.random.default_rng([enrolled, most, seed])
    vectors, who = people(2 * enrolled, most=most, rng=rng)
    more = np.append(True, who[1:] != who[:-1])  # one photograph of everybody, kept for asking
    gallery, stranger = ~more & (who < enrolled), ~more & (who >= enrolled)
    labelled = Labelled(np.arange(gallery.sum()), who[gallery].astype(np.int64), vectors[gallery])
    made = calibrate_people(
        faces_of(labelled, np.arange(gallery.sum()), rng), space="",
        targets=Targets(fmr=1e-5, fpir=fpir), rng=rng,
    )  # fmt: skip
    thresholds = np.array([made.classes[person].threshold for person in range(enrolled)])
    bounds = np.searchsorted(who[gallery], np.arange(enrolled))
    known, strange = (
        np.minimum.reduceat(1 - vectors[asking] @ vectors[gallery].T, bounds, axis=1) / thresholds
        for asking in (more & (who < enrolled), stranger)
    )
    counts = np.bincount(who[stranger] - enrolled)
    rate = float((np.bincount(who[stranger] - enrolled, strange.min(axis=1) <= 1) / counts).mean())
    found = (known.argmin(axis=1) == np.arange(enrolled)) & (known.min(axis=1) <= 1)
    point = made.facts_as(PeopleThresholds).search
    inside = point.low - 1e-9 <= rate <= point.high + 1e-9
    return {
        "fpir": rate, "promised": point.promised_rate, "low": point.low, "high": point.high,
        "inside": float(inside), "tpir": float(found.mean()),
    }  # fmt: skip


def rows(trials: int) -> Iterator[dict[str, object]]:
    """A row for each case, the mean of its trials."""
    for enrolled, fpir, most in CASES:
        times = trials // FEWER if enrolled >= SLOW else trials
        found = [trial(enrolled, fpir=fpir, most=most, seed=seed) for seed in range(times)]
        mean = {name: float(np.mean([one[name] for one in found])) for name in found[0]}
        deviation = float(np.std([one["fpir"] for one in found], ddof=1))
        row = {"people": enrolled, "photographs": f"1-{most}" if most > 1 else "1", "target": fpir, "trials": times}
        yield row | {"fpir": mean["fpir"], "se": deviation / times**0.5} | mean


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--trials", type=int, default=500)
    asked = parser.parse_args()
    report("fpir", list(rows(asked.trials)), file=asked.json, dim=DIM, within=WITHIN, decay=DECAY)


if __name__ == "__main__":
    main()
