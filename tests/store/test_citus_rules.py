"""What Citus refuses is caught without it: each rule catches a statement made to break it, and ours break none."""

from __future__ import annotations

import pytest
from citus_rules import RULES, reasons
from citus_statements import collected
from sqlalchemy import UniqueConstraint

from identity.store import sample_bytes
from identity.store.schema import all_tables
from identity.store.sql import SqlStore

BREAKING = {
    "rows of several shards are locked": "SELECT vector.crc32 FROM vector FOR UPDATE",
    "an outer join meets a distributed table":
        "SELECT sample.id FROM sample LEFT OUTER JOIN vector ON sample.id = vector.sample_id",
    "a distributed table is joined by something else than equality":
        "SELECT crop.image FROM crop JOIN sample ON crop.sample_id < sample.id",
    "a subquery refers to the statement around it":
        "SELECT sample.id FROM sample WHERE NOT EXISTS (SELECT * FROM crop WHERE crop.sample_id = sample.id)",
    "the distribution column is changed": "UPDATE vector SET sample_id = 2 WHERE vector.sample_id = 1",
    "a row comes without the distribution column": "INSERT INTO crop (image) VALUES (%(image)s)",
    "the values of a row are asked for by a subquery":
        "INSERT INTO crop (sample_id, image) VALUES (1, (SELECT image FROM kept))",
    "a conflict is looked for without the distribution column":
        "INSERT INTO vector (sample_id, crc32) VALUES (1, 2) ON CONFLICT (crc32) DO NOTHING",
    "a volatile function decides what is changed": "DELETE FROM crop WHERE random() < 0.5",
    "a WITH query changes rows":
        "WITH gone AS (DELETE FROM crop WHERE sample_id = 1 RETURNING image) SELECT * FROM gone",
    "a WITH query is recursive":
        "WITH RECURSIVE up AS (SELECT sample_id FROM crop UNION ALL SELECT sample_id FROM up) SELECT * FROM up",
    "rows are grouped in sets": "SELECT sample_id, count(*) FROM crop GROUP BY ROLLUP (sample_id)",
    "a sample of the rows is asked for": "SELECT sample_id FROM crop TABLESAMPLE SYSTEM (1)",
    "a table is altered in a way that is not sent to workers": 'ALTER TABLE crop ALTER "image" SET STATISTICS 0',
    "a trigger acts on rows": "CREATE TRIGGER t AFTER INSERT ON crop FOR EACH ROW EXECUTE FUNCTION f()",
    "a rule rewrites statements": "CREATE RULE r AS ON INSERT TO crop DO NOTHING",
}
TAKEN = (
    # a range query over all shards, and a look at what it found
    "SELECT sample_id, vector FROM vector WHERE CASE WHEN vector_dims(vector) = %(dim)s "
    "THEN vector <#> %(probe)s::vector <= %(most)s END",
    "SELECT sample.id, sample.identity_id FROM sample WHERE sample.id IN (%(id)s)",
    "SELECT sample.id, vector.vector FROM sample JOIN vector ON sample.id = vector.sample_id WHERE sample.role = 'r'",
    "SELECT vector.crc32 FROM vector JOIN crop ON vector.sample_id = crop.sample_id",
    "DELETE FROM vector WHERE vector.sample_id IN (SELECT sample.id FROM sample WHERE sample.gallery_id = 1)",
    "INSERT INTO vector (sample_id, vector) SELECT reembedded.sample_id, reembedded.vector FROM reembedded",
    "SELECT gallery.id FROM gallery WHERE gallery.id = 1 FOR NO KEY UPDATE",
    "SELECT sample.id FROM sample LEFT OUTER JOIN quality ON quality.sample_id = sample.id",
    "ALTER TABLE vector DROP CONSTRAINT fk_vector_sample_id",
    "VACUUM (FULL) crop",
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_catches_a_statement_made_to_break_it(rule) -> None:
    assert f"{rule.name} ({rule.page})" in reasons(BREAKING[rule.name])


@pytest.mark.parametrize("statement", TAKEN)
def test_a_statement_that_citus_takes_is_refused_by_no_rule(statement: str) -> None:
    assert reasons(statement) == []


def test_a_statement_that_cannot_be_read_is_refused_where_it_names_a_distributed_table() -> None:
    assert reasons("LOCK TABLE vector IN SHARE MODE") != []
    assert reasons("SELECT FROM WHERE vector ((") != []
    assert reasons("LOCK TABLE gallery IN SHARE MODE") == []


def test_every_key_of_a_distributed_table_holds_the_column_that_it_is_distributed_by() -> None:
    """https://docs.citusdata.com/en/stable/develop/reference_ddl.html: adding and removing constraints."""
    for table in sample_bytes.TABLES:
        keys = [table.primary_key, *(one for one in table.constraints if isinstance(one, UniqueConstraint))]
        keys += [index for index in table.indexes if index.unique]
        assert all(sample_bytes.KEY in key.columns for key in keys), table.name
        assert not any(column.server_default or column.identity for column in table.columns), table.name


def test_no_table_refers_to_a_distributed_one_and_these_only_to_samples() -> None:
    """https://docs.citusdata.com/en/stable/develop/reference_ddl.html: a foreign key is of two tables of one kind."""
    for table in all_tables().sorted_tables:
        owners = {key.column.table.name for key in table.foreign_keys}
        assert owners.isdisjoint(one.name for one in sample_bytes.TABLES), table.name
        assert table not in sample_bytes.TABLES or owners == {"sample"}  # which sharding drops


def test_statements_are_collected_where_they_are_executed(postgres_url: str) -> None:
    from identity.store.postgres.database import PostgresDatabase

    with collected() as statements:
        database = PostgresDatabase.open(postgres_url)
        assert SqlStore(database).problems() == []
        database.close()
    assert any("FROM vector" in one for one in statements)
    assert {why for one in statements for why in reasons(one)} == set()
