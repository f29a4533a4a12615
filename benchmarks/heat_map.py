"""The heat map of 60 departments × 190 skills on the screen: one frame of scrolling, and every cell painted."""

from __future__ import annotations

import os
import time

import numpy as np

from benchmarks.measure import Result, report, seconds

ROWS, COLUMNS = 60, 190
MOST_FRAME, MOST_WHOLE = 0.016, 0.1


def main() -> None:
    """Scroll right and down by a step at a time, then show all cells at once."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from app.ui import theme
    from app.ui.heatmap import MIN_CELL, Heatmap, HeatmapData

    app = QApplication([])
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    rng = np.random.default_rng(1)
    required = rng.integers(0, 500, (ROWS, COLUMNS))
    # most cells are well covered; about one in nine is hatched
    assessed = (required * rng.beta(5, 2, (ROWS, COLUMNS))).astype(np.int64)
    short = (assessed * rng.random((ROWS, COLUMNS))).astype(np.int64)
    widget = Heatmap()
    widget.resize(1280, 800)
    widget.show()
    widget.set_data(
        HeatmapData(
            tuple(f"Department {row}" for row in range(ROWS)),
            tuple(f"Skill number {column}" for column in range(COLUMNS)),
            required, assessed, short, short * 2,
        )
    )  # fmt: skip
    app.processEvents()
    frames: list[float] = []
    for bar in (widget.grid.horizontalScrollBar(), widget.grid.verticalScrollBar()):
        end = bar.maximum()
        for step in range(40):
            begun = time.perf_counter()
            bar.setValue(end * (step + 1) // 40)
            app.processEvents()
            frames.append(time.perf_counter() - begun)
    slow = sorted(frames)[int(len(frames) * 0.95)]
    widget.resize(COLUMNS * MIN_CELL.width() + 500, ROWS * MIN_CELL.height() + 400)
    app.processEvents()
    whole = seconds(widget.grid.viewport().repaint)
    note = f"95 % of frames; median {sorted(frames)[len(frames) // 2] * 1000:.1f} ms"
    cells = widget.grid.viewport().size()
    report(
        Result(f"heat map {ROWS} × {COLUMNS}: one frame of scrolling", "16 ms", slow, MOST_FRAME, 1.0, note=note),
        Result(
            f"heat map {ROWS} × {COLUMNS}: all cells", "100 ms", whole, MOST_WHOLE, 1.0,
            note=f"{cells.width()} × {cells.height()} pixels",
        ),
    )  # fmt: skip
    widget.close()


if __name__ == "__main__":
    main()
