"""Which identity uploaded images show, and whether two show the same person."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Response

from identity.web.answers import answer, documented
from identity.web.parameters import GalleryName
from identity.web.service import Here
from identity.web.uploads import Upload, Uploads, kept, named, shown_names

router = APIRouter(prefix="/galleries/{gallery}", tags=["asking"])
Matches = Annotated[int, Form(description="Number of matches shown for each probe.", ge=1, le=100)]
Threshold = Annotated[
    float | None, Form(description="Decide by this cosine distance, chosen by you.", ge=0, le=2, allow_inf_nan=False)
]


@router.post("/query", responses=documented("query"))
def query(
    here: Here, gallery: GalleryName, images: Uploads, *, k: Matches = 5, threshold: Threshold = None
) -> Response:
    """Say which identity each image shows, or that it shows none: one answer for each, in order."""
    from identity.documents.query import query_fields

    opened = here.gallery(gallery)
    calibration = opened.search_context(threshold=threshold).calibration
    with kept(images) as files:
        said = zip(opened.query(files, k=k, threshold=threshold), images, strict=True)
        answers = [replace(one, image=named(one.image, image)).without_pixels() for one, image in said]
    return answer("query", query_fields(opened.store.gallery, calibration, answers))


@router.post("/verify", responses=documented("verify"))
def verify(
    here: Here, gallery: GalleryName, first: Upload, second: Upload, *, threshold: Threshold = None
) -> Response:
    """Say whether two photographs show the same person, by the largest face of each."""
    from identity.documents.verification import verify_fields

    with kept([first, second]) as files, shown_names(files, [first, second]):
        made = here.gallery(gallery).verify(*files, threshold=threshold)
    images = named(made.images[0], first), named(made.images[1], second)
    return answer("verify", verify_fields(gallery, replace(made, images=images)))
