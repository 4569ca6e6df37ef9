"""Decides what labels photographs get, and refuses to take folders for names that are plainly none.

Looked at are the names of the folders and, where these could be names, a few photographs of the largest ones: where
most of them show several large faces, a folder is an occasion and no person. Faces are found for it, none is embedded.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path, PurePath
from typing import TypeAlias, Union

from identity.core.errors import UnclearLabelsError, UsageError
from identity.core.face_selection import side_px
from identity.core.folder_names import NoName, not_names
from identity.core.shown import shown_name
from identity.core.types import Region
from identity.gallery.images import Images, given_paths
from identity.gallery.parts import GalleryParts
from identity.imaging.folders import list_images
from identity.workflows.labels import FOLDERS, SIDECAR, Labelling, labelling
from identity.workflows.region_labels import RegionLabels
from identity.workflows.region_names import Refused

Labels: TypeAlias = Union[str, "os.PathLike[str]"]  # "folders", "none", "sidecar", or a CSV file of path and label
FindFaces: TypeAlias = Callable[[Sequence[Path]], list[list[Region]]]  # of photographs; none of one that is unreadable
LARGEST_FOLDERS, LOOKED_AT = 4, 5  # folders, and photographs of each
AS_LARGE = 0.6  # of the largest face's side
MOST_NAMED = 4
CURE = "say --labels none to enroll all faces without names, or --labels folders where these are names"


def labels_for(images: Images, labels: Labels | None, find_faces: FindFaces | None) -> Labelling:
    """What gives each image its label. `find_faces` is None where folders are not asked whether they are names.

    Raises `UnclearLabelsError` where nobody said what the labels are and the folders do not look like names.
    """
    if labels is None and find_faces is not None:
        for folder in given_paths(images):
            if folder.is_dir():
                _require_names(folder, find_faces)
    return labelling(FOLDERS if labels is None else labels)


def labels_of_faces(gallery: GalleryParts, labels: Labels | None) -> RegionLabels | None:
    """What reads the names of single faces, where they were asked for. Raises `UsageError` where there are no faces."""
    if labels != SIDECAR:
        return None
    require_faces(gallery)
    return RegionLabels(refused_in(gallery))


def require_faces(gallery: GalleryParts) -> None:
    """Raises `UsageError` where the gallery shows no faces."""
    if gallery.domain.selection is None:
        raise UsageError(
            f"gallery '{gallery.name}' shows no faces that have a place in photographs, or its model is not "
            "installed: choose a gallery of people with -g, or run 'identity models add'"
        )


def refused_in(gallery: GalleryParts) -> Refused:
    """Samples by the names that somebody said they do not bear."""
    from identity.workflows.xmp_import import refused_names

    return refused_names(gallery.load_cluster_store().places(), gallery.store.identities())


def _require_names(folder: Path, find_faces: FindFaces) -> None:
    files = [file.path for file in list_images([folder]).images if file.label is not None]
    wrong = not_names(PurePath(file.relative_to(folder)) for file in files)
    labels = len({file.parent for file in files})
    wrong = wrong or _occasions(folder, files, find_faces)
    if wrong:
        said = ", ".join(f"{one.folder}: {one.why}" for one in wrong[:MOST_NAMED])
        more = f", and {len(wrong) - MOST_NAMED} more" if len(wrong) > MOST_NAMED else ""
        raise UnclearLabelsError(
            f"{len(wrong)} of {labels} folders in '{shown_name(folder)}' are not called after people "
            f"({shown_name(said)}{more}): {CURE}"
        )


def _occasions(folder: Path, files: Sequence[Path], find_faces: FindFaces) -> list[NoName]:
    """The largest folders, where half of them or more show groups."""
    by_folder: dict[Path, list[Path]] = defaultdict(list)
    for file in files:
        by_folder[file.parent].append(file)
    largest = sorted((one for one in by_folder.values() if len(one) >= LOOKED_AT), key=len, reverse=True)
    looked_at = largest[:LARGEST_FOLDERS]
    found = [_occasion(folder, files, find_faces(_spread(files))) for files in looked_at]
    groups = [one for one in found if one is not None]
    return groups if 2 * len(groups) >= len(looked_at) else []


def _occasion(folder: Path, files: Sequence[Path], faces: Sequence[list[Region]]) -> NoName | None:
    groups = sum(_is_group(regions) for regions in faces)
    if 2 * groups <= LOOKED_AT:
        return None
    return NoName(
        files[0].parent.relative_to(folder).as_posix(),
        f"{len(files)} photographs, {groups} of {len(faces)} looked at show several people",
    )


def _is_group(regions: Sequence[Region]) -> bool:
    sides = sorted((side_px(region) for region in regions), reverse=True)
    return len(sides) > 1 and sides[1] >= AS_LARGE * sides[0]


def _spread(files: Sequence[Path]) -> list[Path]:
    return [files[place * (len(files) - 1) // (LOOKED_AT - 1)] for place in range(LOOKED_AT)]
