"""Runs that meet others or are killed: applied whole and on what they saw, or not at all."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cluster_worlds import EPS, cluster, clusters_of, enroll, of_person, opened
from databases import address_of

from identity.core.errors import GalleryChangedError
from identity.gallery import Gallery
from identity.workflows.cluster import plan as clusters
from identity.workflows.cluster.request import ClusterRequest


@pytest.fixture
def here(tmp_path: Path) -> Gallery:
    return opened(tmp_path)


def test_a_plan_that_no_longer_fits_is_not_applied(here):
    enroll(here, of_person(1, 6, seed=1))
    plan = here.clusters.plan(ClusterRequest(eps=EPS))
    enroll(here, of_person(2, 3, seed=2))
    with pytest.raises(GalleryChangedError, match="nothing was applied"):
        clusters.apply(here.load_cluster_store(), plan)
    assert here.clusters.history() == []


def test_of_two_runs_at_once_the_later_one_reads_again(here, tmp_path):
    enroll(here, of_person(1, 6, seed=1))
    other, shown, said = opened(tmp_path), [], []

    def show(plan):
        if not shown:
            enroll(other, of_person(2, 4, seed=2))
            cluster(other)
        shown.append(plan)

    plan, run = here.clusters.run(ClusterRequest(eps=EPS), on_plan=show, say=said.append)
    assert said == ["the gallery was changed meanwhile: reading it again"]
    assert plan.people == 2
    assert [one.id for one in here.clusters.history()] == [run.id]  # by then, nothing was left to do


_KILLED = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from cluster_worlds import cluster, opened
from identity.store import clusters
portions, calls = clusters.portions, []
def dying(rows):
    for portion in portions(rows):
        yield portion[:len(portion) // 2]
        os.kill(os.getpid(), signal.SIGKILL)
clusters.portions = dying
cluster(opened(Path(sys.argv[1]), address=sys.argv[2]))
"""


def test_a_run_killed_half_way_applies_nothing(here, tmp_path):
    enroll(here, of_person(1, 6, seed=1))
    there = [str(tmp_path), address_of(tmp_path), *map(str, Path(__file__).parents[:2])]
    command = [sys.executable, "-c", _KILLED, *there]
    assert subprocess.run(command, check=False, capture_output=True).returncode == -signal.SIGKILL
    assert here.clusters.history() == []
    assert clusters_of(here) == {}
    assert cluster(here)[0].people == 1
