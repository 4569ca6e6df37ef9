"""Who waits for workers is told in the end why nothing comes, whatever it is that does not answer."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from started_clusters import Cluster
from stored import paths

import identity
from identity.core.errors import WorkersError
from identity.machines import connecting, dask_workers


def enroll(home: Path, images: Path, address: str, **more: object) -> identity.EnrolReport:
    with identity.open_gallery("strokes", home=home) as gallery:
        return gallery.enroll(images, on=address, **more)


@contextmanager
def frozen(*pids: int) -> Iterator[None]:
    """Processes that are there and do nothing."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def test_a_port_that_lets_one_in_and_says_nothing_is_given_up(home, strokes, monkeypatch):
    monkeypatch.setattr(connecting, "CONNECT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"dask://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(WorkersError, match=r"no Dask scheduler answers .*no answer within 0.6 s"):
            enroll(home("there"), strokes, address)


def test_a_frozen_scheduler_lets_nobody_in(cluster, home, strokes, monkeypatch):
    monkeypatch.setattr(connecting, "CONNECT_S", 0.5)
    with frozen(cluster.started[0].pid), pytest.raises(WorkersError, match="no Dask scheduler answers"):
        enroll(home("there"), strokes, cluster.address)


def test_workers_who_finish_nothing_are_given_up(cluster, home, strokes, monkeypatch):
    monkeypatch.setattr(dask_workers, "STALLED_S", 1)
    with (
        frozen(*(one.pid for one in cluster.started[1:] if one.is_alive())),
        pytest.raises(WorkersError, match=r"finished anything for .* start them anew"),
    ):
        enroll(home("there"), strokes, cluster.address)


def test_a_result_that_takes_longer_to_come_than_one_look_comes(cluster, home, strokes, monkeypatch):
    monkeypatch.setattr(dask_workers, "LOOK_S", 0.0005)
    there = home("there")
    assert enroll(there, strokes, cluster.address).gallery == len(paths(there)) > 100


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_scheduler_that_is_gone_in_the_middle_is_said_and_the_rest_is_done_later(
    cluster, home, strokes, tmp_path, monkeypatch, how
):
    there = home("there")
    every = sorted(str(one) for one in strokes.rglob("0*.png"))
    with Cluster(tmp_path) as own, monkeypatch.context() as sooner:
        own.worker(home=tmp_path / "worker", IDENTITY_TEST_EACH_S="0.01")
        sooner.setattr(dask_workers, "ANSWER_S", 1)
        with pytest.raises(WorkersError, match=r"scheduler .* is gone .* run the command again"):
            enroll(there, strokes, own.address, on_progress=lambda _count: os.kill(own.started[0].pid, how))
    assert 0 < len(paths(there)) < len(every)
    enroll(there, strokes, cluster.address)
    assert sorted(paths(there)) == every
