"""Makes the running program the next version: one that knows a step more."""

from __future__ import annotations

from pathlib import Path

from app.db import migrations

STEPS = Path(__file__).parent / "steps"
SETTINGS = {
    "REVISIONS": (*migrations.REVISIONS, "next"),
    "SCHEMA_NUMBER": migrations.SCHEMA_NUMBER + 1,
    "STEP_FOLDERS": (*migrations.STEP_FOLDERS, STEPS),
}


def become() -> None:
    """For a child process that is only ever the next version."""
    for name, value in SETTINGS.items():
        setattr(migrations, name, value)
