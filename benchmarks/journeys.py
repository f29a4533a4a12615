"""Walks through the window with the whole Civil Service open: how long an answer takes, and how long the window stalls.

A timer of one millisecond runs in the window's thread; the longest time between two of its ticks is the longest pause
a user could have felt, whatever caused it: painting, filling a table, or a worker that kept the interpreter.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from benchmarks.big_workspace import NOW, PEOPLE, big_workspace
from benchmarks.measure import Result, peak_megabytes, report

if TYPE_CHECKING:
    from app.ui.main_window import MainWindow

MOST_PAUSE, MOST_FILTER = 0.05, 0.1
REPEATS = 2
"""A change of filter goes there and back so many times; its median counts, and the longest pause of all of them."""
ENOUGH = 10.0
"""Seconds after which no further filter is tried on a page: a slow one has shown itself by then."""
PATIENCE = 20.0
"""Seconds after which a journey is given up, and its work cancelled."""

FILTERED = ("gaps", "overview", "profession", "assessments", "people")


@dataclass(slots=True)
class Felt:
    """Seconds until the answer was on the screen, and the longest pause meanwhile."""

    taken: float
    pause: float


class Watch:
    """Drives the window and feels for pauses."""

    def __init__(self, app: Any) -> None:
        from PySide6.QtCore import QEventLoop, Qt, QTimer

        self._app = app
        self._flag = QEventLoop.ProcessEventsFlag.WaitForMoreEvents
        self._last = time.perf_counter()
        self._longest = 0.0
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(1)

    def _tick(self) -> None:
        now = time.perf_counter()
        self._longest = max(self._longest, now - self._last)
        self._last = now

    def walk(self, act: Callable[[], object], is_done: Callable[[], bool]) -> Felt:
        """Do something and wait until it is on the screen and nothing is under way."""
        gc.collect()  # what earlier journeys left behind is not this one's
        self._settle()
        self._longest, self._last = 0.0, time.perf_counter()
        begun = time.perf_counter()
        act()
        while not is_done():
            self._app.processEvents(self._flag)  # sleeps until the next tick, as the window's own loop does
            if time.perf_counter() - begun > PATIENCE:
                break  # it counts with all the time it was given
        self._app.processEvents()
        taken = time.perf_counter() - begun
        self._settle()
        return Felt(taken, self._longest)

    def _settle(self) -> None:
        """A few rounds more: what was put off (layouts, paintings, tooltips) belongs to the journey too."""
        until = time.perf_counter() + 0.1
        while time.perf_counter() < until:
            self._app.processEvents()
            time.sleep(0.0005)
        self._tick()


class Walker:
    """The journeys, over one window."""

    def __init__(self, window: MainWindow, watch: Watch) -> None:
        self.window, self.watch = window, watch
        self.found: dict[str, Felt] = {}

    @property
    def page(self) -> Any:
        """The page that is shown."""
        return self.window.page

    def _is_idle(self) -> bool:
        return self.window.jobs.is_idle

    def _is_shown(self) -> bool:
        """Whether the page has shown its latest answer; what it asks besides may still be under way."""
        return self.page._job is None

    def walk(self, name: str, act: Callable[[], object], is_done: Callable[[], bool] | None = None) -> Felt:
        """One journey, noted under its name."""
        felt = self.watch.walk(act, lambda: self._is_idle() and (is_done is None or is_done()))
        self.found[name] = felt
        print(
            f"{name}: {felt.taken * 1000:.0f} ms, pause {felt.pause * 1000:.0f} ms",
            file=sys.stderr,
            flush=True,
        )
        return felt

    def show(self, key: str) -> None:
        """Open a page for the first time."""
        window = self.window
        self.walk(
            f"open {key}",
            lambda: window.show_page(key),
            lambda: self.page is not None and self.page.key == key and self.page.state == "full",
        )

    def filters(self, key: str) -> Felt:
        """Another department, family and so on, and everybody again, on the page shown."""
        from app.services.scope import Scope

        assert self.window.workspace is not None
        state = self.window.workbench.context.scope  # type: ignore[union-attr]
        units = [unit.path for unit in self.window.workspace.people.units() if " / " not in unit.path]
        scopes = (
            Scope(departments=(units[2],)),
            Scope(role_family="Data"),
            Scope(with_contractors=False),
            replace(Scope(departments=(units[5],)), with_contractors=False),
        )
        felt: list[Felt] = []
        until = time.perf_counter() + ENOUGH
        for _ in range(REPEATS):
            for scope in scopes:
                if felt and time.perf_counter() > until:
                    break
                felt += [
                    self.watch.walk(lambda to=to: state.set(to), self._is_shown) for to in (scope, Scope())
                ]
        whole = Felt(sorted(one.taken for one in felt)[len(felt) // 2], max(one.pause for one in felt))
        slowest = max(one.taken for one in felt)
        self.found[f"filters on {key}"] = whole
        print(
            f"filters on {key}: {whole.taken:.3f} slowest {slowest:.3f} pause {whole.pause:.3f}",
            file=sys.stderr,
        )
        return Felt(slowest, whole.pause)


def main(people: int = PEOPLE) -> None:
    """Open the workspace in a window and walk."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["MUSTER_NOW"] = NOW.isoformat()
    path = big_workspace(people)
    with tempfile.TemporaryDirectory() as place:
        os.environ["MUSTER_CONFIG"] = place
        from PySide6.QtWidgets import QApplication

        from app.settings import Settings
        from app.ui import application
        from app.ui.main_window import MainWindow
        from app.ui.rubbish import Collector

        app = QApplication([])
        collector = Collector(app)
        settings = Settings()
        look = application.set_up(app, settings.text("appearance"))
        window = MainWindow(settings, application.real_doors(), look.choose)
        window.resize(1280, 800)
        window.show()
        watch = Watch(app)
        walker = Walker(window, watch)
        opened = lambda: window.page is not None and window.page.state == "full"  # noqa: E731
        walker.walk("open the workspace", lambda: window.open_path(path), opened)
        filters = {key: _on_page(walker, key) for key in FILTERED}
        application.leave(window)
        collector.stop()
    note = f"peak {peak_megabytes():,.0f} MB"
    report(
        *(Result(f"filter change on the page {key}, {people:,}: median", "100 ms", felt.taken, MOST_FILTER, 1.0,
                 note=f"slowest {slowest.taken * 1000:.0f} ms")
          for key, (felt, slowest) in filters.items()),
        *(Result(f"longest pause: {name}", "50 ms", felt.pause, MOST_PAUSE, 1.0, note=_took(felt))
          for name, felt in walker.found.items()),
        Result("longest pause of all journeys", "50 ms", max(one.pause for one in walker.found.values()), MOST_PAUSE,
               1.0, note=note),
    )  # fmt: skip


