"""Loading an HR extract of 30,000 people: through the whole of ``import people``, against reading the file alone."""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from benchmarks.measure import Result, peak_megabytes, report, seconds


def main(people: int = 30_000) -> None:
    """Write the sample, read it bare, import it."""
    from app.files.options import ReadOptions
    from app.files.sample import write_sample
    from app.progress import silent
    from app.workspace import Workspace

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        sample = write_sample(folder, people, 1, date(2026, 11, 23), workbook_up_to=1_000_000)
        baseline = seconds(lambda: _bare(sample.hr_extract), runs=3)
        taken: list[float] = []
        for number in range(3):
            with Workspace.open(folder / f"{number}.muster", create=True) as ws:
                ws.frameworks.commit_import(ws.frameworks.preview_bundled())
                begun = time.perf_counter()
                preview = ws.people.preview_import(sample.hr_extract, ReadOptions(), silent())
                ws.people.commit_import(preview, silent())
                taken.append(time.perf_counter() - begun)
    target = 4.0 if people <= 30_000 else 5.0
    note = f"peak {peak_megabytes():,.0f} MB"
    report(
        Result(
            f"people import, {people:,} rows",
            "calamine reading the file",
            sorted(taken)[1],
            baseline,
            target,
            note=note,
        )
    )


def _bare(path: Path) -> object:
    from python_calamine import CalamineWorkbook

    with path.open("rb") as file:
        return CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30_000)
