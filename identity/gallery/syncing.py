"""Keeps a gallery like a folder: what is new is enrolled, what moved is followed, what is gone is listed or forgotten.

A file whose size and time are what they were is not read again. A folder that is empty or not there is no proof that
its photographs are gone: a disk may not be mounted.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from identity.core.errors import UsageError
from identity.core.followed import FileFacts, FollowedFile
from identity.core.shown import bytes_of_name, shown_name
from identity.core.stopping import STOPPING
from identity.core.types import SourceImage, UnreadFiles
from identity.gallery.filling import Wishes, fill
from identity.gallery.parts import GalleryParts
from identity.imaging.folders import Listing, list_images
from identity.imaging.unread import unread_files
from identity.workflows.enroll import EnrolReport
from identity.workflows.gone import gone_images, holds_nothing
from identity.workflows.image_paths import absolute


@dataclass(slots=True)
class SyncReport:
    """What a sync found and did. `unchanged` files were not read; `gone` are places, `doubtful` of them kept."""

    enrolled: EnrolReport = field(default_factory=EnrolReport)
    unchanged: int = 0
    gone: list[str] = field(default_factory=list)
    doubtful: int = 0
    forgotten: int = 0  # samples


@dataclass(frozen=True, slots=True)
class _Folder:
    """What is in a folder now, and what was when it was read last."""

    root: Path
    labels: Mapping[bytes, str | None]
    facts: Mapping[bytes, FileFacts]
    known: Mapping[bytes, FollowedFile]
    unread: Sequence[UnreadFiles]

    def unchanged(self) -> list[bytes]:
        """The files that need not be read."""
        return [path for path, facts in self.facts.items() if path in self.known and self.known[path].facts == facts]


def sync(
    gallery: GalleryParts, folder: str | os.PathLike[str], wishes: Wishes, *, forget_missing: bool, even_empty: bool
) -> SyncReport:
    """Make the gallery follow the folder. Raises `UsageError` for one that is empty or not there, unless told."""
    root = os.fsencode(absolute(os.fspath(folder)))
    empty = holds_nothing(root)
    if empty and not even_empty:
        raise UsageError(
            f"folder '{shown_name(os.fsdecode(root))}' is empty or not there: mount its disk, or say --even-empty "
            "where its photographs are gone"
        )
    here = _look(gallery, root, listing=Listing() if empty else list_images([Path(os.fsdecode(root))]))
    report = SyncReport(unchanged=len(here.unchanged()))
    if here.labels:
        report.enrolled = _enrol(gallery, here, wishes)
    _part_with(gallery, root, here, report, forget_missing=forget_missing, even_empty=even_empty)
    return report


def changes(folder: str | os.PathLike[str]) -> Iterator[None]:
    """One now, and one after each change in the folder."""
    from identity.imaging.changes import changes_in

    with changes_in(Path(absolute(os.fspath(folder)))) as seen:
        while True:
            yield
            seen.wait()


def _look(gallery: GalleryParts, root: bytes, *, listing: Listing) -> _Folder:
    labels = {os.fsencode(file.path): file.label for file in listing.images}
    facts = {path: one for path in labels if (one := _facts(path)) is not None}
    known = gallery.store.followed.files_below(root)
    return _Folder(Path(os.fsdecode(root)), labels, facts, known, unread_files(listing.unread))


def _facts(path: bytes) -> FileFacts | None:
    try:
        found = os.stat(path)  # noqa: PTH116 (a path in bytes)
    except OSError:
        return None
    return FileFacts(found.st_size, found.st_mtime_ns)


def _enrol(gallery: GalleryParts, here: _Folder, wishes: Wishes) -> EnrolReport:
    unchanged = dict.fromkeys(here.unchanged())
    to_read = [path for path in here.labels if path not in unchanged]

    def remember(images: Sequence[SourceImage]) -> None:
        paths = {os.fsencode(image.path_bytes or image.path): image for image in images if _is_one_file(image)}
        fresh = {path: (here.facts[path], image.content) for path, image in paths.items() if path in here.facts}
        if fresh:
            gallery.store.followed.put(fresh)

    def read() -> Iterator[SourceImage]:
        told = (_unread_again(here, path) for path in unchanged if here.known[path].has_samples)
        fresh = gallery.read([os.fsdecode(path) for path in to_read]) if to_read else iter(())
        return chain(told, (_labelled(here, image) for image in fresh))

    report = fill(gallery, here.root, replace(wishes, on_written=remember), read=read)
    report.duplicates -= sum(here.known[path].has_samples for path in unchanged)
    report.unread = list(here.unread)
    return report


def _is_one_file(image: SourceImage) -> bool:
    return image.error is None and image.row is None and image.pixels is not None


def _unread_again(here: _Folder, path: bytes) -> SourceImage:
    """An image that is known by its file: enough to compare labels and places."""
    name, known = os.fsdecode(path), here.known[path]
    return SourceImage(
        str(here.root), shown_name(name), None, here.labels[path], content=known.content,
        width=known.width, height=known.height, path_bytes=bytes_of_name(name),
    )  # fmt: skip


def _labelled(here: _Folder, image: SourceImage) -> SourceImage:
    if image.row is not None:
        return image  # its labels lie beside it
    label = here.labels.get(os.fsencode(image.path_bytes or image.path))
    return replace(image, source=str(here.root), label=label)


def _part_with(
    gallery: GalleryParts, root: bytes, here: _Folder, report: SyncReport, *, forget_missing: bool, even_empty: bool
) -> None:
    """List what is gone, and forget it where that is wanted and certain."""
    STOPPING.check()
    followed = gallery.store.followed
    gone = gone_images(followed.images_below(root), here.labels)
    doubtful = frozenset[int]() if even_empty else gone.doubtful
    report.gone = [shown_name(os.fsdecode(path)) for path in gone.paths.values()]
    report.doubtful = len(doubtful)
    certain = [id_ for id_ in gone.paths if id_ not in doubtful]
    if forget_missing and certain:
        report.forgotten = followed.remove_images(certain)
        gallery.finish_removals()

