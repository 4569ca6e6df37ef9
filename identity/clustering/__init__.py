"""Groups stored vectors into clusters: exact, stable over runs, and bound to what people have decided.

Knows arrays only, no gallery and no store. Names are imported when they are first used, so that importing this
package costs nothing; for that to work no module here may bear the name of something it exports.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from identity.clustering.density import DensityClusters as DensityClusters
    from identity.clustering.density import dbscan as dbscan
    from identity.clustering.density import density_clusters as density_clusters
    from identity.clustering.eps import Eps as Eps
    from identity.clustering.eps import choose_eps as choose_eps
    from identity.clustering.quality import Agreement as Agreement
    from identity.clustering.quality import Quality as Quality
    from identity.clustering.quality import bcubed as bcubed
    from identity.clustering.quality import pairwise as pairwise
    from identity.clustering.quality import quality_of as quality_of

_HOME = {
    "Agreement": "quality",
    "DensityClusters": "density",
    "Eps": "eps",
    "Quality": "quality",
    "bcubed": "quality",
    "choose_eps": "eps",
    "dbscan": "density",
    "density_clusters": "density",
    "pairwise": "quality",
    "quality_of": "quality",
}
__all__ = [
    *_HOME,
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'identity.clustering' has no attribute {name!r}")
    return getattr(import_module(f"identity.clustering.{_HOME[name]}"), name)
