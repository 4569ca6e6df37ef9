"""A home: all its galleries and models, their backup and their examination. Made by `identity.open_home`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from identity.core.watching import Progress, nobody
from identity.settings import DEFAULT_GALLERY, Settings, choose_gallery, chosen_gallery

if TYPE_CHECKING:
    from identity.core.stores import Counts, Store
    from identity.core.types import GalleryRecord
    from identity.gallery import Gallery
    from identity.indexes.snapshot_folder import SnapshotFolder
    from identity.workflows.describe import Pipeline
    from identity.workflows.doctor import Finding
    from identity.workflows.moving import ExportReport, ImportReport
    from identity.workflows.reembed import ReembedReport
    from identity.workflows.setting_up import SetupReport
    from identity.zoo.folder import ModelFolder

OnClose = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Home:
    """An opened home; use it in a `with` block, which closes it."""

    settings: Settings
    store: Store
    models: ModelFolder
    load_pipeline: Callable[[str, str], Pipeline]  # of a model behind a detector
    make_gallery: Callable[[GalleryRecord, OnClose], Gallery]
    finish_removals: Callable[[], int]  # erase what was removed from every file; how many removals there were
    index_files: SnapshotFolder
    leave: Callable[[], None]  # the workers who search

    def __enter__(self) -> Self:
        """The home itself; leaving the block closes it."""
        return self

    def __exit__(self, *_raised: object) -> None:
        """Close the store."""
        self.close()

    def close(self) -> None:
        """Give the database back."""
        self.leave()
        self.store.close()

    def galleries(self) -> list[tuple[GalleryRecord, Counts]]:
        """All galleries with what they hold."""
        galleries = self.store.galleries
        return [(gallery, galleries.counts(gallery)) for gallery in galleries.list()]

    def create_gallery(self, name: str, *, model: str = "digits", detector: str | None = None) -> GalleryRecord:
        """Make an empty gallery whose space is that of `model` behind `detector`, by default the one that suits."""
        from identity.core.domain import domain_of

        chosen = detector or domain_of(self.models.get(model).manifest).detector
        pipeline = self.load_pipeline(model, chosen)
        dim = pipeline.embedder.dim
        return self.store.galleries.create(name, model=model, detector=chosen, space=pipeline.space, dim=dim)

    @property
    def default_gallery(self) -> str:
        """The gallery that is meant where none is named."""
        return chosen_gallery(self.settings.home) or DEFAULT_GALLERY

    def choose_default_gallery(self, name: str | None) -> None:
        """Mean this gallery where none is named, or `digits` again (None). Raises `NotFoundError` where it is not."""
        choose_gallery(self.settings.home, None if name is None else self.store.galleries.get(name).name)

    def set_up_faces(
        self, gallery: str = "people", *, model: str = "face-reid-0095", pull: Callable[[str], object]
    ) -> SetupReport:
        """Detector, face network and an empty gallery for photographs of people; what is there already stays.

        `pull` installs a model by its name, as `Models.pull` does. Raises `UsageError` for another kind's gallery.
        """
        from identity.workflows.setting_up import set_up_faces

        there = {one.name: one for one, _ in self.galleries()}.get(gallery)
        return set_up_faces(there, (gallery, model), self.models, pull, self.create_gallery)

    def delete_gallery(self, name: str) -> int:
        """Delete a gallery with all its samples, vectors, crops and index files; how many samples it had."""
        removed = self.store.galleries.delete(name)
        if self.default_gallery == name:
            self.choose_default_gallery(None)
        self.finish_removals()
        return removed

    def open_gallery(self, name: str | None = None, *, on_close: OnClose = lambda: None) -> Gallery:
        """A gallery, the default one unless named; closing it leaves the home open. Raises `NotFoundError`."""
        return self.make_gallery(self.store.galleries.get(name or self.default_gallery), on_close)

    def reembed(
        self,
        name: str,
        *,
        model: str,
        detector: str | None = None,
        dry_run: bool = False,
        on_progress: Progress = nobody,
    ) -> ReembedReport:
        """Embed every sample of a gallery by another model, from the photographs that are still there, else from crops.

        Interrupted, it goes on where it was; the gallery answers as before until the last vector is there. Names,
        decisions and clusters stay; the thresholds go. `dry_run` only says what there is to embed from. Raises
        `UsageError` for a model of another kind, or the one that the gallery has.
        """
        from identity.workflows.reembed_gallery import reembed_gallery

        gallery = self.store.galleries.get(name)
        wanted = (model, detector or gallery.detector)
        report = reembed_gallery(
            self.store, gallery, self.models, self.load_pipeline, wanted,
            limits=self.settings.limits, dry_run=dry_run, on_progress=on_progress,
        )  # fmt: skip
        if report.gallery is not None:
            self.make_gallery(report.gallery, lambda: None).refresh_index()
        return report

    def examine(self, *, rebuild: bool = False, accept: bool = False) -> Iterator[Finding]:
        """Everything that is wrong with database, rows, vectors, index files and models; leftovers are swept.

        `rebuild`: wrong index files are made anew. `accept`: rows that are not those that were written are taken
        for written from now on.
        """
        from identity.workflows.doctor import Mending, examine

        return examine(
            self.store, self.index_files, self.models, self.load_pipeline, self.finish_removals,
            mending=Mending(rebuild, accept),
        )  # fmt: skip

    def backup(self, path: str | Path) -> int:
        """Write the whole database, as it is at this moment, to `path`; its size in bytes.

        Raises `StoreError` where `path` holds something that is no backup, or cannot be written.
        """
        self.store.backup(Path(path))
        return Path(path).stat().st_size

    def export_bundle(
        self, name: str, path: str | Path, *, crops: bool = True, model: bool = False
    ) -> ExportReport:
        """Write one gallery to a file that another home can import; the same gallery gives the same bytes.

        `crops` and `model` say whether its crops and its networks go along.

        Raises `StoreError` where its rows are not what was written, or `path` cannot be written; `UsageError` where
        `path` is a link or holds something else than a bundle.
        """
        from identity.workflows.moving import export_gallery, models_of

        gallery = self.store.galleries.get(name)
        models = list(models_of(gallery, self.models)) if model else []
        return export_gallery(self.store, gallery, Path(path), crops=crops, models=models)

    def import_bundle(
        self,
        path: str | Path,
        *,
        name: str | None = None,
        merge_names: bool = False,
        model: bool = True,
        accept_licence: bool = False,
    ) -> ImportReport:
        """Put the gallery of a bundle into this home, as `name` or as it was called; known samples stay as they are.

        A gallery of that name takes what it lacks. Raises `BundleError` for a damaged or altered file,
        `SpaceMismatchError` where the gallery has another space, `UsageError` where it has a name of a new sample
        already, unless `merge_names` says that these are the same identities. Networks that came along are installed,
        unless `model` is false; one with a restricted licence only where `accept_licence` is true (`UsageError`).
        """
        from identity.workflows.moving import Entrance, import_gallery

        entrance = Entrance(self.models, model, accept_licence)
        return import_gallery(self.store, Path(path), name=name, merge_names=merge_names, entrance=entrance)


def restore(settings: Settings, path: Path) -> None:
    """Make the database what the backup `path` is. Index files go: they are rebuilt, and may hold who was forgotten.

    Raises `NotFoundError` without a backup there, `StoreError` where it is damaged, newer than this program, or no
    backup of ours, `StoreBusyError` where others keep working with the database.
    """
    from identity.store.opening import restore_store

    restore_store(path, settings.database)
    for ending in ("faiss", "codes", "lock"):
        for file in settings.snapshots.glob(f"*.{ending}"):
            file.unlink(missing_ok=True)
