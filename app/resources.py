"""Finds the data files that travel with the program (``resources/``)."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def _folder() -> Path:
    """Asked for with every icon: to follow links once is enough."""
    return Path(__file__).resolve().parent.parent / "resources"


def resource(*parts: str) -> Path:
    """The path of a bundled file or folder, such as ``resource("titles", "phrases.csv")``."""
    return _folder().joinpath(*parts)
