"""Verdicts by workers' shards are those of this machine's index, by the Python API and by the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from shard_worlds import workers
from started_clusters import LONG_S, Cluster

import identity
from identity.workflows.shards.remote import held_by

ROOT = Path(__file__).parents[2]


@pytest.fixture
def digits(scheduler: Cluster, tmp_path: Path):
    """A home with the shipped gallery, and workers that read it."""
    home = tmp_path / "home"
    identity.open_home(home=home).close()
    with workers(scheduler, home):
        yield home


def answered(home: Path, *words: str, **environ: str) -> dict:
    command = [sys.executable, "-m", "identity", "--home", str(home), *words, "--json"]
    environ = os.environ | {"PYTHONPATH": str(ROOT)} | environ
    done = subprocess.run(command, env=environ, capture_output=True, timeout=LONG_S, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return json.loads(done.stdout)


def test_verdicts_matches_and_distances_are_the_same(scheduler, digits, strokes):
    with (
        identity.open_gallery("digits", home=digits) as here,
        identity.open_gallery("digits", home=digits, search_on=scheduler.address) as there,
    ):
        asked = [strokes / "0", strokes / "1"]
        one, other = (list(gallery.query(asked, k=5)) for gallery in (here, there))
        assert [answer.image.path for answer in one] == [answer.image.path for answer in other]
        regions = [[region for answer in answers for region in answer.regions] for answers in (one, other)]
        for mine, theirs in zip(*regions, strict=True):
            assert (mine.verdict, mine.identity) == (theirs.verdict, theirs.identity)
            assert [match.sample for match in mine.matches] == [match.sample for match in theirs.matches]
            distances = [[match.distance for match in region.matches] for region in (mine, theirs)]
            assert distances[0] == pytest.approx(distances[1], abs=1e-6)
        assert there.snapshots.held(there.store.gallery)


def test_one_command_finds_what_another_loaded_and_no_index_file_is_written(scheduler, digits, strokes):
    probe = str(strokes / "0" / "0000.png")
    first = answered(digits, "query", probe, "--search-on", scheduler.address)
    assert not list(digits.rglob("*.faiss"))
    with identity.open_gallery("digits", home=digits, search_on=scheduler.address) as gallery:
        held = held_by(gallery.snapshots.workers, gallery.store.gallery.uuid)
        assert all(one.numbers for one in held.values())
        in_force = gallery.store.index_files.in_force()
        assert answered(digits, "query", probe, IDENTITY_SEARCH_ON=scheduler.address) == first
        assert gallery.store.index_files.in_force() == in_force


def test_processes_of_this_machine_are_started_for_it_and_read_its_database(tmp_path, strokes):
    home = tmp_path / "home"
    with identity.open_gallery("digits", home=home, search_on="dask://local?workers=2") as gallery:
        (answer,) = gallery.query(strokes / "0" / "0000.png")
        assert answer.regions
        assert gallery.snapshots.held(gallery.store.gallery)
