"""Organograms counted the plain way: csv and dictionaries, nothing of the program."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from tests import shared_data
from tests.counts import chosen

FOLDER = "organograms"
GRADES = ("Grade (or equivalent)", "Grade", "grade")
TITLES = ("Job Title", "Generic Job Title", "jobTitle")
UNITS = ("Unit", "unit")
FTES = ("FTE", "Number of Posts in FTE")
_PLACEHOLDERS = {"", "n/a", "0", "eliminated", "not in post"}


def real_files() -> list[str]:
    """Every published posts file that is there, by its path below the folder of real data."""
    folder = shared_data.root() / FOLDER
    found = sorted(folder.rglob("*.csv")) if folder.is_dir() else []
    return [path.relative_to(folder.parent).as_posix() for path in found if path.name != "MANIFEST.csv"]


def some_real_files(seed: str) -> list[object]:
    """The real files to test on, a share of them by default; one test that is skipped where there are none."""
    return [*chosen(real_files(), seed)] or [
        pytest.param("", marks=pytest.mark.skip("real data absent: organograms"))
    ]


def plain_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a file; some files have two columns without a heading."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        heads, *rows = csv.reader(stream)
    return [dict(zip(_apart(heads), row, strict=True)) for row in rows]


def _apart(heads: list[str]) -> list[str]:
    """Headings as they are; the second column without one is told apart by a blank."""
    return [" " if not head and place and not heads[0] else head for place, head in enumerate(heads)]


def cell(row: Mapping[str, str], names: tuple[str, ...]) -> str:
    """The first of these columns that the row has."""
    return next((row[name] for name in names if name in row), "")


def folded(text: str) -> str:
    """A text regardless of case and blanks."""
    return " ".join(text.split()).casefold()


def plain_unit(row: Mapping[str, str]) -> str:
    """The end of a post's path: its unit, or the organisation where none is named."""
    unit = folded(cell(row, UNITS))
    if unit not in _PLACEHOLDERS:
        return unit
    return folded(row.get("Organisation", ""))


def counted(rows: list[dict[str, str]], key: tuple[str, ...]) -> Counter[str]:
    """Rows by the text of a column."""
    return Counter(folded(cell(row, key)) for row in rows)


def plain_fte(rows: list[dict[str, str]]) -> Decimal:
    """The sum of what FTE was published."""
    return sum((Decimal(text) for row in rows if (text := cell(row, FTES).strip())), Decimal(0))
