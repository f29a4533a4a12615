"""The sample organisation's strategy and contracts: invented, dated from the day of the sample, sized by its people.

Files of the kind people have, loaded through the importers everybody uses. Priorities carry no weights, so that the
sample's plan is that of its skills alone.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from app.files.atomic import atomic_write
from app.terms import FinancialQuarter

STRATEGY_HEADINGS = (
    "area", "priority", "target_date", "programme", "role", "role_level", "skill", "fte", "from_quarter", "to_quarter",
)  # fmt: skip
CONTRACT_HEADINGS = (
    "supplier", "service", "end_date", "role_level", "fte", "value_gbp", "day_rate_gbp", "retained_pct",
)  # fmt: skip

_PLATFORMS = "Platforms, components and business capabilities"
_NEEDS: tuple[tuple[str, str, int | None, str, str, str, str, float, int, int], ...] = (
    ("Better use of data", "One place for case data", 5, "Case data hub", "", "Senior data engineer", "", 2.0, 1, 5),
    ("Better use of data", "One place for case data", 5, "Case data hub", "", "Data engineer", "", 4.0, 1, 5),
    ("Better use of data", "Figures that ministers can trust", 3, "", "", "Data analyst", "", 1.0, 1, 3),
    ("Business transformation", "Renewals without paper", 4, "Renewals", "", "Senior service designer", "", 2.0, 1, 4),
    ("Business transformation", "Renewals without paper", 4, "Renewals", "", "Senior developer", "", 5.0, 1, 4),
    ("Business transformation", "Forms that everybody can use", 2, "", "User researcher", "", "", 0, 0, 0),
    (_PLATFORMS, "Hosting of our own", 6, "", "", "Lead infrastructure engineer", "", 1.0, 2, 6),
    (_PLATFORMS, "Off the oldest systems", 0, "", "", "Lead developer", "", 8.0, 0, 0),
    ("People, skills and culture", "Teams that deliver in the open", None, "", "Delivery manager", "", "", 0, 0, 0),
    ("Tools, processes and governance", "Buying that keeps options open", 7, "", "", "", "", 0, 0, 0),
)  # fmt: skip
"""Area, priority, quarters until its date, programme, role, role level, skill, FTE per 1,000 people, from, to."""

_CONTRACTS = (
    ("Northgate Example Ltd", "Case hosting", 2, "Senior infrastructure engineer", 6.0, 4_200_000, 690, 75),
    ("Northgate Example Ltd", "Case hosting", 2, "Infrastructure engineer", 10.0, 4_200_000, 560, 60),
    ("Blue Arc Example Ltd", "Payments", 4, "Lead developer", 4.0, 1_900_000, 780, 100),
)
"""Supplier, service, quarters until its end, role level, FTE per 1,000 people, value, day rate, share retained."""


def write_sample_strategy(folder: Path, people: int, as_at: date) -> tuple[Path, Path]:
    """Write the strategy and the contracts into ``folder``; returns both paths. The same input, the same bytes."""
    now = FinancialQuarter.of(as_at)
    needs = [
        (
            area, priority, (now + quarters).last_day.isoformat() if quarters is not None else "", programme, role,
            level, skill, _fte(fte, people), (now + first).code if fte else "", (now + last).code if fte else "",
        )
        for area, priority, quarters, programme, role, level, skill, fte, first, last in _NEEDS
    ]  # fmt: skip
    contracts = [
        (
            supplier,
            service,
            (now + quarters).last_day.isoformat(),
            level,
            _fte(fte, people),
            value,
            rate,
            retained,
        )
        for supplier, service, quarters, level, fte, value, rate, retained in _CONTRACTS
    ]
    return (
        _write(folder / "strategy.csv", STRATEGY_HEADINGS, needs),
        _write(folder / "contracts.csv", CONTRACT_HEADINGS, contracts),
    )


def _fte(per_thousand: float, people: int) -> str:
    """FTE for so many people, at least a half; blank where none is stated."""
    return f"{max(0.5, round(per_thousand * people / 500) / 2):.1f}" if per_thousand else ""


def _write(path: Path, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows(rows)
    data = buffer.getvalue().encode("utf-8")

    def write(place: Path) -> None:
        place.write_bytes(data)

    return atomic_write(path, write)
