"""How many random cases a test tries: all of them with ``--all``, a fixed share of them without."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

WHOLE = "MUSTER_TEST_ALL"
"""Environment variable that stands for ``--all``; conftest sets it, so that child processes know too."""

_SHARE = 40
_FEWEST = 5


def is_whole() -> bool:
    """Whether the large random counts run whole."""
    return os.environ.get(WHOLE) == "1"


def share(count: int) -> int:
    """``count`` with ``--all``; otherwise a fortieth of it, at least 5 (never more than ``count``)."""
    return count if is_whole() else min(count, max(_FEWEST, count // _SHARE))


def chosen(cases: Sequence[T], seed: str) -> list[T]:
    """All of ``cases`` with ``--all``; otherwise the same seeded share of them every time, in their order."""
    if is_whole():
        return list(cases)
    picked = random.Random(seed).sample(range(len(cases)), share(len(cases)))
    return [cases[position] for position in sorted(picked)]
