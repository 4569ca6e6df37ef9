"""Remember which galleries of the package were installed, so that a deleted one stays deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shipped",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("installed_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_shipped"),
    )
