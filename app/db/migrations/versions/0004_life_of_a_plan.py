"""The life of a plan: days of each line's statuses, plans put away, ratings that completed courses propose."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LINE_DAYS = ("approved_on", "booked_on", "ended_on")


def upgrade() -> None:
    for name in LINE_DAYS:
        op.add_column("plan_line", sa.Column(name, sa.Date))
    op.add_column("plan", sa.Column("archived_at", UtcDateTime))
    op.create_table(
        "proposed_rating",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("skill_id", sa.Integer, nullable=False),
        sa.Column("course_id", sa.Integer, nullable=False),
        sa.Column("plan_line_id", sa.Integer, nullable=False),
        sa.Column("level", sa.SmallInteger, nullable=False),
        sa.Column("completed_on", sa.Date, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("assessment_id", sa.Integer),
        sa.Column("decided_at", UtcDateTime),
        sa.Column("decided_by", sa.String, nullable=False),
        sa.Column("comment", sa.String, nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{table}_id"], [f"{table}.id"], name=f"fk_proposed_rating_{table}_id_{table}"
            )
            for table in ("person", "skill", "course", "plan_line", "assessment")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_proposed_rating"),
        sa.UniqueConstraint("plan_line_id", "skill_id", name="uq_proposed_rating_plan_line_id_skill_id"),
    )
    op.create_index("ix_proposed_rating_status", "proposed_rating", ["status"])
    op.create_index("ix_proposed_rating_person_id", "proposed_rating", ["person_id"])


def downgrade() -> None:
    op.drop_table("proposed_rating")
    op.drop_column("plan", "archived_at")
    for name in reversed(LINE_DAYS):
        op.drop_column("plan_line", name)
