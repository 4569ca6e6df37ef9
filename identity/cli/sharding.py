"""`identity database shard`: vectors and crops over the workers of a Citus cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from identity.cli import render
from identity.cli.databases import database_app
from identity.cli.options import JsonOption, open_home
from identity.cli.stopping import stoppable

if TYPE_CHECKING:
    from identity.documents.sharding import DatabaseShardFields


@database_app.command()
@stoppable("nothing was distributed, everything is as before, run the command again")
def shard(
    *,
    shards: Annotated[
        int | None, typer.Option(min=1, help="Number of shards, else the cluster's own setting.", show_default=False)
    ] = None,
    json: JsonOption = False,
) -> None:
    """Distribute vectors and crops of a PostgreSQL database over the workers of its Citus cluster, by sample.

    One transaction: all or nothing. Writers wait while rows are moved. What is distributed already stays as it is.
    """
    from identity.documents.sharding import database_shard_fields

    with open_home() as home:
        fields = database_shard_fields(home.store.location, home.store.shard(shards=shards))
    if json:
        render.document("database-shard", fields)
    else:
        render.lines([_line(fields)])


def _line(fields: DatabaseShardFields) -> str:
    *others, last = fields["tables"]
    now = "are distributed" if fields["distributed_now"] else "were distributed already"
    where = f"by {fields['column']}, in {fields['shards']} shards on {fields['workers']} workers"
    return f"{', '.join(others)} and {last} of {fields['database']} {now} {where}"
