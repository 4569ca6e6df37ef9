"""An unknown face that clustering would put into an unnamed cluster is answered with it, and nobody else's is."""

from __future__ import annotations

from pathlib import Path

import pytest
from face_worlds import RULES, album, face, people, photograph

from identity.cli.render import region_line
from identity.core.answers import RegionVerdict, Verdict
from identity.documents.query import query_fields
from identity.gallery import Gallery

EPS = 0.05


@pytest.fixture
def here(tmp_path: Path) -> Gallery:
    """Two named people, and three photographs of somebody whom nobody named."""
    opened = people(tmp_path).opened
    opened.enroll(album(2, 3), faces=RULES)
    opened.enroll([photograph(face(7, shot), path=f"{shot}.jpg") for shot in range(3)], faces=RULES)
    return opened


def asked(here: Gallery, person: int) -> RegionVerdict:
    (answer,) = here.query([photograph(face(person, 9))])
    return answer.regions[0]


def test_an_unknown_face_of_an_unnamed_cluster_is_answered_with_the_cluster(here: Gallery) -> None:
    assert asked(here, 7).like is None, "there are no clusters yet"
    here.clusters.run(eps=EPS)
    (unnamed,) = [group for group in here.clusters.groups() if group.identity is None]
    answer = asked(here, 7)
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.like is not None
    assert (answer.like.id, answer.like.photographs, answer.like.eps) == (unnamed.id, 3, EPS)
    assert answer.like.distance == min(match.distance for match in answer.matches) <= EPS
    assert region_line(answer).startswith(f"unknown, like cluster c{unnamed.id}: 3 photographs; nearest ")
    assert asked(here, 8).like is None, "a stranger is like nobody"
    assert asked(here, 0).like is None, "who is known needs no cluster"


def test_the_document_says_it_too(here: Gallery) -> None:
    here.clusters.run(eps=EPS)
    answers = list(here.query([photograph(face(7, 9)), photograph(face(0, 9))]))
    fields = query_fields(here.store.gallery, here.calibration(), answers)
    like, none = (probe["regions"][0]["like_cluster"] for probe in fields["probes"])
    assert none is None
    assert like is not None
    assert (like["photographs"], like["eps"]) == (3, EPS)


def test_a_cluster_that_was_named_or_undone_is_no_longer_an_answer(here: Gallery) -> None:
    here.clusters.run(eps=EPS)
    like = asked(here, 7).like
    assert like is not None
    here.clusters.undo()
    assert asked(here, 7).like is None
    here.clusters.run(eps=EPS)
    again = asked(here, 7).like
    assert again is not None
    here.people.name(f"c{again.id}", "Grace")
    answer = asked(here, 7)
    assert answer.identity == "Grace"
    assert answer.like is None


def test_the_relation_is_that_of_the_clustering_and_not_a_guess(here: Gallery) -> None:
    found = asked(here, 7).matches[0].distance
    here.clusters.run(eps=found * 0.9, min_samples=1)
    assert asked(here, 7).like is None, "just beyond eps is outside"
    here.clusters.run(eps=found * 1.1, min_samples=1, full=True)
    assert asked(here, 7).like is not None


def test_a_cluster_is_found_for_any_of_a_thousand_samples_that_are_asked_about(here: Gallery) -> None:
    here.clusters.run(eps=EPS)
    (unnamed,) = [group for group in here.clusters.groups() if group.identity is None]
    strangers = range(-1000, 0)  # ids that nothing has, before those that lie in the cluster
    found = here.store.unnamed_clusters([*strangers, *unnamed.samples.tolist()])
    assert sorted(found) == sorted(unnamed.samples.tolist())
