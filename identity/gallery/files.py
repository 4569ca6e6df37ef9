"""Files that other programs read and write: photographs with names in them, tables of samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from identity.core.watching import Progress, nobody
from identity.gallery.images import Images
from identity.gallery.labels import refused_in, require_faces

if TYPE_CHECKING:
    from identity.gallery.parts import GalleryParts
    from identity.workflows.table_export import TableExport
    from identity.workflows.xmp_export import XmpExport
    from identity.workflows.xmp_import import XmpImport


@dataclass(frozen=True, slots=True)
class Files:
    """The files around one gallery. Made by `Gallery.files`."""

    gallery: GalleryParts

    def write_xmp(
        self,
        *,
        into_files: bool = False,
        proposed: bool = False,
        keep_originals: bool = True,
        dry_run: bool = False,
        on_progress: Progress = nobody,
    ) -> XmpExport:
        """Name the faces of every photograph beside it (`a.jpg.xmp`), or in its file; what became of each.

        Written are names that somebody confirmed, and with `proposed` those of the cluster that a face is in.
        `dry_run` writes nothing. Raises `UsageError` where the gallery shows no faces.
        """
        from identity.workflows.xmp_export import XmpRequest, XmpWriter

        require_faces(self.gallery)
        names = self._proposed() if proposed else {}
        request = XmpRequest(into_files, dry_run, keep_originals)
        return XmpWriter(self.gallery.store, self._content_of, names, request).run(on_progress=on_progress)

    def read_xmp(self, images: Images, *, dry_run: bool = False, on_progress: Progress = nobody) -> XmpImport:
        """Take names from photographs' files and from those beside them, for faces that have none; what each met.

        A face that has another name keeps it. Raises `UsageError` where the gallery shows no faces.
        """
        from identity.workflows.xmp_import import XmpReader

        require_faces(self.gallery)
        reader = XmpReader(self.gallery.store, refused_in(self.gallery))
        return reader.run(self.gallery.read(images), dry_run=dry_run, on_progress=on_progress)

    def changes(self, folder: str | Path) -> Iterator[None]:
        """One now, then one each time photographs in the folder changed, for ever: each is a reason to `sync`.

        Raises `UsageError` where the folder cannot be watched.
        """
        from identity.gallery.syncing import changes

        return changes(folder)

    def write_parquet(self, path: str | Path) -> TableExport:
        """Write every sample, with its vector, to a Parquet file; how many there were.

        Raises `UsageError` where PyArrow (extra `parquet`) is not installed, or `path` holds something else.
        """
        from identity.workflows.table_export import export_table

        return export_table(self.gallery.store, self.gallery.load_cluster_store(), Path(path))

    def _proposed(self) -> Mapping[int, str]:
        """Names of clusters, by samples in them that nobody named."""
        from identity.workflows.cluster.groups import groups_of, proposed_names

        state = self.gallery.load_cluster_store().places()
        return proposed_names(groups_of(state, state.labels, self.gallery.store.identities()))

    def _content_of(self, path: Path) -> bytes | None:
        image = next(iter(self.gallery.read([path])))
        return image.content if image.error is None else None