def _took(felt: Felt) -> str:
    return "GIVEN UP" if felt.taken >= PATIENCE else f"took {felt.taken * 1000:.0f} ms"


def _on_page(walker: Walker, key: str) -> tuple[Felt, Felt]:
    walker.show(key)
    if key == "gaps":
        _in_gaps(walker)
    elif key == "people":
        _in_people(walker)
    slowest = walker.filters(key)
    return walker.found[f"filters on {key}"], slowest


def _in_gaps(walker: Walker) -> None:
    from app.services.gap_frame import Grouping
    from app.services.gap_views import HeatOrder
    from app.ui.parts.gap_details import CellDetails, PersonGaps

    page = walker.page
    card, drawer = page.map, page.drawer
    walker.walk("gaps: sort by share", lambda: card.options.choose(HeatOrder.WORST_SHARE))
    walker.walk("gaps: group by family", lambda: card.options.choose(Grouping.FAMILY))
    walker.walk("gaps: without groups", lambda: card.options.choose(Grouping.NONE))
    walker.walk("gaps: the whole map", card.heatmap.fit_whole)
    walker.walk("gaps: back to figures", card.heatmap.fit_whole)
    bar = card.heatmap.grid.horizontalScrollBar()
    walker.walk("gaps: scroll", lambda: bar.setValue(bar.maximum()))
    walker.walk("gaps: one cell", lambda: card.heatmap.cell_clicked.emit(1, 1),
                lambda: isinstance(drawer.content, CellDetails))  # fmt: skip
    drawer.shut()
    walker.walk("gaps: everybody behind a skill", lambda: card.heatmap.cell_clicked.emit(0, 1),
                lambda: not drawer.isHidden() and isinstance(drawer.content, CellDetails))  # fmt: skip
    walker.walk("gaps: them as a table", page.drill.show_table)
    number = page.drill._pairs[0].person_id
    walker.walk("gaps: one person", lambda: page.open_person(number),
                lambda: isinstance(drawer.content, PersonGaps))  # fmt: skip
    drawer.shut()
    page.drill.show_views()
    for key in ("trend", "compare", "few", "mentors", "skills"):
        walker.walk(f"gaps: {key}", lambda key=key: page.show_view(key))
    page.show_view("map")
    walker.walk("gaps: map again", lambda: None)


def _in_people(walker: Walker) -> None:
    table = walker.page.pane.table
    for column in ("name", "grade", "unit_below"):
        walker.walk(f"people: sort by {column}", lambda column=column: table.sort_by(column))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE)
