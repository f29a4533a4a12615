"""Workforce planning: established posts and scenarios."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "established_post",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("unit_id", sa.Integer, nullable=False),
        sa.Column("role_level_id", sa.Integer, nullable=False),
        sa.Column("grade", sa.String, nullable=False),
        sa.Column("posts", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_established_post_unit_id_unit"),
        sa.ForeignKeyConstraint(
            ["role_level_id"], ["role_level.id"], name="fk_established_post_role_level_id_role_level"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_established_post"),
        sa.UniqueConstraint(
            "unit_id", "role_level_id", "grade", name="uq_established_post_unit_id_role_level_id_grade"
        ),
    )
    op.create_index("ix_established_post_role_level_id", "established_post", ["role_level_id"])
    op.create_table(
        "scenario",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("name_key", sa.String, nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("assumptions", sa.JSON, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("made_by", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scenario"),
        sa.UniqueConstraint("name_key", name="uq_scenario_name_key"),
    )


def downgrade() -> None:
    op.drop_table("scenario")
    op.drop_index("ix_established_post_role_level_id", "established_post")
    op.drop_table("established_post")
