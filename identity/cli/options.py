"""Arguments and options that several commands share, and the places a person names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from identity import bootstrap
from identity.cli import render

if TYPE_CHECKING:
    from identity.gallery import Gallery
    from identity.home import Home
    from identity.models import Models

AcceptOption = Annotated[bool, typer.Option("--accept-licence", help="You read the restricted licence and accept it.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
KOption = Annotated[int, typer.Option("--k", "-k", min=1, help="Number of matches shown for each probe.")]
ThresholdOption = Annotated[
    float | None, typer.Option("--threshold", help="Decide by this cosine distance (0..2), chosen by you.")
]


def given_path(text: str) -> Path:
    """A path that a person wrote; an empty one is refused where images are opened, and means no folder here."""
    from identity.gallery.images import given_path as given

    return given(text)


Sources = Annotated[
    list[Path],
    typer.Argument(
        parser=given_path,
        metavar="paths...",
        help="Image files, folders (searched through; a sub-folder's name is the label) or IDX files.",
    ),
]
OutputOption = Annotated[Path, typer.Option("--output", "-o", help="File to write: .png, .svg or .pdf.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


DEFAULT = "\0"  # nobody can type this name, so it stands for none given


@dataclass(slots=True)
class Location:
    """Where the person says that galleries and database are; set once, by the program's own options."""

    home: Path | None = None
    database: str | None = None
    snapshot_limit: str | None = None
    search_on: str | None = None


LOCATION = Location()


def _given_or_chosen(name: str) -> str:
    """The gallery that was named, else the one that was chosen for this home."""
    return bootstrap.default_gallery(home=LOCATION.home) if name == DEFAULT else name


GalleryOption = Annotated[
    str,
    typer.Option(
        "--gallery", "-g", help="Gallery to use; see 'identity config'.", show_default=False, callback=_given_or_chosen
    ),
]


def open_home() -> Home:
    """The home the person means."""
    return bootstrap.open_home(
        home=LOCATION.home, database=LOCATION.database, snapshot_limit=LOCATION.snapshot_limit,
        search_on=LOCATION.search_on, say=render.note,
    )  # fmt: skip


def open_gallery(name: str) -> Gallery:
    """A gallery of that home."""
    return bootstrap.open_gallery(
        name, home=LOCATION.home, database=LOCATION.database, snapshot_limit=LOCATION.snapshot_limit,
        search_on=LOCATION.search_on, say=render.note,
    )  # fmt: skip


def open_models() -> Models:
    """The models of that home; its database stays closed."""
    return bootstrap.open_models(home=LOCATION.home, database=LOCATION.database)
