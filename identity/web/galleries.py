"""Galleries made and deleted, as the commands do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request, Response

from identity import UsageError
from identity.web.answers import answer, documented
from identity.web.bodies import CreateBody
from identity.web.decisions import ANY, Deciding, Decision, Key, digest_of
from identity.web.reading import shown
from identity.web.service import Here
from identity.web.versions import version_of

if TYPE_CHECKING:
    from identity import Gallery

router = APIRouter(tags=["galleries"])
NO_GALLERY = ""  # has no name yet: whoever makes one decides about no other


async def creation_of(here: Here, request: Request, idempotency_key: Key = None) -> Decision:
    """What the headers say of a new gallery: nothing was there to be seen."""
    return Decision(here, NO_GALLERY, ANY, idempotency_key, await digest_of(request))


@router.post("/galleries", responses=documented("gallery", status=201), status_code=201)
def create(deciding: Annotated[Decision, Depends(creation_of)], body: CreateBody) -> Response:
    """Create an empty gallery for the vectors of one model."""
    here = deciding.service

    def make() -> Response:
        opened = here.gallery(here.home.create_gallery(body.name, model=body.model, detector=body.detector).name)
        made = answer("gallery", shown(here, opened), status=201)
        made.headers["etag"] = version_of(opened)
        return made

    return deciding.once(make)


@router.delete("/galleries/{gallery}", responses=documented("samples-changed"))
def delete(deciding: Deciding) -> Response:
    """Delete a gallery for good: samples, vectors, crops and index files. `changed` counts its samples."""
    here, name = deciding.service, deciding.gallery

    def make(_opened: Gallery) -> Response:
        if here.jobs.under_way(name):
            raise UsageError(f"a job of gallery '{name}' is under way: cancel it first")
        removed = here.home.delete_gallery(name)
        here.forget(name)
        return answer("samples-changed", {"gallery": name, "changed": removed})

    return deciding.make_last(make)
