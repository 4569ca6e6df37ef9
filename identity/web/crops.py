"""Pictures: crops of samples one by one or many in a sheet, and the photographs that they were seen in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request, Response

from identity import NotFoundError
from identity.web.answers import answer, documented, has_it, picture, pictured
from identity.web.parameters import GalleryName, IdsText, SampleId, SizePx
from identity.web.service import Here, Service

if TYPE_CHECKING:
    from identity.gallery import Gallery
    from identity.gallery.photographs import SeenPhotographs

router = APIRouter(prefix="/galleries/{gallery}", tags=["pictures"])
LargePx = Annotated[int, Query(description="Longest side in pixels.", ge=16, le=4096)]


@router.get("/samples/{sample}/crop", responses=pictured("image/jpeg", "image/png"), response_class=Response)
def crop(here: Here, gallery: GalleryName, sample: SampleId, request: Request, *, size: SizePx = 160) -> Response:
    """The stored crop of a sample."""
    from identity.gallery.thumbnails import thumbnail

    opened = here.gallery(gallery)
    stored = opened.samples.crops([sample]).get(sample)
    if stored is None:
        raise NotFoundError(f"sample {sample} of gallery '{gallery}' has no crop: choose another sample")
    tag = _tag(opened, "c", sample, size)
    return picture(tag, None if has_it(request, tag) else thumbnail(stored, size_px=size))


@router.get("/sheet", responses=pictured("image/jpeg"), response_class=Response)
def sheet(here: Here, gallery: GalleryName, request: Request, *, ids: IdsText, size: SizePx = 96) -> Response:
    """The crops of up to 100 samples in one picture: cells of `size` pixels, ten in a row, in the order of `ids`."""
    from identity.gallery.thumbnails import sheet as drawn

    opened = here.gallery(gallery)
    wanted = [int(one) for one in ids.split(",")]
    stored = opened.samples.crops(wanted)
    tag = _tag(opened, "s", *(one if one in stored else 0 for one in wanted), size)
    if has_it(request, tag):
        return picture(tag, None)
    return picture(tag, (drawn([stored.get(one) for one in wanted], size_px=size), "image/jpeg"))


@router.get("/samples/{sample}/photograph", responses=documented("photograph"))
def photograph(here: Here, gallery: GalleryName, sample: SampleId) -> Response:
    """The photograph that a sample was seen in, with everybody in it."""
    from identity.documents.served import photograph_fields

    return answer("photograph", photograph_fields(gallery, _photographs(here, gallery).of(sample)))


@router.get("/samples/{sample}/picture", responses=pictured("image/jpeg"), response_class=Response)
def full_picture(
    here: Here, gallery: GalleryName, sample: SampleId, request: Request, *, size: LargePx = 1600
) -> Response:
    """The photograph itself, where its file still shows what was enrolled."""
    found = _photographs(here, gallery)
    tag = f'"p.{found.of(sample).content.hex()[:16]}.{size}"'
    return picture(tag, None if has_it(request, tag) else (found.jpeg(sample, size_px=size), "image/jpeg"))


def _photographs(here: Service, gallery: str) -> SeenPhotographs:
    from identity.gallery.photographs import SeenPhotographs

    return SeenPhotographs(here.gallery(gallery).store, here.home.settings.limits)


def _tag(gallery: Gallery, kind: str, *numbers: int) -> str:
    from hashlib import blake2b

    said = f"{gallery.store.gallery.uuid} {numbers}".encode()
    return f'"{kind}.{blake2b(said, digest_size=12).hexdigest()}"'
