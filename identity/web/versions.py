"""The version of a gallery, as `ETag` says it: which gallery, how often it was changed, and its latest run or edit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fastapi import Request, Response

from identity.web.answers import has_it

if TYPE_CHECKING:
    from identity.gallery import Gallery
    from identity.web.remembered import KeptAnswers

MOST_TOLD = 20


def version_of(gallery: Gallery) -> str:
    """The tag of the gallery as it stands now."""
    record = gallery.store.gallery
    runs = gallery.clusters.history()
    return f'"{record.uuid[:8]}.{record.changes}.{runs[-1].id if runs else 0}"'


def changes_of(tag: str) -> int | None:
    """The change counter that a tag speaks of; None where it is not one of ours."""
    parts = tag.strip('"').split(".")
    return int(parts[1]) if len(parts) == 3 and parts[1].isdecimal() else None


def changes_in(gallery: Gallery, seen: str, made_here: Sequence[tuple[int, str]]) -> list[str]:
    """What others did since a version: decisions made here and runs made elsewhere by their note, the rest counted.

    `made_here` are the change counters after decisions of this server, with their notes.
    """
    parts = seen.strip('"').split(".")
    if len(parts) != 3 or not all(part.isdecimal() and len(part) < 19 for part in parts[1:]):
        return ["the version that was sent is none of this gallery's"]
    here = [note for changes, note in made_here if changes > int(parts[1])]
    later = [run.note or run.algo for run in gallery.clusters.history() if run.id > int(parts[2])]
    told = [*here, *(note for note in later if note not in here)]
    others = gallery.store.gallery.changes - int(parts[1]) - len(told)
    more = [f"{others} other changes: samples, thresholds, or the index file"] if others > 0 else []
    return [*told[-MOST_TOLD:], *more]


def versioned(
    request: Request, gallery: Gallery, make: Callable[[], Response], *, kept: KeptAnswers | None = None
) -> Response:
    """An answer about a gallery with the version that it is of, or 304 where who asks has that one.

    One that takes long is `kept`, and given again while the gallery is the same.
    """
    tag = version_of(gallery)  # read before the answer: one that is newer than its tag costs a refused write, no more
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    if has_it(request, tag):
        return Response(status_code=304, headers=headers)
    made = make() if kept is None else kept.answer((str(request.url), tag), make)
    made.headers.update(headers)
    return made
