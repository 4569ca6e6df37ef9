"""Puts the way through workers together: for one gallery here, and on a worker from the home that is its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from identity.core.types import GalleryRecord, SourceImage
from identity.core.watching import OnUnread, nobody
from identity.core.workers import Place, Workers
from identity.imaging.folders import list_images
from identity.imaging.unread import unread_files
from identity.settings import Settings, from_environment
from identity.workflows.describe import Pipeline
from identity.workflows.describe_many import DescribeMany, Read
from identity.workflows.elsewhere.enrolling import Elsewhere
from identity.workflows.elsewhere.networks import Load, Needs, Parcel, kept, network_names, opened, parcels
from identity.workflows.elsewhere.reading import ShardReading
from identity.zoo.folder import ModelFolder

MOST_THREADS = 512  # that wait for workers
SENT = "networks-sent"  # in a worker's home: may be deleted, and is sent again


@dataclass(frozen=True, slots=True)
class Composed:
    """What only the program's root knows: functions of modules, which workers find by their names."""

    load: Load
    folder_of: Callable[[Settings], ModelFolder]
    images_of: Callable[..., Iterator[SourceImage]]
    looked_through: Callable[[Any], tuple[Any, list[Path]]]


@contextmanager
def elsewhere(
    connecting: AbstractContextManager[Workers],
    place: Place,
    settings: Settings,
    gallery: GalleryRecord,
    root: Composed,
) -> Iterator[DescribeMany]:
    """For one gallery: by its own networks. Raises `NotFoundError` where they are not installed here."""
    models = root.folder_of(settings)
    sha256s = tuple(models.get(name).manifest.sha256 for name in network_names(gallery.model, gallery.detector))
    needs = Needs(gallery.model, gallery.detector, gallery.space, sha256s)
    there = partial(open_there, load=root.load, folder_of=root.folder_of)
    here = partial(root.load, models, gallery.model, gallery.detector)
    with connecting as workers:
        read_there = ShardReading(workers, settings.limits, place.send_images)
        at_once = min(MOST_THREADS, 2 * workers.slots())
        yield Elsewhere(
            workers, _reading(read_there, root), needs, there, keep_there, partial(parcels, models, needs), here,
            at_once, read_there.alone,
        )  # fmt: skip


def _reading(read_there: ShardReading, root: Composed) -> Read:
    def read(images: Any, *, on_unread: OnUnread = nobody) -> Iterator[SourceImage]:
        held, paths = root.looked_through(images)
        if not paths:  # pictures in memory
            return root.images_of(held, limits=read_there.limits, on_unread=on_unread)
        listing = list_images(paths)
        on_unread(unread_files(listing.unread))
        return read_there(listing.images)

    return read


def open_there(needs: Needs, *, load: Load, folder_of: Callable[[Settings], ModelFolder]) -> Pipeline | None:
    """On a worker: by the networks that its home has, else by those that were sent; None where neither fits."""
    settings = from_environment()
    own = folder_of(settings)
    return opened(needs, [own, _sent(settings, needs)], load)


def keep_there(needs: Needs, sent: Sequence[Parcel]) -> None:
    """On a worker: keep networks that were sent."""
    kept(needs, sent, _sent(from_environment(), needs))


def _sent(settings: Settings, needs: Needs) -> ModelFolder:
    folder = settings.home / SENT / needs.digest
    return ModelFolder(folder, folder / "none")
