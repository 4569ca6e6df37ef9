"""`identity serve`: the same engine over HTTP, for a browser and for other programs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from identity import UsageError, bootstrap
from identity.cli import render
from identity.cli.app import app
from identity.cli.options import open_home

if TYPE_CHECKING:
    from identity.home import Home


@app.command()
def serve(
    *,
    host: Annotated[
        str, typer.Option(help="Address to listen on. Others than 127.0.0.1 let other machines in: give a --token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 is any free one.")] = 8765,
    token: Annotated[str | None, typer.Option(help="Token that lets somebody in; else a new one is made.")] = None,
    name: Annotated[
        list[str] | None, typer.Option("--name", help="Name by which other machines know this one, beside its address.")
    ] = None,
    folder: Annotated[
        list[Path] | None, typer.Option(help="Folder whose images may be enrolled by their path; none otherwise.")
    ] = None,
    upload_time: Annotated[float, typer.Option(min=0.1, help="Seconds within which an upload must be here.")] = 120,
    demo: Annotated[bool, typer.Option("--demo", help="Serve the digits that ship, from a home that is new.")] = False,
) -> None:
    """Serve the galleries to a browser and to other programs on this machine, until Ctrl-C.

    Open the address that is printed: it holds the token that lets you in.
    """
    try:
        from identity.web.serving import Wanted
        from identity.web.serving import serve as run
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in {"fastapi", "uvicorn", "pydantic", "starlette"}:
            raise
        raise UsageError(
            f"the server needs packages that are not installed ({error.name}): pip install 'identity-search[web]'"
        ) from error
    wanted = Wanted(host, port, token, tuple(name or ()), tuple(folder or ()), upload_time)
    with _home(demo=demo) as home:
        run(home, wanted, on_ready=lambda address: render.now(f"identity serves at {address}  (Ctrl-C ends it)"))


@contextmanager
def _home(*, demo: bool) -> Iterator[Home]:
    if not demo:
        with open_home() as home:
            yield home
        return
    made = tempfile.TemporaryDirectory(prefix="identity-demo-")
    with made as folder, bootstrap.open_home(home=Path(folder), say=render.note) as home:
        yield home
