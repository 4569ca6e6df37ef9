"""Says which identity in a gallery an image shows, or honestly says unknown.

    import identity

    with identity.open_gallery("digits") as gallery:
        for answer in gallery.query("seven.png"):
            print(answer.regions[0].verdict, answer.regions[0].identity)

The names are what the verbs take, give and raise. Nothing heavy is imported before one of them is used.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from identity.core import VERSION

# ONNX Runtime writes an id of the machine into the home folder and reports its use, unless it is told not to before it
# is imported; nothing here leaves this machine.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

if TYPE_CHECKING:
    from identity.bootstrap import open_gallery as open_gallery
    from identity.bootstrap import open_home as open_home
    from identity.bootstrap import open_models as open_models
    from identity.core.answers import Candidate as Candidate
    from identity.core.answers import Match as Match
    from identity.core.answers import ProbeVerdict as ProbeVerdict
    from identity.core.answers import RegionVerdict as RegionVerdict
    from identity.core.answers import Verdict as Verdict
    from identity.core.calibration import Calibration as Calibration
    from identity.core.calibration import ChosenPoint as ChosenPoint
    from identity.core.clusters import PastDecision as PastDecision
    from identity.core.clusters import Run as Run
    from identity.core.errors import IdentityError as IdentityError
    from identity.core.errors import MissingFontWarning as MissingFontWarning
    from identity.core.errors import NotCalibratedError as NotCalibratedError
    from identity.core.errors import NotFoundError as NotFoundError
    from identity.core.errors import UnclearLabelsError as UnclearLabelsError
    from identity.core.errors import UsageError as UsageError
    from identity.core.face_count import FaceCount as FaceCount
    from identity.core.face_selection import FaceRules as FaceRules
    from identity.core.types import Sample as Sample
    from identity.core.types import SourceImage as SourceImage
    from identity.gallery import Gallery as Gallery
    from identity.gallery.syncing import SyncReport as SyncReport
    from identity.home import Home as Home
    from identity.models import Models as Models
    from identity.workflows.cluster.evaluate import ClusterQuality as ClusterQuality
    from identity.workflows.cluster.plan import Plan as Plan
    from identity.workflows.cluster.request import ClusterRequest as ClusterRequest
    from identity.workflows.enroll import EnrolReport as EnrolReport
    from identity.workflows.evaluate.people import PeopleEvaluation as PeopleEvaluation
    from identity.workflows.evaluate.recognition import Evaluation as Evaluation
    from identity.workflows.verify import Verification as Verification

__version__ = VERSION
_ROOMS = {
    "bootstrap": ("open_gallery", "open_home", "open_models"),
    "core.answers": ("Candidate", "Match", "ProbeVerdict", "RegionVerdict", "Verdict"),
    "core.calibration": ("Calibration", "ChosenPoint"),
    "core.clusters": ("PastDecision", "Run"),
    "core.errors": (
        "IdentityError", "MissingFontWarning", "NotCalibratedError", "NotFoundError", "UnclearLabelsError",
        "UsageError",
    ),
    "core.face_count": ("FaceCount",),
    "core.face_selection": ("FaceRules",),
    "core.types": ("Sample", "SourceImage"),
    "gallery": ("Gallery",),
    "gallery.syncing": ("SyncReport",),
    "home": ("Home",),
    "models": ("Models",),
    "workflows.cluster.evaluate": ("ClusterQuality",),
    "workflows.cluster.plan": ("Plan",),
    "workflows.cluster.request": ("ClusterRequest",),
    "workflows.enroll": ("EnrolReport",),
    "workflows.evaluate.people": ("PeopleEvaluation",),
    "workflows.evaluate.recognition": ("Evaluation",),
    "workflows.verify": ("Verification",),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}
__all__ = ["__version__", *_ROOM_OF]


def __getattr__(name: str) -> Any:
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'identity' has no attribute {name!r}")
    return getattr(import_module(f"identity.{_ROOM_OF[name]}"), name)
