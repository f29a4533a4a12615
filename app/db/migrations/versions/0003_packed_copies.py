"""Packed copies of people and current levels.

The tables only: whoever runs the steps fills them afterwards from the rows (:func:`app.db.packing.pack_all`), so that
this step needs no layout of its own that would have to stay as it is for ever.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, day in (("packed_people", "settled_on"), ("packed_levels", "latest_on")):
        op.create_table(
            name,
            sa.Column("block", sa.Integer, nullable=False, autoincrement=False),
            sa.Column(day, sa.Integer, nullable=False),
            sa.Column("revision", sa.Integer, nullable=False),
            sa.Column("body", sa.LargeBinary, nullable=False),
            sa.PrimaryKeyConstraint("block", name=f"pk_{name}"),
        )


def downgrade() -> None:
    op.drop_table("packed_levels")
    op.drop_table("packed_people")
