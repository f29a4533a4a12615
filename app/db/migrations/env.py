"""Alembic runs this for every upgrade and downgrade. The connection and its transaction are the caller's."""

from __future__ import annotations

from alembic import context

from app.models import Revision

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Revision.metadata,
    # SQLite cannot alter much of a table; batch mode makes it anew and copies the rows
    render_as_batch=True,
)
context.run_migrations()
