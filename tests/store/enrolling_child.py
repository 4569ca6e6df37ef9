"""A program that enrolls batches for ever and says so only when each is in; it is there to be killed."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from store_factories import new_samples

from identity.store.galleries import SqlGalleries
from identity.store.samples import SampleStore
from identity.store.sqlite.database import Database

if __name__ == "__main__":
    database = Database.open(sys.argv[1], timeout_s=5, command="enrolling_child")
    store = SampleStore(database, SqlGalleries(database).get("digits"))
    for first in range(int(sys.argv[2]), 10**9, 100):
        ids = store.add(new_samples(first, 100))
        print(first, int(ids[0]), int(ids[-1]), flush=True)
