"""Opening the whole Civil Service and showing its heat map, from a cold start: a new process, a file not in memory.

The baseline is the least anybody could do: a bare window, and the same rows out of the file through a raw cursor. Both
start after the file was dropped from the system's cache, in turn, and the medians are compared.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.big_workspace import NOW, PEOPLE, big_workspace, evict
from benchmarks.measure import Result, report

RUNS = 3
MOST_SECONDS, MOST_MEGABYTES = 3.0, 900.0

BARE = """
import time; begun = time.perf_counter()
import resource, sqlite3, sys
import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
class Window(QMainWindow):
    def paintEvent(self, event):
        QTimer.singleShot(0, load)
def load():
    file = sqlite3.connect(sys.argv[1])
    people = file.execute('''SELECT p.id, p.staff_id, p.name, s.unit_id, s.grade, s.employment, s.status,
        s.fte_hundredths, s.job_title, s.location, p.start_date, p.end_date, p.profession
        FROM person_spell AS s JOIN person AS p ON p.id = s.person_id WHERE s.valid_to IS NULL
        ORDER BY p.id''').fetchall()
    roles = file.execute('''SELECT person_id, role_level_id FROM role_assignment
        WHERE is_primary AND valid_to IS NULL ORDER BY person_id''').fetchall()
    levels = np.fromiter((row[0] for row in file.execute(
        "SELECT person_id << 40 | skill_id << 8 | level FROM current_level")), np.int64)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(time.perf_counter() - begun, peak, flush=True); app.quit()
app = QApplication([]); window = Window(); window.resize(1280, 800); window.show(); app.exec()
"""

OURS = """
import time; begun = time.perf_counter()
import resource, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from app.settings import Settings
from app.ui import application
from app.ui.main_window import MainWindow
app = QApplication([]); settings = Settings()
look = application.set_up(app, settings.text("appearance"))
window = MainWindow(settings, application.real_doors(), look.choose)
def look_again():
    if window.workbench is None:
        return
    if window.page is None or window.page.key != "gaps":
        window.show_page("gaps")
        return
    heatmap = window.page.map.heatmap
    if heatmap.cells.rowCount() < 50 or not heatmap.isVisible():
        return
    timer.stop()
    heatmap.grid.viewport().repaint()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(time.perf_counter() - begun, peak, flush=True)
    window.shut_down(); window.close(); app.quit()
timer = QTimer(); timer.timeout.connect(look_again); timer.start(5)
window.painted.connect(lambda: window.open_path(Path(sys.argv[1])))
window.resize(1280, 800); window.show(); app.exec(); application.leave(window)
"""


def main(people: int = PEOPLE) -> None:
    """Start both in turn."""
    path = big_workspace(people)
    ours: list[tuple[float, float]] = []
    bare: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as place:
        environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "MUSTER_CONFIG": place,
            "MUSTER_NOW": NOW.isoformat(),
        }
        for _ in range(RUNS):
            bare.append(_start(BARE, path, environment))
            ours.append(_start(OURS, path, environment))
    taken, least = (statistics.median(one[0] for one in runs) for runs in (ours, bare))
    peak = max(one[1] for one in ours)
    what = f"open {people:,} people, heat map shown, cold"
    report(
        Result(
            what, "bare window + raw-cursor load of the rows", taken, least, 1.0, note=f"peak {peak:,.0f} MB"
        ),
        Result(what, f"{MOST_SECONDS:g} s", taken, MOST_SECONDS, 1.0),
        Result(f"memory with {people:,} people open", "900 MB", peak, MOST_MEGABYTES, 1.0, unit="MB"),
    )


def _start(script: str, path: Path, environment: dict[str, str]) -> tuple[float, float]:
    evict(path)
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        env=environment, capture_output=True, text=True, encoding="utf-8", check=False, timeout=300,
    )  # fmt: skip
    if not done.stdout:
        raise RuntimeError(done.stderr[-2000:])
    seconds, peak = done.stdout.splitlines()[0].split()
    return float(seconds), float(peak)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE)
