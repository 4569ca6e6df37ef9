"""An unknown region that clustering would put into an unnamed cluster: said beside the verdict, never instead of it.

The relation is that of the clustering: a core sample of the cluster is within the eps of the run in force.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from identity.core.answers import RegionVerdict, Verdict
from identity.core.likeness import LikeCluster
from identity.core.ports import GalleryStore


def with_clusters(answers: Sequence[RegionVerdict], store: GalleryStore) -> list[RegionVerdict]:
    """The answers, the unknown ones with the cluster of the nearest core sample among the matches shown.

    Nothing is read where no unknown region has a sample beside it that nobody named.
    """
    asked = [match.sample for one in answers for match in one.matches if _is_open(one) and match.identity is None]
    if not asked:
        return list(answers)
    places = store.unnamed_clusters(asked)
    return [_with_cluster(one, places) if _is_open(one) else one for one in answers] if places else list(answers)


def _is_open(answer: RegionVerdict) -> bool:
    return answer.verdict is Verdict.UNKNOWN


def _with_cluster(answer: RegionVerdict, places: Mapping[int, LikeCluster]) -> RegionVerdict:
    for match in answer.matches:
        place = places.get(match.sample)
        if place is not None and match.distance <= place.eps:
            return replace(answer, like=replace(place, distance=match.distance))
    return answer
