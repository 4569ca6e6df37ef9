"""Which worker holds which shard, and what is said where none can."""

from __future__ import annotations

import time

import pytest
from shard_worlds import opened, require_right
from started_clusters import LONG_S

import identity
from identity.core.errors import UsageError, WorkersError
from identity.machines import connecting
from identity.workflows.shards.plan import assigned


def test_a_worker_without_the_database_says_so(scheduler, filled, tmp_path):
    scheduler.bring_to(0)
    scheduler.worker(home=scheduler.folder / "none", IDENTITY_DATABASE_URL=f"sqlite:///{tmp_path / 'nothing.db'}")
    with (
        opened(filled, scheduler.address) as gallery,
        pytest.raises(WorkersError, match=r"cannot read .*set IDENTITY_DATABASE_URL"),
    ):
        require_right(gallery)
    assert not (tmp_path / "nothing.db").exists()
    scheduler.bring_to(0)


def test_a_copy_that_is_behind_is_refused(scheduler, filled, tmp_path):
    copy = tmp_path / "copy.db"
    with identity.open_home(home=filled) as there:
        there.backup(copy)
    with opened(filled, None) as gallery:
        gallery.store.relabel([1], "somebody else")
    scheduler.bring_to(0)
    scheduler.worker(home=scheduler.folder / "none", IDENTITY_DATABASE_URL=f"sqlite:///{copy}")
    with opened(filled, scheduler.address) as gallery, pytest.raises(WorkersError, match="older or another copy"):
        require_right(gallery)
    scheduler.bring_to(0)


def test_where_nobody_answers_one_line_says_it(filled, monkeypatch):
    began = time.monotonic()
    monkeypatch.setattr(connecting, "CONNECT_S", 1)
    with opened(filled, "dask://127.0.0.1:9") as gallery, pytest.raises(WorkersError, match="no Dask scheduler"):
        require_right(gallery)
    with opened(filled, "somewhere") as gallery, pytest.raises(UsageError, match="--search-on somewhere"):
        require_right(gallery)
    assert time.monotonic() - began < LONG_S


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8])
def test_shards_lie_evenly_and_stay_where_they_can(count):
    held = {"a": frozenset(range(count)), "b": frozenset(), "c": frozenset({0})}
    shares = assigned(count, held)
    sizes = [len(shares.get(name, [])) for name in held]
    assert sorted(number for numbers in shares.values() for number in numbers) == list(range(count))
    assert max(sizes) - min(sizes) <= 1
    again = {name: frozenset(shares.get(name, ())) for name in held}
    assert assigned(count, again) == shares
