"""A clustering algorithm is added by a class and a row of the table, and is used through `Gallery` at once."""

import numpy as np
import pytest
from cluster_worlds import clusters_of, enroll, of_person, opened

from identity.clustering.algorithms import ALGORITHMS, Clustering, Parameters
from identity.core.errors import ClusteringError
from identity.workflows.cluster.request import ClusterRequest

LEADERS = ClusterRequest("leaders", min_cluster_size=1)


class Leaders:
    """Every sample joins the first earlier sample within 0.3 that leads a cluster, else leads one itself."""

    has_eps = False

    def cluster(self, vectors: np.ndarray, parameters: Parameters) -> Clustering:
        leaders: list[int] = []
        labels = np.empty(len(vectors), np.int64)
        for row, vector in enumerate(vectors):
            near = [at for at in leaders if 1 - vector @ vectors[at] < 0.3]
            if not near:
                leaders.append(row)
            labels[row] = leaders.index(near[0] if near else row)
        return Clustering(labels, np.ones(len(vectors), bool), None, "leaders need none")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.setitem(ALGORITHMS, "leaders", Leaders())
    return opened(tmp_path)


def test_it_clusters_the_stored_vectors_keeps_names_and_is_undone(here):
    ada, bob = (enroll(here, of_person(person, 4, seed=person)) for person in (1, 2))
    plan, run = here.clusters.run(LEADERS)
    assert {frozenset(samples) for samples in clusters_of(here).values()} == {frozenset(ada), frozenset(bob)}
    assert (run.algo, run.eps, plan.people) == ("leaders", None, 2)
    here.people.name(f"c{plan.groups[0].id}", "Ada")
    more = enroll(here, of_person(1, 2, seed=9))
    again, _ = here.clusters.run(LEADERS)
    (group,) = [group for group in again.groups if group.identity == "Ada"]
    assert set(group.samples.tolist()) in ({*ada, *more}, set(bob))
    assert again.outcome.run.mode == "full"
    here.clusters.undo()
    assert [one.undone_at is None for one in here.clusters.history() if one.algo == "leaders"] == [True, False]


def test_without_its_row_it_is_not_known(here, monkeypatch):
    enroll(here, of_person(1, 4, seed=1))
    monkeypatch.delitem(ALGORITHMS, "leaders")
    with pytest.raises(ClusteringError, match="no algorithm 'leaders': choose dbscan or hdbscan"):
        here.clusters.run(LEADERS)
