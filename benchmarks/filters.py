"""A change of filter with the whole Civil Service open, and the gap table by hand in pandas beside ours."""

from __future__ import annotations

import sqlite3
import sys
import time
from pathlib import Path

from benchmarks.big_workspace import NOW, PEOPLE, TODAY, big_workspace
from benchmarks.measure import Result, peak_megabytes, report, seconds

MOST_SECONDS = 0.1
TIMES_FASTER = 20


def main(people: int = PEOPLE) -> None:
    """Load, compare with pandas, then change every part of the scope."""
    from app.services.scope import Scope
    from app.workspace import Workspace

    path = big_workspace(people)
    with Workspace.open(path, clock=lambda: NOW, read_only=True) as ws:
        begun = time.perf_counter()
        shown = ws.gaps.heatmap(Scope())
        loaded = time.perf_counter() - begun
        department, family = shown.groups[2].label, "Data"
        scopes = {
            "department": Scope(departments=(department,)),
            "role family": Scope(role_family=family),
            "without contractors": Scope(with_contractors=False),
            "as at today": Scope(as_at=TODAY),
        }
        taken = {name: seconds(lambda scope=scope: ws.gaps.heatmap(scope)) for name, scope in scopes.items()}
        note = f"peak {peak_megabytes():,.0f} MB"
        report(
            *(
                Result(f"filter change, {people:,}: {name}", "100 ms", one, MOST_SECONDS, 1.0, note=note)
                for name, one in taken.items()
            )
        )
        short = int(shown.short.sum())
    begun = time.perf_counter()
    by_hand = _by_hand(path)
    baseline = time.perf_counter() - begun
    agreed = "same figures" if by_hand == short else f"DIFFERENT: {by_hand:,} against {short:,} short"
    report(
        Result(
            f"gap table of {people:,} from the file",
            "pandas: read, merge, group",
            loaded,
            baseline,
            1 / TIMES_FASTER,
            note=f"{baseline / loaded:.0f} × faster; {agreed}",
        )
    )


def _by_hand(path: Path) -> int:
    """People short, summed over departments and skills, as somebody with pandas would work it out."""
    import pandas as pd

    file = sqlite3.connect(path)
    people = pd.read_sql_query(
        "SELECT p.id AS person_id, p.start_date, p.end_date, s.unit_id, s.status FROM person AS p "
        "JOIN person_spell AS s ON s.person_id = p.id AND s.valid_to IS NULL",
        file,
    )
    roles = pd.read_sql_query(
        "SELECT person_id, role_level_id FROM role_assignment WHERE is_primary AND valid_to IS NULL", file
    )
    required = pd.read_sql_query(
        "SELECT role_level_id, skill_id, level AS required FROM requirement WHERE level IS NOT NULL", file
    )
    held = pd.read_sql_query("SELECT person_id, skill_id, level AS held FROM current_level", file)
    units = pd.read_sql_query("SELECT id AS unit_id, path FROM unit", file)
    file.close()
    today = TODAY.isoformat()
    people = people[
        (people["status"] == "active") & ~(people["end_date"] < today) & ~(people["start_date"] > today)
    ]
    units["department"] = units["path"].str.split(" / ").str[0]
    people = people.merge(units[["unit_id", "department"]], on="unit_id")
    pairs = people.merge(roles, on="person_id").merge(required, on="role_level_id")
    pairs = pairs.merge(held, on=["person_id", "skill_id"], how="left")
    pairs["assessed"] = pairs["held"].notna()
    pairs["short"] = pairs["assessed"] & (pairs["held"] < pairs["required"])
    pairs["levels"] = (pairs["required"] - pairs["held"]).clip(lower=0)
    table = pairs.groupby(["department", "skill_id"]).agg(
        required=("person_id", "size"),
        assessed=("assessed", "sum"),
        short=("short", "sum"),
        levels=("levels", "sum"),
    )
    return int(table["short"].sum())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE)
