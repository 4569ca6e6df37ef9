"""`identity export xmp` and `identity import xmp`: the names of people into their photographs, and out of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from identity import UsageError
from identity.cli import progress, render
from identity.cli.moving import export_app, import_app
from identity.cli.options import DEFAULT, GalleryOption, JsonOption, Sources, open_gallery
from identity.cli.stopping import stoppable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from identity.documents.naming import ExportXmpFields, ImportXmpFields, NamedPhotographFields


@export_app.command("xmp")
@stoppable("every file that was written is whole, the others are as before, run the command again to do the rest")
def export_xmp(
    *,
    gallery: GalleryOption = DEFAULT,
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
    with open_gallery(gallery) as opened, progress.bar(None, what="photographs") as advance:
        export = opened.files.write_xmp(
            into_files=write_into_files,
            proposed=proposed,
            keep_originals=originals,
            dry_run=dry_run or not (sidecars or write_into_files),
            on_progress=advance,
        )
    _say(export_xmp_fields(export), json=json)


def _say(fields: ExportXmpFields, *, json: bool) -> None:
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
            yield f"{render.place(one['target'])}: {', '.join(one['names']) or 'names taken out'}"


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
            f"{render.place(one['target'])} calls sample {each['sample']} '{each['in_file']}', "
            f"the gallery '{each['identity']}': the file keeps its name, correct one of them"
        )
    if one["problem"] is not None:
        render.complain_of_image(render.place(one["path"]), one["problem"])


@import_app.command("xmp")
@stoppable("no name was taken yet or some were, all of them whole, run the command again to do the rest")
def import_xmp(
    photographs: Sources,
    *,
    gallery: GalleryOption = DEFAULT,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be named.")] = False,
    json: JsonOption = False,
) -> None:
    """Take the names that other programs gave to faces: from photographs' files and from .xmp files beside them.

    A region names the stored face that it overlaps. Names that the gallery has stay; others are listed as conflicts.
    """
    from identity.documents.naming import import_xmp_fields

    with open_gallery(gallery) as opened, progress.bar(None, what="photographs") as advance:
        fields = import_xmp_fields(opened.files.read_xmp(photographs, dry_run=dry_run, on_progress=advance))
    if json:
        render.document("import-xmp", fields)
    else:
        render.lines([*_named(fields), _counted(fields)])
    _complain_of_regions(fields)
    if fields["failures"]:
        raise typer.Exit(render.PARTLY_FAILED)


def _named(fields: ImportXmpFields) -> Iterator[str]:
    for one in fields["regions"]:
        if one["met"] == "named":
            yield f"{render.place(one['path'])}: sample {one['sample']} is {one['name']}"


def _counted(fields: ImportXmpFields) -> str:
    verb = "named" if fields["written"] else "would be named"
    rest = f"{fields['known']} were named so already, {fields['conflicts']} conflicts, {fields['without_face']} without"
    return f"{fields['named']} faces {verb}; {rest} a face; {len(fields['unknown'])} photographs are not enrolled"


def _complain_of_regions(fields: ImportXmpFields) -> None:
    for one in fields["regions"]:
        if one["met"] == "conflict":
            ours = f"'{one['identity']}' here" if one["identity"] else "said not to be, or another face of it is"
            render.complain(
                f"{render.place(one['path'])} calls sample {one['sample']} '{one['name']}', which is {ours}: "
                "left as it is, correct it with 'identity samples relabel' or in the file"
            )
        elif one["met"] == "no face":
            render.complain(f"{render.place(one['path'])} names '{one['name']}' where no face is stored: left out")
    for path in fields["unknown"]:
        render.complain(f"{render.place(path)} has names in it, but is not enrolled: enroll it first")
    for failure in fields["failures"]:
        render.complain_of_image(render.place(failure["source"]), failure["error"] or "")
