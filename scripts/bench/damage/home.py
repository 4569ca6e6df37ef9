"""A small home in which every table holds something, everything that it answers, and what its examination finds."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from coded import files_of_codes

from identity import bootstrap
from identity.core.answers import RegionVerdict, Verdict
from identity.core.distance import unit_vectors
from identity.core.errors import IdentityError
from identity.core.types import Box, NewSample, Region, Role, SourceImage, Vectors
from identity.gallery import Gallery
from identity.workflows.cluster.request import ClusterRequest
from identity.workflows.describe import Described
from identity.workflows.query import answer_regions

NAME, EARLIER = "kept", "earlier.codes"
IDENTITIES, EACH, HELD_OUT = 6, 14, 30
NOISE = 0.55
LEAST = 1e-5  # difference of two distances that counts


@dataclass(slots=True)
class Answers:
    """What the home says of everything, what it refused to say, and what was raised that is no answer."""

    said: dict[str, str] = field(default_factory=dict)
    distances: list[float] = field(default_factory=list)  # of what queries showed, in order
    names: list[str | None] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    raised: str | None = None

    def differ(self, before: Answers) -> bool:
        """Whether anything is said otherwise; another order of a sum makes no other answer."""
        near = len(self.distances) == len(before.distances) and np.allclose(self.distances, before.distances, 0, LEAST)
        return self.said != before.said or not near

    def misnamed(self, before: Answers) -> bool:
        """Whether a probe is known now by another name than before."""
        pairs = zip(self.names, before.names, strict=False)
        return any(now is not None and now != then for now, then in pairs)


def build_home(home: Path) -> Path:
    """A home with one gallery of drawn vectors: enrolled, calibrated, clustered, decided, removed, relabelled."""
    _without_shipped_galleries(home.parent)
    with bootstrap.open_home(home=home) as opened:
        opened.create_gallery(NAME)
        gallery = opened.open_gallery(NAME)
        for start, role, each in ((0, Role.GALLERY, EACH), (10_000, Role.CALIBRATION, HELD_OUT)):
            gallery.store.add(_samples(start, role, each, gallery.store.gallery.dim), skipped=[_skipped(start)])
        gallery.calibrate(alpha=0.05)
        gallery.clusters.run(ClusterRequest(eps=0.3, min_samples=3))
        for path in files_of_codes(home):
            shutil.copy(path, home / EARLIER)
        largest = [f"c{group.id}" for group in gallery.clusters.groups()][:3]
        gallery.people.name(largest[0], "Ada")
        gallery.people.reject(largest[1], [gallery.people.show(largest[1]).samples[0].sample.id])
        gallery.people.split(largest[2], [gallery.people.show(largest[2]).samples[0].sample.id])
        gallery.samples.remove([3, 9])
        gallery.samples.relabel([20, 21], "relabelled")
        gallery.store.add(_samples(20_000, Role.GALLERY, 2, gallery.store.gallery.dim))
    return home


def answers_of(home: Path) -> Answers:
    """Everything that people read, each asked for by itself."""
    answers = Answers()
    _ask(answers, "home", partial(_ask_home, home, answers))
    return answers


def findings_of(home: Path) -> tuple[bool, str | None]:
    """Whether the examination finds anything, or cannot even open the home; and what it raised that is no answer."""
    try:
        with bootstrap.open_home(home=home) as opened:
            return bool(list(opened.examine())), None
    except IdentityError:
        return True, None
    except Exception as error:  # noqa: BLE001 (this is what is looked for)
        return False, f"doctor: {error!r}"


def _ask_home(home: Path, answers: Answers) -> str:
    with bootstrap.open_home(home=home) as opened:
        gallery = opened.open_gallery(NAME)
        _ask(answers, "query", partial(_ask_query, gallery, answers))
        _ask(answers, "samples", lambda: repr(gallery.samples.find(limit=1000)))
        _ask(answers, "skipped", lambda: repr(gallery.samples.skipped_images()))
        _ask(answers, "crops", lambda: repr(sorted(gallery.samples.crops(range(1, 400)).items())))
        _ask(answers, "people", lambda: repr(gallery.people.list()))
        _ask(answers, "history", lambda: repr((gallery.clusters.history(), gallery.people.decisions())))
        _ask(answers, "thresholds", lambda: repr(gallery.calibration()))
        return repr([(one.name, one.model, counts) for one, counts in opened.galleries()])


def _ask_query(gallery: Gallery, answers: Answers) -> str:
    probes = _vectors(30_000, 4, gallery.store.gallery.dim)
    regions = [Described(Region(Box(0, 0, 1, 1)), vector=vector) for vector in probes]
    found = list(answer_regions(regions, gallery.store, gallery.search_context, k=5))
    answers.names = [one.identity if one.verdict is Verdict.KNOWN else None for one in found]
    answers.distances = [number for one in found for number in _numbers(one)]
    return repr([_words(one) for one in found])


def _words(answer: RegionVerdict) -> object:
    matches = [(one.sample, one.identity, one.source) for one in answer.matches]
    return answer.verdict.value, matches, [one.identity for one in answer.candidates]


def _numbers(answer: RegionVerdict) -> Iterator[float]:
    yield from (one.distance for one in answer.matches)
    for one in answer.candidates:
        yield from (one.distance, one.threshold)


def _ask(answers: Answers, what: str, question: Callable[[], str]) -> None:
    try:
        answers.said[what] = question()
    except IdentityError as error:
        answers.refused.append(f"{what}: {error}")
    except Exception as error:  # noqa: BLE001 (this is what is looked for)
        answers.raised = f"{what}: {error!r}"


def _without_shipped_galleries(folder: Path) -> None:
    """The package's model without its gallery, which takes seconds to install and to check."""
    shutil.copytree(bootstrap.SHIPPED / "models", folder / "package" / "models")
    bootstrap.SHIPPED = folder / "package"


def _vectors(seed: int, each: int, dim: int) -> Vectors:
    directions = unit_vectors(np.random.default_rng(0).normal(size=(IDENTITIES, dim)).astype(np.float32))
    noise = unit_vectors(np.random.default_rng(seed + 1).normal(size=(IDENTITIES * each, dim)).astype(np.float32))
    return unit_vectors(np.repeat(directions, each, axis=0) + NOISE * noise)


def _samples(start: int, role: Role, each: int, dim: int) -> list[NewSample]:
    vectors, box = _vectors(start, each, dim), Box(0, 0, 28, 28)
    return [
        NewSample(_image(start + row), box, vector, f"person {row // each}", role, crop=b"crop %06d" % (start + row))
        for row, vector in enumerate(vectors)
    ]


def _image(number: int) -> SourceImage:
    content = hashlib.sha256(b"%d" % number).digest()
    return SourceImage("drawn", f"drawn/{number}.png", content=content, width=28, height=28)


def _skipped(start: int) -> tuple[SourceImage, str]:
    return _image(start + 9999), "no ink"
