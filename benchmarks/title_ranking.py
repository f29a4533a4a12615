"""30,000 distinct titles ranked, against a bare ``cdist`` of the same titles and all role-level names."""

from __future__ import annotations

from benchmarks.measure import Result, report
from benchmarks.title_speed import distinct_titles, measure
from benchmarks.titles import own_titles


def main(count: int = 30_000) -> None:
    """Ranking alone, and with records and reasons made for every title."""
    found = measure(distinct_titles([row["title"] for row in own_titles()], count))
    note = f"peak of ranking {found['peak_mb']:,.0f} MB"
    against = "rapidfuzz cdist ratio, same titles × names"
    report(
        Result(f"titles ranked, {count:,}", against, found["rank_s"], found["cdist_s"], 2.0, note=note),
        Result(f"titles ranked with reasons, {count:,}", against, found["suggest_s"], found["cdist_s"], 0.0),
    )


if __name__ == "__main__":
    main()
