"""What a reader is told beside the file: where to look, what headings mean, which names are known."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Everything about reading that the user or the service can decide.

    ``mapping`` is their heading (or column letter) -> our name, "" leaving the column out. ``sheet`` and
    ``header_row`` (as Excel numbers it) are found out when blank. ``day_first`` settles a date column that
    can be read both ways. ``skills`` and ``staff_ids`` are the known ones; None means that any is taken.
    """

    mapping: Mapping[str, str] = field(default_factory=dict[str, str])
    sheet: str = ""
    header_row: int = 0
    encoding: str = ""
    day_first: bool | None = None
    skills: Collection[str] | None = None
    staff_ids: Collection[str] | None = None
    seconds: float = 120.0
    megabytes: int = 2_048
