"""The real files that tests read and that are kept beside the checkout, not in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
OVERRIDE = "MUSTER_SHARED_DATA"


def root() -> Path:
    """The folder of real files: ``../shared/data`` beside the checkout, or what MUSTER_SHARED_DATA names."""
    named = os.environ.get(OVERRIDE)
    return Path(named) if named else PROJECT.parent / "shared" / "data"


def path(relative: str) -> Path:
    """A real file or folder, such as ``framework/known_changes.csv``; skips the test where it is absent."""
    found = root() / relative
    if not found.exists():
        pytest.skip(f"real data absent: {relative} (looked in {root()}; {OVERRIDE} names another folder)")
    return found
