"""What addresses take, with its bounds: names, ids, pages, sizes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

MOST_ID = 2**63 - 1  # as the database counts
SIDES_PX = (16, 512)

GalleryName = Annotated[str, Path(description="Name of a gallery.", max_length=200)]
Somebody = Annotated[str, Path(description="A cluster (c12) or a name.", max_length=500)]
SampleId = Annotated[int, Path(description="Id of a sample.", ge=1, le=MOST_ID)]
Limit = Annotated[int, Query(description="How many at most.", ge=1, le=1000)]
After = Annotated[int, Query(description="Only ids above this one, for the next page.", ge=0, le=MOST_ID)]
First = Annotated[int, Query(description="How many are left out before, for the next page.", ge=0, le=MOST_ID)]
SizePx = Annotated[int, Query(description="Longest side in pixels.", ge=SIDES_PX[0], le=SIDES_PX[1])]
IdsText = Annotated[
    str,
    Query(description="Ids of up to 100 samples, with commas between.", pattern=r"^[0-9]{1,18}(,[0-9]{1,18}){0,99}$"),
]
