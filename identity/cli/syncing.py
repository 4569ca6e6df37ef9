"""`identity sync`: what keeps a gallery like a folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from identity import UnclearLabelsError, UsageError
from identity.cli import render
from identity.cli.app import app
from identity.cli.asking import once_labels_are_clear
from identity.cli.enrolling import LabelsOption, report_lines
from identity.cli.options import DEFAULT, GalleryOption, JsonOption, given_path, open_gallery
from identity.cli.progress import bar
from identity.cli.stopping import stoppable

if TYPE_CHECKING:
    from collections.abc import Callable

    from identity import SyncReport

MOST_SHOWN = 20


@app.command()
@stoppable("what was done stays, run the command again for the rest")
def sync(
    folder: Annotated[Path, typer.Argument(parser=given_path, metavar="folder", help="Folder of photographs.")],
    *,
    gallery: GalleryOption = DEFAULT,
    labels: LabelsOption = None,
    forget_missing: Annotated[bool, typer.Option(help="Forget for good whose photographs are gone.")] = False,
    even_empty: Annotated[
        bool, typer.Option(help="Believe that a folder which is empty or not there means that all in it is gone.")
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on, whenever something changes, until Ctrl-C.")] = False,
    json: JsonOption = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Print one JSON document a line, each as it comes.")] = False,
) -> None:
    """Keep a gallery like a folder: enroll what is new, follow what moved, list what is gone, or forget it."""
    if json and (jsonl or watch):
        raise UsageError("give either --json or --jsonl; with --watch there is a document for each change: --jsonl")
    with open_gallery(gallery) as opened, bar(None, what="syncing") as advance:

        def once(chosen: str | None) -> SyncReport:
            rounds.labels = chosen
            return opened.sync(
                folder, labels=chosen, forget_missing=forget_missing, even_empty=even_empty, on_progress=advance
            )

        rounds = Rounds(gallery, labels, json=json, jsonl=jsonl)
        for _ in opened.files.changes(folder) if watch else (None,):
            rounds.add(once)
    raise typer.Exit(render.PARTLY_FAILED if rounds.failed else 0)


@dataclass(slots=True)
class Rounds:
    """What was said of a folder: all at first, then only what is new."""

    gallery: str
    labels: str | None
    json: bool
    jsonl: bool
    failed: set[tuple[str, str]] = field(default_factory=set)
    gone: set[str] | None = None

    def add(self, once: Callable[[str | None], SyncReport]) -> None:
        """Sync, and say what it did. From the second time on, folders that are no names stop nothing."""
        try:
            self._say(once_labels_are_clear(self.labels, once))
        except UnclearLabelsError as unclear:
            if self.gone is None:
                raise
            render.complain(str(unclear))

    def _say(self, report: SyncReport) -> None:
        news = None if self.gone is None else _news(report, self.gone, self.failed)
        for name, error in report.enrolled.failed:
            if (name, error) not in self.failed:
                render.complain_of_image(name, error)
        self.gone, self.failed = set(report.gone), set(report.enrolled.failed)
        if news is None or news:
            self._print(report, news)

    def _print(self, report: SyncReport, news: list[str] | None) -> None:
        from identity.documents.syncing import sync_fields

        if self.jsonl:
            render.document_line("sync", sync_fields(self.gallery, report))
        elif self.json:
            render.document("sync", sync_fields(self.gallery, report))
        else:
            render.lines(_lines(report, self.gallery) if news is None else ["; ".join(news)])


def _news(report: SyncReport, gone: set[str], failed: set[tuple[str, str]]) -> list[str]:
    """What changed since the last time, in one line's parts."""
    enrolled = report.enrolled
    counts = {
        "samples enrolled": enrolled.gallery + enrolled.calibration,
        "named since": enrolled.named,
        "moved": enrolled.moved,
        "could not be read": len(set(enrolled.failed) - failed),
        "gone": len(set(report.gone) - gone),
        "samples forgotten": report.forgotten,
    }
    skipped = {f"skipped: {reason}": count for reason, count in enrolled.skipped.items()}
    return [f"{count} {what}" for what, count in (counts | skipped).items() if count]


def _lines(report: SyncReport, gallery: str) -> list[str]:
    lines = [*report_lines(report.enrolled, gallery), f"{report.unchanged} unchanged"]
    lines += [f"gone: {render.place(path)}" for path in report.gone[:MOST_SHOWN]]
    if len(report.gone) > MOST_SHOWN:
        lines.append(f"gone: {len(report.gone) - MOST_SHOWN} more")
    if report.doubtful:
        lines.append(
            f"{report.doubtful} of them lay in folders that are empty now, as without their disk: "
            "they are kept unless you say --even-empty"
        )
    if report.forgotten:
        lines.append(f"{report.forgotten} samples forgotten")
    elif report.gone:
        lines.append("they stay in the gallery: --forget-missing forgets them for good")
    return lines
