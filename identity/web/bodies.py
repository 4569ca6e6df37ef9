"""What requests that decide something say, checked before anything is opened."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from identity.web.parameters import MOST_ID

Id = Annotated[int, Field(ge=1, le=MOST_ID)]
Ids = Annotated[list[Id], Field(min_length=1, max_length=1_000_000)]
Words = Annotated[str, Field(min_length=1, max_length=500)]
Share = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
Cosine = Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)]

Paths = Annotated[list[Annotated[str, Field(min_length=1, max_length=4096)]], Field(min_length=1, max_length=10_000)]


class Body(BaseModel):
    """One that says more than is understood is refused."""

    model_config = ConfigDict(extra="forbid")


class CreateBody(Body):
    """A gallery to be; `detector` null is the one for the model."""

    name: Words
    model: Words = "digits"
    detector: Words | None = None


class NameBody(Body):
    """Who a cluster is, or somebody's other name."""

    who: Words
    name: Words


class MergeBody(Body):
    """Several who are one person."""

    who: Annotated[list[Words], Field(min_length=2, max_length=10_000)]
    name: Words | None = None


class SomeSamplesBody(Body):
    """Some samples of somebody."""

    who: Words
    samples: Ids


class RejectBody(Body):
    """Samples that are not somebody, or a name that somebody does not have: one of the two."""

    who: Words
    samples: Ids | None = None
    name: Words | None = None


class ConfirmBody(Body):
    """Somebody, or only some samples."""

    who: Words
    samples: Ids | None = None


class UndoBody(Body):
    """A decision to take back; null is the latest."""

    decision: Id | None = None


class RelabelBody(Body):
    """Samples and the right identity; null is none."""

    samples: Ids
    identity: Words | None


class RemoveBody(Body):
    """Samples to forget."""

    samples: Ids


class ForgetBody(Body):
    """An identity to forget with all samples."""

    identity: Words


class ClusterBody(Body):
    """A run; `eps` null is chosen without labels."""

    algo: Words = "dbscan"
    eps: Cosine | None = None
    min_samples: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    min_cluster_size: Annotated[int, Field(ge=2, le=1_000_000)] = 2
    full: bool = False
    min_quality: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.5


class CalibrateBody(Body):
    """A rule and what it understands; null is its usual value. `negatives` are paths below the allowed folders."""

    rule: Words | None = None
    alpha: Share | None = None
    k: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    target_fmr: Share | None = None
    target_fpir: Share | None = None
    threshold: Cosine | None = None
    target_far: Share | None = None
    negatives: Paths | None = None


class EnrolBody(Body):
    """Images of this machine; `labels` says whose names they bear, `label` is that of all."""

    paths: Paths
    label: Words | None = None
    labels: Literal["folders", "none", "sidecar"] | None = None
    calibration_fraction: Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)] = 0.0
    any_image: bool = False
