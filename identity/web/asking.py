"""Which identity uploaded images show, and whether two show the same person."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Response

from identity.web.answers import answer, documented
from identity.web.parameters import GalleryName
from identity.web.service import Here
from identity.web.uploads import Upload, Uploads, sent

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
    from identity.gallery.asking import ask
    from identity.gallery.uploaded import reading

    opened = here.gallery(gallery)
    with reading(sent(images), here.home.settings.limits) as read:
        asked = ask(opened, lambda: read, k=k, threshold=threshold)
        answers = [one.without_pixels() for one in asked.answers]
    return answer("query", query_fields(opened.store.gallery, asked.calibration, answers))


@router.post("/verify", responses=documented("verify"))
def verify(
    here: Here, gallery: GalleryName, first: Upload, second: Upload, *, threshold: Threshold = None
) -> Response:
    """Say whether two photographs show the same person, by the largest face of each."""
    from identity.documents.verification import verify_fields
    from identity.gallery.asking import compare
    from identity.gallery.uploaded import reading

    opened = here.gallery(gallery)
    with reading(sent([first, second]), here.home.settings.limits) as read:
        made = compare(opened, *read, threshold=threshold)
    return answer("verify", verify_fields(gallery, made))
