"""`identity people set-aside` and `bring-back`: who is not interesting, and who is after all."""

from __future__ import annotations

from typing import Annotated

import typer

from identity.cli.options import DEFAULT, GalleryOption, JsonOption
from identity.cli.people import Who, decide, people_app

Some = Annotated[list[int] | None, typer.Argument(help="Only these samples.")]


@people_app.command("set-aside")
def set_aside(
    who: Who, samples: Some = None, *, gallery: GalleryOption = DEFAULT, json: JsonOption = False
) -> None:
    """Say that nobody wants to name a cluster, such as strangers in the background: no list asks for its name."""
    said = f"{who} set aside: 'identity people list --aside' has it"
    decide(gallery, lambda people, say: people.set_aside(who, samples or [], say=say), said, json=json)


@people_app.command("bring-back")
def bring_back(
    who: Who, samples: Some = None, *, gallery: GalleryOption = DEFAULT, json: JsonOption = False
) -> None:
    """Say that a cluster that was set aside shall be named after all."""
    said = f"{who} brought back"
    decide(gallery, lambda people, say: people.bring_back(who, samples or [], say=say), said, json=json)
