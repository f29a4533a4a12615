"""Finds the data files that travel with the program (``resources/``)."""

from __future__ import annotations

from pathlib import Path


def resource(*parts: str) -> Path:
    """The path of a bundled file or folder, such as ``resource("titles", "phrases.csv")``."""
    return Path(__file__).resolve().parent.parent / "resources" / Path(*parts)
