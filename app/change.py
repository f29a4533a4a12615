"""What one write touched, and what it returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Change:
    """The kinds of row one write touched. Pages decide from ``tables`` whether to load again."""

    action: str
    tables: frozenset[str] = field(default_factory=frozenset[str])
    revision: int = 0
    action_id: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing was changed at all."""
        return not self.tables


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """The result of a write: a frozen record, and the Change that came with it."""

    value: T
    change: Change
