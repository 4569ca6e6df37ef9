"""Groups stored vectors into clusters: exact, stable over runs, and bound to what people have decided.

Knows arrays only, no gallery and no store. Names are imported when they are first used, so that importing this
package costs nothing; for that to work no module here may bear the name of something it exports.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from identity.clustering.constraints import Constrained as Constrained
    from identity.clustering.constraints import constrained as constrained
    from identity.clustering.density import DensityClusters as DensityClusters
    from identity.clustering.density import dbscan as dbscan
    from identity.clustering.density import density_clusters as density_clusters
    from identity.clustering.eps import Eps as Eps
    from identity.clustering.eps import choose_eps as choose_eps
    from identity.clustering.hierarchy import hdbscan as hdbscan
    from identity.clustering.incremental import Attachment as Attachment
    from identity.clustering.incremental import Bridge as Bridge
    from identity.clustering.incremental import attach as attach
    from identity.clustering.matching import Matching as Matching
    from identity.clustering.matching import match_clusters as match_clusters
    from identity.clustering.quality import Agreement as Agreement
    from identity.clustering.quality import Quality as Quality
    from identity.clustering.quality import bcubed as bcubed
    from identity.clustering.quality import pairwise as pairwise
    from identity.clustering.quality import quality_of as quality_of
    from identity.clustering.suggestions import Suggestion as Suggestion
    from identity.clustering.suggestions import suggest_names as suggest_names

_HOME = {
    "Agreement": "quality",
    "Attachment": "incremental",
    "Bridge": "incremental",
    "Constrained": "constraints",
    "DensityClusters": "density",
    "Eps": "eps",
    "Matching": "matching",
    "Quality": "quality",
    "Suggestion": "suggestions",
    "attach": "incremental",
    "bcubed": "quality",
    "choose_eps": "eps",
    "constrained": "constraints",
    "dbscan": "density",
    "density_clusters": "density",
    "hdbscan": "hierarchy",
    "match_clusters": "matching",
    "pairwise": "quality",
    "quality_of": "quality",
    "suggest_names": "suggestions",
}
__all__ = [
    *_HOME,
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'identity.clustering' has no attribute {name!r}")
    return getattr(import_module(f"identity.clustering.{_HOME[name]}"), name)
