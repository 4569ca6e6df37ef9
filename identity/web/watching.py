"""Whether the server is well: for programs that look after it."""

from __future__ import annotations

from fastapi import APIRouter, Response

from identity import __version__
from identity.web.answers import answer, documented, texted
from identity.web.service import Here

router = APIRouter(tags=["server"])
METRICS = "text/plain; version=0.0.4; charset=utf-8"
_KINDS = {"samples": "searched samples", "calibration_samples": "samples kept to set thresholds", "identities": "names"}


@router.get("/health", responses=documented("health"))
def health(here: Here) -> Response:
    """Say that the server answers and reads its database."""
    galleries = here.home.store.galleries.list()
    return answer("health", {"status": "ok", "version": __version__, "galleries": len(galleries)})


@router.get("/metrics", responses=texted("text/plain"))
def metrics(here: Here) -> Response:
    """Numbers of requests, seconds and samples, as Prometheus reads them."""
    lines = list(here.meter.lines())
    found = here.home.galleries()
    for name, said in _KINDS.items():
        lines += [f"# HELP identity_{name} How many {said} a gallery holds.", f"# TYPE identity_{name} gauge"]
        lines += [f'identity_{name}{{gallery="{_escaped(one.name)}"}} {getattr(c, name)}' for one, c in found]
    return Response("\n".join(lines) + "\n", media_type=METRICS)


def _escaped(name: str) -> str:
    shown = name.encode("utf-8", "backslashreplace").decode()
    return shown.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
