"""``python -m benchmarks [--quick] [NAME …]``: what things cost, as ratios against a baseline measured in the same run.

Each benchmark runs in a process of its own, so that memory and warm caches of one do not help the next. Those of the
whole Civil Service share a workspace made once, in a folder that goes away with the run, or stays where
``MUSTER_BENCHMARK_FOLDER`` names one; ``--quick`` leaves them out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.big_workspace import FOLDER
from benchmarks.measure import Result

QUICK: dict[str, tuple[str, ...]] = {
    "people_import": ("people_import",),
    "gap_matrix": ("gap_matrix",),
    "first_window": ("first_window",),
    "heat_map": ("heat_map",),
    "training_plan": ("training_plan",),
    "plan_workbook": ("plan_workbook",),
    "title_ranking": ("title_ranking",),
    "forecast": ("forecast",),
}
LARGE: dict[str, tuple[str, ...]] = {
    "training_plan_30k": ("training_plan", "30000"),
    "open_civil_service": ("open_civil_service",),
    "filters": ("filters",),
    "journeys": ("journeys",),
    "people_import_500k": ("people_import", "500000"),
}
NAMES = {**QUICK, **LARGE}
"""What can be asked for: the module and its arguments."""

PROJECT = Path(__file__).resolve().parent.parent


def run(name: str, folder: str) -> list[Result]:
    """The results of one benchmark; a failure is shown and counts as no result.

    Modules are compiled once, as they are wherever the program is installed, into a folder of the run.
    """
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "QT_QPA_PLATFORM": "offscreen", FOLDER: folder}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "compiled")
    module, *arguments = NAMES[name]
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *arguments],
        cwd=PROJECT, env=environment, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    if done.returncode:
        print(f"{name} failed:\n{done.stderr[-2000:]}", file=sys.stderr)
    return [Result(**json.loads(line)) for line in done.stdout.splitlines() if line.startswith("{")]


def main() -> int:
    """Run the named benchmarks, or all, and print the table; exit code 1 where one failed to run."""
    is_quick = "--quick" in sys.argv[1:]
    wanted = [name for name in sys.argv[1:] if name != "--quick"] or list(QUICK if is_quick else NAMES)
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        print(f"There is no benchmark {unknown[0]}. There are: {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    head = f"{'what':<46} {'against':<44} {'ours':>9} {'baseline':>9} {'ratio':>7} {'target':>7}  note"
    print(head)
    print("-" * len(head))
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in wanted:
            results = run(name, os.environ.get(FOLDER) or folder)
            failed += not results
            for result in results:
                print(_line(result), flush=True)
    return 1 if failed else 0


def _line(result: Result) -> str:
    target = f"≤ {result.target:g}" if result.target else ""
    short = "" if not result.target or result.ratio <= result.target else "  FALLS SHORT"
    figures = f"{result.ours:>7.3f} {result.unit} {result.baseline:>7.3f} {result.unit}"
    return (
        f"{result.what:<46} {result.against:<44} {figures}"
        f" {result.ratio:>6.2f}× {target:>7}  {result.note}{short}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
