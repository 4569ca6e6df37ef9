"""What every document looks like: its name, and the type of its fields beside `schema`.

A surface that publishes schemas reads this table; the tests hold every printed document against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from identity.documents.calibration import CalibrateFields
from identity.documents.cluster_quality import QualityFields
from identity.documents.clusters import ClusterFields, HistoryFields, UndoFields
from identity.documents.databases import DatabaseCopyFields
from identity.documents.doctor import DoctorFields
from identity.documents.enrolment import EnrolFields
from identity.documents.evaluation import EvaluateFields, EvaluatePeopleFields
from identity.documents.galleries import GalleryListFields, ShownGalleryFields, StatusFields
from identity.documents.measuring import MeasureFields
from identity.documents.models import ModelFields, ModelsFields
from identity.documents.moving import ExportFields, ExportParquetFields, ImportFields
from identity.documents.naming import ExportXmpFields, ImportXmpFields
from identity.documents.people import (
    DecisionFields,
    PeopleFields,
    PeopleHistoryFields,
    PeopleUndoFields,
    PersonFields,
)
from identity.documents.query import AnswerFields, QueryFields
from identity.documents.reembedding import ReembedFields
from identity.documents.samples import SamplesFields
from identity.documents.setup import ConfigFields, SetupFields
from identity.documents.sharding import DatabaseShardFields
from identity.documents.syncing import SyncFields
from identity.documents.verification import VerifyFields

SCHEMAS: Mapping[str, Any] = {
    "answer": AnswerFields,
    "calibrate": CalibrateFields,
    "cluster": ClusterFields,
    "cluster-evaluate": QualityFields,
    "cluster-history": HistoryFields,
    "cluster-undo": UndoFields,
    "config": ConfigFields,
    "database-copy": DatabaseCopyFields,
    "database-shard": DatabaseShardFields,
    "doctor": DoctorFields,
    "enroll": EnrolFields,
    "evaluate": EvaluateFields | EvaluatePeopleFields,
    "export-bundle": ExportFields,
    "export-parquet": ExportParquetFields,
    "export-xmp": ExportXmpFields,
    "gallery": ShownGalleryFields,
    "gallery-list": GalleryListFields,
    "import-bundle": ImportFields,
    "import-xmp": ImportXmpFields,
    "model": ModelFields,
    "models": ModelsFields,
    "models-measure": MeasureFields,
    "people": PeopleFields,
    "people-decision": DecisionFields,
    "people-history": PeopleHistoryFields,
    "people-undo": PeopleUndoFields,
    "person": PersonFields,
    "query": QueryFields,
    "reembed": ReembedFields,
    "samples": SamplesFields,
    "setup": SetupFields,
    "status": StatusFields,
    "sync": SyncFields,
    "verify": VerifyFields,
}
