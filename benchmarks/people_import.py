"""Loading an HR extract of 30,000 people, or as many as are named, against reading the file alone."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from benchmarks.measure import Result, peak_megabytes, report, seconds


def main(people: int = 30_000) -> None:
    """Write the sample's extract in a process of its own, read it bare, import it."""
    from app.files.options import ReadOptions
    from app.progress import silent
    from app.workspace import Workspace

    runs = 3 if people <= 50_000 else 1
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        extract = folder / "hr-extract.xlsx"
        writing = (sys.executable, "-m", "benchmarks.people_import", str(people), str(extract))
        subprocess.run(writing, check=True)
        taken: list[float] = []
        for number in range(runs):
            with Workspace.open(folder / f"{number}.muster", create=True) as ws:
                ws.frameworks.commit_import(ws.frameworks.preview_bundled())
                begun = time.perf_counter()
                preview = ws.people.preview_import(extract, ReadOptions(), silent())
                ws.people.commit_import(preview, silent())
                taken.append(time.perf_counter() - begun)
                del preview
        note = f"peak {peak_megabytes():,.0f} MB before the baseline"
        baseline = seconds(lambda: _bare(extract), runs=runs, warm_up=0)
    target = 4.0 if people <= 30_000 else 5.0
    report(
        Result(
            f"people import, {people:,} rows",
            "calamine reading the file",
            sorted(taken)[runs // 2],
            baseline,
            target,
            note=note,
        )
    )


def _write(people: int, path: Path) -> None:
    from app.files.plain_workbook import write_plain_workbook
    from app.files.sample import HEADINGS, people_rows
    from app.files.sample_people import make_people
    from app.files.sample_recipe import Dice, read_recipe

    day, recipe = date(2026, 11, 23), read_recipe()
    rows = people_rows(recipe, make_people(recipe, people, Dice(1), day))
    write_plain_workbook(path, sheet="Staff in post", headings=HEADINGS, rows=rows, dated=day)


def _bare(path: Path) -> object:
    from python_calamine import CalamineWorkbook

    with path.open("rb") as file:
        return CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()


if __name__ == "__main__":
    if len(sys.argv) > 2:
        _write(int(sys.argv[1]), Path(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 30_000)
