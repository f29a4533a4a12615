"""The first painted window against a bare QMainWindow, each in a new process, median of several."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile

from benchmarks.measure import Result, report

RUNS = 7

BARE = """
import time; begun = time.perf_counter()
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
class Window(QMainWindow):
    def paintEvent(self, event):
        print(time.perf_counter() - begun, flush=True); QTimer.singleShot(0, app.quit)
app = QApplication([]); window = Window(); window.resize(1280, 800); window.show(); app.exec()
"""

OURS = """
import time; begun = time.perf_counter()
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from app.settings import Settings
from app.ui import application
from app.ui.main_window import MainWindow
app = QApplication([]); settings = Settings()
look = application.set_up(app, settings.text("appearance"))
window = MainWindow(settings, application.real_doors(), look.choose)
def told():
    print(time.perf_counter() - begun, flush=True); QTimer.singleShot(0, app.quit)
window.painted.connect(told); window.resize(1280, 800); window.show(); app.exec(); application.leave(window)
"""


def main() -> None:
    """Start both in turn, so that a machine that slows down slows both."""
    bare: list[float] = []
    ours: list[float] = []
    with tempfile.TemporaryDirectory() as place:
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "MUSTER_CONFIG": place}
        for number in range(RUNS + 1):
            pair = (_start(BARE, environment), _start(OURS, environment))
            if number:  # the first pair warms the file cache
                bare.append(pair[0])
                ours.append(pair[1])
    report(
        Result(
            "first painted window", "bare QMainWindow", statistics.median(ours), statistics.median(bare), 2.0
        )
    )


def _start(script: str, environment: dict[str, str]) -> float:
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return float(done.stdout.splitlines()[0])


if __name__ == "__main__":
    main()
