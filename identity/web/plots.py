"""Pictures that explain a gallery, drawn when somebody asks: its thresholds, and where its samples lie."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from fastapi import APIRouter, Request, Response

from identity.web.answers import pictured
from identity.web.messages import RefusedError
from identity.web.parameters import GalleryName
from identity.web.service import Here
from identity.web.versions import versioned

router = APIRouter(prefix="/galleries/{gallery}/plots", tags=["pictures"])
PNG = "image/png"
_PENCIL = Lock()  # drawing takes seconds of a processor: one picture at a time, whoever reads finds a free thread


@router.get("/thresholds.png", responses=pictured(PNG), response_class=Response)
def thresholds(here: Here, gallery: GalleryName, request: Request) -> Response:
    """The thresholds among the distances that they were set by; drawing takes seconds."""
    opened = here.gallery(gallery)
    return versioned(request, opened, lambda: _drawn(opened.plots.thresholds))


@router.get("/embedding.png", responses=pictured(PNG), response_class=Response)
def embedding(here: Here, gallery: GalleryName, request: Request) -> Response:
    """A map of the samples, near each other where they are alike; drawing takes seconds."""
    opened = here.gallery(gallery)
    return versioned(request, opened, lambda: _drawn(opened.plots.embedding))


def _drawn(draw: Callable[[Path], object]) -> Response:
    with _the_pencil(), tempfile.TemporaryDirectory(prefix="identity-plot-") as folder:
        path = Path(folder) / "plot.png"
        draw(path)
        return Response(path.read_bytes(), media_type=PNG)


@contextmanager
def _the_pencil() -> Iterator[None]:
    if not _PENCIL.acquire(blocking=False):
        raise RefusedError(
            "drawing", "Another picture is being drawn", 409,
            cause="another picture is being drawn", cure="ask again in some seconds",
        )  # fmt: skip
    try:
        yield
    finally:
        _PENCIL.release()
