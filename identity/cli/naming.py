"""`identity export xmp`: the names of people into their photographs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from identity import UsageError
from identity.cli import progress, render
from identity.cli.moving import export_app
from identity.cli.options import GalleryOption, JsonOption, open_gallery
from identity.cli.stopping import stoppable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from identity.documents.naming import ExportXmpFields, NamedPhotographFields


@export_app.command("xmp")
@stoppable("every file that was written is whole, the others are as before, run the command again to do the rest")
def export_xmp(
    *,
    gallery: GalleryOption = "digits",
    sidecars: Annotated[bool, typer.Option("--sidecars", help="Write PHOTOGRAPH.xmp beside each.")] = False,
    write_into_files: Annotated[
        bool, typer.Option("--write-into-files", help="Write into the files; a sidecar where a format has no place.")
    ] = False,
    proposed: Annotated[
        bool, typer.Option("--proposed", help="Also names that a cluster proposes and nobody confirmed.")
    ] = False,
    originals: Annotated[
        bool, typer.Option("--originals/--no-originals", help="Keep each file that is changed as FILE_original.")
    ] = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be written.")] = False,
    json: JsonOption = False,
) -> None:
    """Write who is in each photograph where other programs read it: face regions and keywords, in XMP.

    Without --sidecars or --write-into-files nothing is written, only listed. What other programs wrote stays.
    """
    from identity.documents.naming import export_xmp_fields

    if sidecars and write_into_files:
        raise UsageError("names go beside the photographs or into them: choose --sidecars or --write-into-files")
    only_listed = dry_run or not (sidecars or write_into_files)
    with open_gallery(gallery) as opened, progress.bar(None, what="photographs") as advance:
        export = opened.files.write_xmp(
            into_files=write_into_files,
            proposed=proposed,
            keep_originals=originals,
            dry_run=only_listed,
            on_progress=advance,
        )
        fields = export_xmp_fields(export)
    if json:
        render.document("export-xmp", fields)
    else:
        render.lines([*_list(fields), _summary(fields)])
    for one in fields["photographs"]:
        _complain(one)
    if fields["failed"]:
        raise typer.Exit(render.PARTLY_FAILED)


def _list(fields: ExportXmpFields) -> Iterator[str]:
    for one in fields["photographs"]:
        if one["change"]:
            yield f"{one['target']}: {', '.join(one['names']) or 'names taken out'}"


def _summary(fields: ExportXmpFields) -> str:
    count = f"{fields['sidecars']} sidecars, {fields['files']} photographs' files"
    same = f"; {fields['unchanged']} are so already" if fields["unchanged"] else ""
    if fields["written"]:
        return f"written: {count}{same}"
    again = "" if not fields["sidecars"] + fields["files"] else ": choose --sidecars or --write-into-files"
    return f"would be written: {count}{same}; nothing was written{again}"


def _complain(one: NamedPhotographFields) -> None:
    for each in one["disagreements"]:
        render.complain(
            f"{one['target']} calls sample {each['sample']} '{each['in_file']}', the gallery '{each['identity']}': "
            "the file keeps its name, correct one of them"
        )
    if one["problem"] is not None:
        render.complain_of_image(one["path"], one["problem"])
