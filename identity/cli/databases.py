"""`identity database copy`: all galleries from one database into another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from identity import bootstrap
from identity.cli import render
from identity.cli.app import app
from identity.cli.options import JsonOption
from identity.cli.progress import acts
from identity.cli.stopping import stoppable

if TYPE_CHECKING:
    from identity.documents.databases import DatabaseCopyFields

database_app = typer.Typer(help="Move a whole database, or distribute it.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(database_app, name="database")


@database_app.command()
@stoppable("what was copied stays, run the command again to do the rest")
def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="Address of the database that is copied.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="Address of an empty database, or of no file yet.")],
    *,
    json: JsonOption = False,
) -> None:
    """Copy all galleries of a database into an empty one, of the same kind or another, with ids and decisions.

    An address is sqlite:////path/identity.db or postgresql://user@host/database. Interrupted, the same command goes
    on. Everything that arrived is compared with what left.
    """
    from identity.documents.databases import database_copy_fields

    with acts("row") as on_rows:
        fields = database_copy_fields(bootstrap.copy_database(source, target, on_rows=on_rows, say=render.note))
    if json:
        render.document("database-copy", fields)
    else:
        render.lines([_line(fields)])


def _line(fields: DatabaseCopyFields) -> str:
    galleries = f"{fields['galleries']} {'gallery' if fields['galleries'] == 1 else 'galleries'}"
    what = f"{galleries} with {fields['samples']} samples"
    compared = f"{fields['rows']} rows and {fields['vectors']} vectors were compared"
    return f"{what} copied from {fields['source']} to {fields['target']}: {compared}"
