"""A stand-in for Citus on a real PostgreSQL server: its functions and catalogue, and what it refuses; no workers.

Citus is in no registry that the tests can use. The rows stay where they are, so nothing is claimed here of how Citus
plans a statement (`citus_rules` reads its documentation for that), but the foreign keys go as they do there.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from postgres_server import PostgresServer

from identity.bootstrap import SHIPPED

TABLES = ("vector", "crop", "reembedded")
_CONTROL = "default_version = '{version}'\nrelocatable = false\nschema = pg_catalog\n"
_SCRIPT = """
CREATE SCHEMA citus_stand_in;
CREATE TABLE citus_stand_in.pg_dist_partition
    (logicalrelid regclass PRIMARY KEY, partmethod "char", partkey text, beside text);
CREATE TABLE citus_stand_in.pg_dist_shard (logicalrelid regclass, shardid bigint);
CREATE TABLE citus_stand_in.pg_dist_node (
    nodename text, isactive boolean DEFAULT true, shouldhaveshards boolean DEFAULT true,
    noderole text DEFAULT 'primary'
);
CREATE TABLE citus_stand_in.asked (what text);
ALTER TABLE citus_stand_in.pg_dist_partition SET SCHEMA pg_catalog;
ALTER TABLE citus_stand_in.pg_dist_shard SET SCHEMA pg_catalog;
ALTER TABLE citus_stand_in.pg_dist_node SET SCHEMA pg_catalog;

CREATE FUNCTION pg_catalog.create_distributed_table(
    table_name regclass, distribution_column text, distribution_type text DEFAULT 'hash',
    colocate_with text DEFAULT 'default', shard_count integer DEFAULT NULL
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    count integer := coalesce(shard_count, 32);
BEGIN
    IF NOT pg_has_role((SELECT relowner FROM pg_class WHERE oid = table_name), 'MEMBER') THEN
        RAISE EXCEPTION 'must be owner of table %', table_name USING ERRCODE = '42501';
    END IF;
    IF EXISTS (SELECT FROM pg_dist_node WHERE nodename = 'dead') THEN
        RAISE EXCEPTION 'connection to the remote node dead:5432 failed' USING ERRCODE = '08006';
    END IF;
    IF EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = table_name) THEN
        RAISE EXCEPTION 'table "%" is already distributed', table_name;
    END IF;
    IF EXISTS (
        SELECT FROM pg_constraint WHERE contype = 'f' AND table_name IN (conrelid, confrelid)
            AND NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid IN (conrelid, confrelid))
    ) THEN
        RAISE EXCEPTION 'cannot create foreign key constraint' USING ERRCODE = '0A000';
    END IF;
    IF EXISTS (
        SELECT FROM pg_index WHERE indrelid = table_name AND indisunique AND NOT EXISTS (
            SELECT FROM pg_attribute
            WHERE attrelid = table_name AND attname = distribution_column AND attnum = ANY (indkey::smallint[])
        )
    ) THEN
        RAISE EXCEPTION 'cannot create constraint on "%"', table_name USING ERRCODE = '0A000';
    END IF;
    IF colocate_with NOT IN ('default', 'none') THEN
        IF shard_count IS NOT NULL THEN
            RAISE EXCEPTION 'cannot use colocate_with with a table and shard_count at the same time';
        END IF;
        count := (SELECT count(*) FROM pg_dist_shard WHERE logicalrelid = colocate_with::regclass);
    END IF;
    INSERT INTO pg_dist_partition VALUES (table_name, 'h', distribution_column, colocate_with);
    INSERT INTO pg_dist_shard SELECT table_name, generate_series(1, count);
END $$;
CREATE FUNCTION pg_catalog.truncate_local_data_after_distributing_table(table_name regclass) RETURNS void
    LANGUAGE sql AS $$ INSERT INTO citus_stand_in.asked VALUES ('truncate ' || table_name) $$;
CREATE FUNCTION pg_catalog.run_command_on_workers(command text) RETURNS SETOF text
    LANGUAGE sql AS $$ INSERT INTO citus_stand_in.asked VALUES (command) RETURNING what $$;
"""
_ORPHANS = " UNION ALL ".join(
    f"SELECT '{table}' FROM identity.{table} WHERE NOT EXISTS (SELECT FROM identity.sample WHERE id = sample_id)"
    for table in TABLES
)


class ShardedServer(PostgresServer):
    """A server with the stand-in, which lends databases that are sharded."""

    def __init__(self, programs: Path, *, version: str = "13.0-1", **options: Any) -> None:
        self._extensions = Path(tempfile.mkdtemp(prefix="identity-citus-"))
        self._extensions.chmod(0o755)
        folder = self._extensions / "extension"
        folder.mkdir()
        (folder / "citus.control").write_text(_CONTROL.format(version=version))
        (folder / f"citus--{version}.sql").write_text(_SCRIPT)
        super().__init__(programs, settings={"extension_control_path": f"$system:{self._extensions}"}, **options)

    def cluster(self, *workers: str, shipped: bool = False) -> str:
        """The address of a database whose schema is there, in a cluster with these workers; nothing is sharded.

        Unless `shipped`, it has had the gallery that comes with the package, which takes its time to write.
        """
        from identity.store.postgres.database import PostgresDatabase

        url = self.new_database()
        PostgresDatabase.open(url).close()
        self.sql("CREATE EXTENSION citus", **of(url))
        for name in workers:
            self.sql(f"INSERT INTO pg_dist_node VALUES ('{name}')", **of(url))
        for packed in [] if shipped else (SHIPPED / "galleries").glob("*.npz"):
            self.sql(f"INSERT INTO identity.shipped VALUES ('{packed.stem}', 'before')", **of(url))
        return url

    def lend(self) -> str:
        """The address of a sharded database."""
        from identity.store.postgres.database import PostgresDatabase

        if self._idle:
            return self._idle.pop()
        url = self.cluster("one", "two")
        database = PostgresDatabase.open(url)
        database.shard(shards=4)
        database.close()
        return url

    def take_back(self, url: str) -> None:
        """Empty a database, after it was asked whether a row outlived its sample: no foreign key deletes it here."""
        outlived = self.sql(_ORPHANS, **of(url))
        self.sql("; ".join(f"DELETE FROM identity.{table}" for table in TABLES), **of(url))
        super().take_back(url)
        assert outlived == [], "rows of these tables have no sample any more"

    def asked(self, url: str) -> list[str]:
        """What was asked of the workers and of data left on the coordinator, in order."""
        return [what for (what,) in self.sql("SELECT what FROM citus_stand_in.asked", **of(url))]

    def close(self) -> None:
        super().close()
        shutil.rmtree(self._extensions, ignore_errors=True)


def of(url: str) -> dict[str, str]:
    """The database of an address, as `PostgresServer.sql` takes it."""
    return {"database": url.partition("@/")[2].partition("?")[0]}
