"""A kill -9 at any moment of an enrolment loses nothing that was acknowledged and leaves no half batch."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from store_factories import new_samples

from identity.core.types import Role
from identity.store.samples import SampleStore
from identity.store.sqlite.database import Database

_CHILD = Path(__file__).with_name("enrolling_child.py")
_ROOT = Path(__file__).parents[2]


def _enroll_until_killed(url: str, *, first: int, seconds: float) -> list[tuple[int, int, int]]:
    command = [sys.executable, str(_CHILD), url, str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(_ROOT)}) as child:
        acknowledged = [child.stdout.readline()]  # it is at work from here on
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)
        acknowledged += child.stdout.readlines()
    assert child.returncode == -signal.SIGKILL
    return [tuple(map(int, line.split())) for line in acknowledged if line.endswith("\n")]


def test_a_killed_enrolment_keeps_every_acknowledged_batch_whole(url: str, database: Database, gallery) -> None:
    store, rng = SampleStore(database, gallery), np.random.default_rng(5)
    for kill in range(6):
        begun = 10**6 * kill
        before = len(store.all_vectors(Role.GALLERY)[1].ids)
        batches = _enroll_until_killed(url, first=begun, seconds=float(rng.uniform(0.01, 0.2)))
        _, held = store.all_vectors(Role.GALLERY)  # checks every crc
        added = len(held.ids) - before
        assert added % 100 == 0, "half a batch was left behind"
        assert len(batches) <= added // 100 <= len(batches) + 1
        place = {int(id_): row for row, id_ in enumerate(held.ids)}
        for first, lowest, highest in batches:
            expected = np.stack([sample.vector for sample in new_samples(first, 100)])
            assert held.vectors[place[lowest] : place[highest] + 1].tobytes() == expected.tobytes()
    with database.read() as connection:
        counts = {connection.exec_driver_sql(f"SELECT count(*) FROM {t}").scalar() for t in ("image", "vector", "crop")}
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    assert counts == {len(held.ids)}


def test_whoever_comes_after_a_killed_writer_is_not_told_that_it_still_writes(url: str, database, gallery) -> None:
    _enroll_until_killed(url, first=0, seconds=0.05)
    SampleStore(database, gallery).add(new_samples(10**7, 1))
    assert not database.path.with_name("identity.db.writer").exists()
