"""`identity setup ...` and `identity config ...`: a home that is ready, and what is meant where nothing is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from identity.cli import render
from identity.cli.app import app
from identity.cli.options import AcceptOption, JsonOption, open_home, open_models
from identity.cli.progress import transfer
from identity.cli.stopping import stoppable

if TYPE_CHECKING:
    from identity.documents.setup import SetupFields

setup_app = typer.Typer(help="Make this home ready for a kind of images.", no_args_is_help=True, rich_markup_mode=None)
config_app = typer.Typer(help="Show and set what is chosen for a home.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(setup_app, name="setup")
app.add_typer(config_app, name="config")


@setup_app.command("faces")
@stoppable("what was fetched stays, run the command again for the rest")
def set_up_faces(
    *,
    gallery: Annotated[str, typer.Option("--gallery", "-g", help="Gallery to make.")] = "people",
    model: Annotated[str, typer.Option(help="Face network to use, see 'models list'.")] = "face-reid-0095",
    accept_licence: AcceptOption = False,
    offline: Annotated[bool, typer.Option("--offline", help="Use no network, only the mirror folder.")] = False,
    json: JsonOption = False,
) -> None:
    """Fetch a face detector and a face network, and make a gallery for them; what is there stays."""
    from identity.documents.setup import setup_fields

    def pull(name: str) -> None:
        with transfer(f"fetching {name}") as progress:
            open_models().pull(name, accept_licence=accept_licence, offline=offline, progress=progress)

    with open_home() as home:
        found = setup_fields(home.set_up_faces(gallery, model=model, pull=pull), home)
    if json:
        render.document("setup", found)
    else:
        render.lines(_setup_lines(found))


def _setup_lines(found: SetupFields) -> list[str]:
    lines = [
        f"model '{one['name']}' {'installed' if one['fetched'] else 'was there'}: licence {one['licence']}"
        for one in found["models"]
    ]
    lines.append(f"gallery '{found['gallery']}' {'created' if found['created'] else 'was there'}")
    return [*lines, "next, with photographs of people who agreed to it:", *(f"  {one}" for one in found["next"])]


@config_app.command()
def default_gallery(
    name: Annotated[str | None, typer.Argument(help="Gallery to use from now on; without it, say which it is.")] = None,
    *,
    unset: Annotated[bool, typer.Option("--unset", help="Use the shipped gallery 'digits' again.")] = False,
    json: JsonOption = False,
) -> None:
    """Show or set the gallery that every command uses where -g is left out."""
    from identity.documents.setup import config_fields

    if unset and name is not None:
        raise typer.BadParameter("give a name or --unset, not both")
    with open_home() as home:
        if unset or name is not None:
            home.choose_default_gallery(name)
        found = config_fields(home)
    if json:
        render.document("config", found)
    else:
        render.lines([f"default gallery: {found['default_gallery']}"])
