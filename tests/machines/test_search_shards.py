"""A gallery whose shards workers hold is answered as by every vector, whatever happens to workers or rows."""

from __future__ import annotations

import os
from functools import partial

import numpy as np
import pytest
from shard_worlds import SAMPLES, SOUGHT, looks_for_ids, new_samples, opened, require_right, shards_of, start

import identity
from identity.core.errors import KilledWorkersError
from identity.machines.dask_workers import DaskTask
from identity.workflows.shards.remote import RemoteShards, ask_all
from identity.workflows.shards.tier import SHARDS_EACH
from identity.workflows.snapshots import rebuild


def near(gallery: identity.Gallery) -> list[list[float]]:
    """The distances that a search in some of its vectors finds nearest."""
    asked = np.stack([one.vector for one in new_samples(range(900, 920), gallery.store.gallery.dim)])
    found = gallery.index.search(asked, sought=SOUGHT)
    rows = [slice(found.offsets[place], found.offsets[place + 1]) for place in range(len(asked))]
    return [np.sort(found.distances[row].ravel())[:5].tolist() for row in rows]


def test_answers_are_those_of_every_vector_after_adding_relabelling_and_removing(reading, filled):
    with opened(filled, reading.address) as gallery, opened(filled, None) as local:
        dim = gallery.store.gallery.dim
        require_right(gallery)
        assert sorted(shards_of(gallery).values()) == [SHARDS_EACH, SHARDS_EACH]
        gallery.store.add(new_samples(range(SAMPLES, SAMPLES + 30), dim))
        require_right(gallery, 1)
        gallery.store.relabel(list(range(1, 40)), "somebody else")
        require_right(gallery, 2)
        gallery.store.remove(list(range(30, 60)))
        require_right(gallery, 3)
        assert near(local) == near(gallery)


def test_a_second_program_finds_the_shards_loaded(reading, filled):
    with opened(filled, reading.address) as gallery:
        require_right(gallery)
        before = gallery.store.index_files.in_force()
    with opened(filled, reading.address) as gallery:
        require_right(gallery)
        assert gallery.store.index_files.in_force() == before


def test_what_a_killed_worker_held_is_loaded_by_another(reading, filled):
    with opened(filled, reading.address) as gallery:
        require_right(gallery)
        before = gallery.store.index_files.in_force()
        gallery.store.relabel(list(range(1, 40)), "somebody else")  # in the shards under another name
        require_right(gallery)
        reading.started[-1].kill()
        require_right(gallery, 1)
        assert list(shards_of(gallery).values()) == [2 * SHARDS_EACH]
        assert gallery.store.index_files.in_force() == before


def test_a_worker_that_comes_takes_shards(reading, filled):
    with opened(filled, reading.address) as gallery:
        require_right(gallery)
        start(reading, filled)
        gallery.store.relabel([1], "somebody else")
        require_right(gallery)
        assert sorted(shards_of(gallery).values()) == [2, 3, 3]


def test_a_program_that_asks_where_shards_were_asks_again(reading, filled):
    with opened(filled, reading.address) as first, opened(filled, reading.address) as second:
        require_right(first)
        index = first.index
        start(reading, filled)
        require_right(second)
        assert first.index is index
        require_right(first)


def test_who_is_forgotten_is_in_no_memory(reading, filled):
    with opened(filled, reading.address) as gallery:
        require_right(gallery)
        gone = [one.id for one in gallery.store.find(identity="p7")]
        assert gone
        gallery.samples.forget("p7")
        uuid = gallery.store.gallery.uuid
        held = ask_all(gallery.snapshots.workers, looks_for_ids(), uuid)
        assert not set(gone).intersection(*held.values())
        assert sum(map(len, held.values())) == SAMPLES - len(gone)
        require_right(gallery)


def test_homes_on_one_database_share_the_shards_that_one_of_them_had_loaded(reading, filled, tmp_path):
    url = f"sqlite:///{filled / 'identity.db'}"
    elsewhere = partial(identity.open_gallery, "strokes", home=tmp_path / "another", database=url)
    with opened(filled, reading.address) as first, elsewhere(search_on=reading.address) as second:
        require_right(first)
        before = first.store.index_files.in_force()
        require_right(second)
        assert second.store.index_files.in_force() == before
        second.store.add(new_samples(range(SAMPLES, SAMPLES + 30), first.store.gallery.dim))
        first.store.relabel(list(range(1, 40)), "somebody else")
        require_right(first, 1)
        require_right(second, 2)
        first.samples.forget("somebody else")
        require_right(second, 3)
        require_right(first, 4)


def test_a_program_whose_shards_another_replaces_while_it_opens_them_looks_again(reading, filled, monkeypatch):
    with opened(filled, reading.address) as first, opened(filled, reading.address) as second:
        require_right(first)
        first.store.relabel([1], "somebody else")
        usual = RemoteShards.opened

        def overtaken(shards: RemoteShards) -> RemoteShards:
            monkeypatch.undo()
            rebuild(second.store, second.snapshots)
            return usual(shards)

        monkeypatch.setattr(RemoteShards, "opened", overtaken)
        require_right(first)


def test_a_worker_that_is_killed_with_a_result_that_nobody_fetched_is_missed_soon(reading, filled, monkeypatch):
    with opened(filled, reading.address) as gallery:
        workers = gallery.snapshots.workers
        pids = ask_all(workers, os.getpid)
        doomed = next(name for name, pid in pids.items() if pid == reading.started[-1].pid)
        task = workers.begin(os.getpid, at=doomed)
        task._wait()
        reading.started[-1].kill()
        reading.until(lambda: reading.count() == 1)
        monkeypatch.setattr(DaskTask, "_wait", lambda _task: None)
        with pytest.raises(KilledWorkersError):
            task.result()
