"""How sharp an aligned face is: a number that neither its size in the photograph nor its contrast decides alone."""

from __future__ import annotations

import numpy as np

from identity.core.types import Image


def sharpness(crop: Image) -> float:
    """Variance of the Laplacian over the variance of the grey levels, of a crop (h, w) or (h, w, 3).

    Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000. Faces of LFW, aligned to 128 px,
    have 0.0019 to 0.2, those of ORL at least 0.024.
    """
    grey = crop.astype(np.float32)
    grey = grey.mean(axis=2) if grey.ndim == 3 else grey
    centre, spread = grey[1:-1, 1:-1], float(grey.var())
    if not centre.size or spread == 0:
        return 0.0
    edges = grey[1:-1, :-2] + grey[1:-1, 2:] + grey[:-2, 1:-1] + grey[2:, 1:-1] - 4 * centre
    return float(edges.var()) / spread
