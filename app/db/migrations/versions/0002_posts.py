"""Posts of the published organograms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "post",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("organisation_id", sa.Integer, nullable=False),
        sa.Column("unit_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("as_at", sa.Date, nullable=False),
        sa.Column("post_number", sa.String, nullable=False),
        sa.Column("reports_to", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("title_key", sa.String, nullable=False),
        sa.Column("grade", sa.String, nullable=False),
        sa.Column("profession", sa.String, nullable=False),
        sa.Column("fte_hundredths", sa.Integer),
        sa.Column("pay_floor_gbp", sa.Integer),
        sa.Column("pay_ceiling_gbp", sa.Integer),
        sa.Column("total_pay_gbp", sa.Integer),
        sa.Column("import_batch_id", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["unit.id"], name="fk_post_organisation_id_unit"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_post_unit_id_unit"),
        sa.ForeignKeyConstraint(
            ["import_batch_id"], ["import_batch.id"], name="fk_post_import_batch_id_import_batch"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_post"),
    )
    op.create_index("ix_post_organisation_id_as_at", "post", ["organisation_id", "as_at"])
    op.create_index("ix_post_unit_id", "post", ["unit_id"])
    op.create_index("ix_post_title_key", "post", ["title_key"])
    op.create_index("ix_post_import_batch_id", "post", ["import_batch_id"])


def downgrade() -> None:
    op.drop_table("post")
