"""The program's own options; commands add themselves to `app` in the modules beside this one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from identity import __version__
from identity.cli.options import LOCATION

app = typer.Typer(
    name="identity",
    help="Say which identity in a gallery an image shows, or that it shows none of them.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"identity {__version__}")
        raise typer.Exit


@app.callback()
def options(
    *,
    home: Annotated[Path | None, typer.Option(help="Folder of galleries and models, else IDENTITY_HOME.")] = None,
    database: Annotated[str | None, typer.Option(help="Database address, else IDENTITY_DATABASE_URL.")] = None,
    snapshot_limit: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Search a gallery of more vectors in its database. [PostgreSQL: 4GB]"),
    ] = None,
    search_on: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Workers who search in memory: dask://HOST:PORT.")
    ] = None,
    version: Annotated[  # noqa: ARG001 (its callback answers)
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version.")
    ] = False,
) -> None:
    """Remember where the person's galleries are."""
    LOCATION.home, LOCATION.database, LOCATION.snapshot_limit = home, database, snapshot_limit
    LOCATION.search_on = search_on
