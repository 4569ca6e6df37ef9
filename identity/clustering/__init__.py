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

_HOME = {
    "DensityClusters": "density",
    "dbscan": "density",
    "density_clusters": "density",
}
__all__ = ["DensityClusters", "dbscan", "density_clusters"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'identity.clustering' has no attribute {name!r}")
    return getattr(import_module(f"identity.clustering.{_HOME[name]}"), name)
