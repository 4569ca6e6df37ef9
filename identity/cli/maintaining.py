"""`identity doctor`, `identity backup` and `identity restore`: what keeps galleries over the years."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from identity import bootstrap
from identity.cli import render
from identity.cli.app import app
from identity.cli.options import LOCATION, JsonOption, YesOption, open_home
from identity.cli.stopping import stoppable

UNSOUND = 1


@app.command()
@stoppable("the examination is not complete, run the command again")
def doctor(
    *,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Rebuild wrong index files.")] = False,
    accept: Annotated[
        bool, typer.Option("--accept", help="Take rows that are not as they were written for right from now on.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Check every row, vector, index file and model against what was written; exit 1 if something stays wrong.

    Finishes removals that were interrupted, and deletes index files that belong to no gallery.
    """
    from identity.documents.doctor import doctor_fields

    with open_home() as home:
        found = list(home.examine(rebuild=rebuild, accept=accept))
    if json:
        render.document("doctor", doctor_fields(found))
    else:
        render.lines(f"{f.place}: {f.problem}: {'mended' if f.mended else f.cure}" for f in found)
        render.lines([] if found else ["everything is as it was written"])
    raise typer.Exit(0 if all(one.mended for one in found) else UNSOUND)


@app.command()
@stoppable("no backup was written, one that was there stays, run the command again")
def backup(
    file: Annotated[Path, typer.Argument(help="File to write; an older backup is replaced.", readable=False)],
) -> None:
    """Write everything, vectors and crops included, to one file; other programs may keep working."""
    with open_home() as home:
        size = home.backup(file)
    render.lines([f"{size / 1e6:.1f} MB written to {file}"])


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="File that 'identity backup' wrote.", readable=False)],
    *,
    yes: YesOption = False,
) -> None:
    """Restore everything from a backup; changes made after it are lost."""
    if not yes:
        where = bootstrap.restored_place(file, home=LOCATION.home, database=LOCATION.database)
        typer.confirm(f"Replace all galleries in {where} by those in {file}?", abort=True)
    with stoppable("nothing was restored, everything is as before, run the command again"):
        bootstrap.restore(file, home=LOCATION.home, database=LOCATION.database)
    render.lines([f"restored from {file}"])
