"""Keep what only one decision rule knows as JSON beside its name, and say who measured a reference point.

Both tables of calibrations are read, dropped and made anew: they hold few rows, and so every database ends up with the
same schema.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
RULES = {
    "mondrian-conformal": "conformal",
    "target-far": "target-far",
    "own pairs, leave one out": "own-pairs",
    "published, not calibrated here": "reference",
}
PURPOSES = {"verify": "verify", "doubt": "uncertain", "search": "search"}
NUMBERS = ("target", "threshold", "rate", "low", "high", "n", "people")
MEASURED = {  # by model: who measured the points that stand in older manifests without their origin
    "face-reid-0095": {
        "measured_by": "the identity project",
        "measured_on": "4 million sampled non-mated pairs of LFW",
    },
}
UNKNOWN = {"measured_by": "", "measured_on": ""}


def _column(name: str, kind: sa.types.TypeEngine[object], *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=nullable)


def _key(name: str) -> sa.Column[int]:
    return sa.Column(name, ID, autoincrement=False, nullable=False)


def upgrade() -> None:
    connection = op.get_bind()
    rows = [_moved(connection, row) for row in connection.execute(sa.text(_ALL)).mappings().all()]
    classes = [dict(row) for row in connection.execute(sa.text("SELECT * FROM calibration_class")).mappings()]
    for table in ("people_threshold", "calibration_class", "calibration"):
        op.drop_table(table)
    calibration, calibration_class = _make_calibration(), _make_calibration_class()
    if rows:
        connection.execute(calibration.insert(), rows)
    if classes:
        connection.execute(
            calibration_class.insert(),
            [row | {name: bool(row[name]) for name in ("enough", "stale")} for row in classes],
        )


_ALL = "SELECT calibration.*, gallery.model FROM calibration JOIN gallery ON gallery.id = calibration.gallery_id"
_POINTS = "SELECT * FROM people_threshold WHERE gallery_id = :gallery"


def _moved(connection: sa.Connection, row: sa.RowMapping) -> dict[str, object]:
    """A calibration's row as the new table has it."""
    points = connection.execute(sa.text(_POINTS), {"gallery": row["gallery_id"]}).mappings().all()
    kept = ("gallery_id", "space", "metric", "k", "ratio", "created_at", "pooled_scores", "pooled_threshold")
    return {name: row[name] for name in kept} | {
        "rule": RULES[row["method"]],
        "facts": json.dumps(_facts(row, points)),
        "last_sample": points[0]["last_sample"] if points else None,
    }


def _facts(row: sa.RowMapping, points: "list[sa.RowMapping]") -> dict[str, object]:
    if points:
        reference = MEASURED.get(row["model"], UNKNOWN)
        return {PURPOSES[point["purpose"]]: _point(point, reference) for point in points}
    names = ("alpha", "far_bound", "fnmr") if row["method"] == "target-far" else ("alpha",)
    return {name: row[name] for name in names}


def _point(point: sa.RowMapping, reference: dict[str, str]) -> dict[str, object]:
    return {name: point[name] for name in NUMBERS} | {
        "enough": bool(point["enough"]),
        "reference": reference if point["published"] else None,
    }


def _make_calibration() -> sa.Table:
    return op.create_table(
        "calibration",
        _key("gallery_id"),
        _column("space", sa.Text()),
        _column("metric", sa.Text()),
        _column("k", sa.Integer()),
        _column("rule", sa.Text()),
        _column("facts", sa.Text()),
        _column("ratio", sa.Float()),
        _column("created_at", sa.Text()),
        _column("last_sample", ID, nullable=True),
        _column("pooled_scores", sa.LargeBinary()),
        _column("pooled_threshold", sa.Float()),
        sa.PrimaryKeyConstraint("gallery_id", name="pk_calibration"),
        sa.ForeignKeyConstraint(
            ["gallery_id"], ["gallery.id"], name="fk_calibration_gallery_id", ondelete="CASCADE"
        ),
    )


def _make_calibration_class() -> sa.Table:
    made = op.create_table(
        "calibration_class",
        _key("identity_id"),
        _key("gallery_id"),
        _column("scores", sa.LargeBinary()),
        _column("threshold", sa.Float()),
        _column("enough", sa.Boolean()),
        _column("stale", sa.Boolean()),
        sa.PrimaryKeyConstraint("identity_id", name="pk_calibration_class"),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name="fk_calibration_class_identity_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["gallery_id"], ["calibration.gallery_id"], name="fk_calibration_class_gallery_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_calibration_class_gallery_id", "calibration_class", ["gallery_id"])
    return made
