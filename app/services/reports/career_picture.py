"""The career map in words and marks, as the chart wants it."""

from __future__ import annotations

from collections.abc import Sequence

from app.charts.career_map import CareerMark, CareerPicture
from app.services.workforce.mobility import LevelPlace


def in_order(places: Sequence[LevelPlace]) -> list[LevelPlace]:
    """The places in the order of their marks."""
    return sorted(places, key=lambda one: (one.level.family.casefold(), one.level.role_level_id))


def career_picture(places: Sequence[LevelPlace], start: str = "") -> CareerPicture:
    """Role levels as marks, families in the order of their names."""
    ordered = in_order(places)
    marks = tuple(
        CareerMark(one.x, one.y, one.level.name, one.level.family, one.is_marked) for one in ordered
    )
    title = (
        f"Role levels near to {start}" if start else f"How near {len(marks)} role levels are to one another"
    )
    return CareerPicture(
        marks,
        title,
        "The nearer two marks, the fewer steps of skills apart. Labels without room are in the table only.",
    )
