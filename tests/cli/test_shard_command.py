"""`identity database shard` on a server with Citus's stand-in: what it says, once and again, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from citus_stand_in import ShardedServer, of
from running import Ran, ran

TABLES = ["vector", "crop", "reembedded"]
PARTITIONS = "SELECT logicalrelid::text, partkey, beside FROM pg_dist_partition ORDER BY logicalrelid"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def _shard(home: Path, url: str, *options: object) -> Ran:
    return ran("--home", home, "--database", url, "database", "shard", *options)


def test_vectors_and_crops_are_distributed_by_sample_beside_each_other(
    home: Path, sharded_postgres: ShardedServer
) -> None:
    url = sharded_postgres.cluster("one", "two", "three")
    done = _shard(home, url, "--shards", 8, "--json")
    assert done.code == 0, done.err
    said = json.loads(done.out)
    assert said["schema"] == "identity.database-shard/1"
    assert (said["tables"], said["distributed_now"], said["column"]) == (TABLES, TABLES, "sample_id")
    assert (said["shards"], said["workers"]) == (8, 3)
    beside = {name: (key, other) for name, key, other in sharded_postgres.sql(PARTITIONS, **of(url))}
    there = ("sample_id", "identity.vector")
    assert beside == {"vector": ("sample_id", "none"), "crop": there, "reembedded": there}
    assert sharded_postgres.asked(url) == [f"truncate {table}" for table in TABLES]


def test_a_second_time_it_says_so_and_changes_nothing(home: Path, sharded_postgres: ShardedServer) -> None:
    url = sharded_postgres.cluster("one", "two")
    first = _shard(home, url, "--shards", 4)
    assert first.out.endswith("are distributed by sample_id, in 4 shards on 2 workers\n"), first.err
    again = _shard(home, url, "--shards", 16)
    assert (again.code, again.err) == (0, "")
    assert again.out.startswith("vector, crop and reembedded of postgresql://identity@/")
    assert again.out.endswith("were distributed already by sample_id, in 4 shards on 2 workers\n")
    assert json.loads(_shard(home, url, "--json").out)["distributed_now"] == []


def test_a_sharded_database_answers_forgets_and_is_sound(home: Path, sharded_postgres: ShardedServer) -> None:
    url = sharded_postgres.cluster("one", "two", shipped=True)
    assert _shard(home, url).code == 0
    there = ("--home", home, "--database", url)
    assert json.loads(ran(*there, "status", "--json").out)["galleries"][0]["samples"] == 54_000
    removed = ran(*there, "samples", "remove", "--identity", "3", "-g", "digits", "--yes")
    assert removed.code == 0, removed.err
    assert sharded_postgres.asked(url)[3:] == ["SELECT pg_switch_wal()", "CHECKPOINT"]  # after the three tables
    sound = ran(*there, "doctor")
    assert (sound.code, sound.out) == (0, "everything is as it was written\n")
    assert ran(*there, "gallery", "delete", "digits", "--yes").code == 0
    assert sharded_postgres.sql("SELECT FROM identity.vector", **of(url)) == []


def test_what_is_missing_is_said_in_one_line(home: Path, sharded_postgres: ShardedServer) -> None:
    url = sharded_postgres.cluster()
    refused = _shard(home, url)
    assert (refused.code, refused.out) == (1, "")
    cure = "add each with SELECT citus_add_node('host', 5432)"
    assert refused.err == f"identity: the Citus cluster has no workers: {cure}\n"


def test_sqlite_has_no_shards(home: Path) -> None:
    refused = ran("--home", home, "database", "shard")
    assert (refused.code, refused.out) == (2, "")
    assert "which has no shards: give --database postgresql://" in refused.err
