"""How fast titles are ranked, beside a bare ``rapidfuzz.process.cdist`` of the same titles in the same run.

    python -m benchmarks.title_speed [TITLES.csv] [--count 30000]

Distinct titles are made from a file with a column ``title`` (without one from the project's own labelled titles)
by adding places and numbers. Target: ranking within twice the time of cdist against all role-level names, and less
than 500 MB. ``rank`` gives answers, levels and scores as columns; ``suggest`` adds a record and a reason to each.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path

from app.analysis.role_match import RoleMatcher, TitleQuery
from benchmarks.titles import official_targets, own_titles

PLACES = (
    "Croydon",
    "Leeds",
    "Bootle",
    "Cardiff",
    "Team A",
    "North",
    "Newcastle",
    "Glasgow",
    "Operations",
    "HQ",
)


def distinct_titles(seeds: Sequence[str], count: int) -> list[str]:
    """``count`` distinct titles: the seeds, then the seeds with a place and a number."""
    seeds = list(dict.fromkeys(seeds))
    extra = (f"{seeds[n % len(seeds)]} {PLACES[n // len(seeds) % len(PLACES)]} {n}" for n in range(count))
    return (seeds + list(extra))[:count]


def best_of(rounds: int, work: Callable[[], object]) -> float:
    """The shortest time of some rounds, in seconds."""
    times: list[float] = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def measure(titles: Sequence[str], rounds: int = 3) -> dict[str, float]:
    """Seconds of cdist, rank and suggest, their ratios, and the peak of memory ranking takes in megabytes."""
    from rapidfuzz import process  # slow to import, and only this needs it

    targets = official_targets()
    names = [level for target in targets for level in target.levels]
    queries = [TitleQuery(title) for title in titles]
    matcher = RoleMatcher(targets)
    bare = best_of(rounds, lambda: process.cdist(titles, names))
    ranked = best_of(rounds, lambda: matcher.rank(queries))
    suggested = best_of(1, lambda: matcher.suggest(queries))
    tracemalloc.start()
    matcher.suggest(queries)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return {
        "cdist_s": bare,
        "rank_s": ranked,
        "suggest_s": suggested,
        "rank_ratio": ranked / bare,
        "suggest_ratio": suggested / bare,
        "peak_mb": peak,
    }


def main(arguments: Sequence[str]) -> int:
    """Print the measurements."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.title_speed")
    parser.add_argument("titles", type=Path, nargs="?", help="file of job titles (CSV with a column title)")
    parser.add_argument("--count", type=int, default=30_000)
    chosen = parser.parse_args(arguments)
    seeds = [row["title"] for row in own_titles()]
    if chosen.titles is not None:
        with chosen.titles.open(encoding="utf-8-sig", newline="") as file:
            seeds = [row["title"] for row in csv.DictReader(file)]
    for name, value in measure(distinct_titles(seeds, chosen.count)).items():
        print(f"{name:15}{value:9.3f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
