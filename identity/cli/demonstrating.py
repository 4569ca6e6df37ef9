"""`identity demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from identity.cli import render
from identity.cli.app import app
from identity.cli.options import open_home
from identity.cli.stopping import stoppable


@app.command()
@stoppable("what was enrolled stays, run the command again: it begins anew")
def demo(
    folder: Annotated[Path, typer.Argument(help="Folder for the pictures.")] = Path("demo"),
) -> None:
    """Recognise real scans of digits, refuse letters, and write pictures that explain both."""
    from identity.demo.demo import run

    with open_home() as home:
        run(home, folder, lambda line: render.lines([line]))
    render.lines(["", f"next: identity query {folder / 'seven.png'} {folder / 'letter-A.png'}"])
