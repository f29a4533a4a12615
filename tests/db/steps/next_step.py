"""A step as a later version might bring it: a table made anew, a value moved, an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db import migrations

revision = "next"
down_revision = [step for step in migrations.REVISIONS if step != "next"][-1]
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("person") as person:
        person.add_column(sa.Column("known_as", sa.String, nullable=False, server_default=""))
        person.alter_column("email", new_column_name="work_email")
    op.execute("UPDATE person SET known_as = upper(name)")
    op.create_index("ix_person_known_as", "person", ["known_as"])


def downgrade() -> None:
    op.drop_index("ix_person_known_as", "person")
    with op.batch_alter_table("person") as person:
        person.alter_column("work_email", new_column_name="email")
        person.drop_column("known_as")
