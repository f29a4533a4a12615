"""``python -m docs.pictures [--out DIR]``: a picture of every page, light and dark, at two sizes.

Run inside the environment. Pages are shown over the sample organisation, in a window nobody sees. Look at every one
of them before calling a change of the interface done.

A page with views is pictured view by view: ``--page gaps --view all``, or one of map, trend, compare, few, mentors,
skills, and cell, group, person (the drawer open), people (the table behind a figure), whole (the whole map), grouped,
both (two figures in a cell). ``--share`` turns share mode on, ``--grey`` saves in grey, ``--scale 2`` is a screen at
200 %, ``--state busy`` and ``--state error`` show what a page does while it waits and when it fails.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

SIZES = ((1280, 800), (1920, 1080))
LOOKS = ("light", "dark")


def main() -> int:
    """Make the pictures; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m docs.pictures", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "pictures")
    parser.add_argument("--people", type=int, default=1_200)
    parser.add_argument("--workspace", type=Path, help="show this workspace instead of the sample")
    parser.add_argument("--page", action="append", help="only this page; repeatable")
    parser.add_argument("--state", choices=("full", "empty", "busy", "error"), default="full")
    parser.add_argument(
        "--view", action="append", help="only this view of a page; repeatable; all for every one"
    )
    parser.add_argument("--width", type=int, action="append", help="only this width; repeatable")
    parser.add_argument("--look", action="append", choices=LOOKS, help="only this look; repeatable")
    parser.add_argument("--share", action="store_true", help="with share mode on")
    parser.add_argument("--grey", action="store_true", help="as a printer without colour shows it")
    parser.add_argument("--scale", default="1", help="of the screen: 2 for 200 %%")
    parser.add_argument(
        "--history", action="store_true", help="a sample of two days a year apart, with tagged skills"
    )
    wanted = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if wanted.scale != "1":
        os.environ["QT_SCALE_FACTOR"] = wanted.scale
    with tempfile.TemporaryDirectory() as place:
        os.environ["MUSTER_CONFIG"] = place
        path = wanted.workspace or Path(place) / "sample.muster"
        if wanted.workspace is None:
            if wanted.history:
                _make_history(path, wanted.people)
            else:
                _make(path, wanted.people, wanted.state)
        wanted.out.mkdir(parents=True, exist_ok=True)
        _draw(path, wanted)
    return 0


def _make(path: Path, people: int, state: str) -> None:
    from app.progress import silent
    from app.workspace import Workspace

    with Workspace.open(path, create=True) as workspace:
        workspace.starter.furnish(silent())
        if state != "empty":
            workspace.starter.load_sample(people, 1, workspace.today(), silent())
            workspace.starter.plan_sample(people, silent())


def _make_history(path: Path, people: int) -> None:
    """The sample of a year ago, then another one of today: people left, joined, moved and were rated again."""
    from app.progress import silent
    from app.services.scope import Scope
    from app.services.skills import SkillTag
    from app.settings import local_date, now
    from app.workspace import Workspace

    today = local_date(now())
    for seed, day in ((1, today - timedelta(days=365)), (2, today)):
        os.environ["MUSTER_NOW"] = day.isoformat()
        with Workspace.open(path, create=seed == 1) as workspace:
            if seed == 1:
                workspace.starter.furnish(silent())
            workspace.starter.load_sample(people, seed, day, silent())
            names = [one.skill for one in workspace.skills.lines(Scope()) if one.required]
            workspace.skills.set_tag(names[::9], SkillTag.STRATEGIC)
            workspace.skills.set_tag(names[4::15], SkillTag.LEGACY)
            workspace.skills.set_weight(names[::12], 2.5)


def _draw(path: Path, wanted: argparse.Namespace) -> None:
    from PySide6.QtWidgets import QApplication

    from app.progress import silent
    from app.settings import Settings
    from app.ui import application
    from app.ui.doors import open_workspace
    from app.ui.main_window import MainWindow
    from app.ui.pages import available
    from app.ui.rubbish import Collector
    from docs.plan_pictures import plan_states

    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    look = application.set_up(app, "light")
    collector = Collector(app)
    settings = Settings()
    settings.put("share_mode", wanted.share)
    window = MainWindow(settings, application.real_doors(), look.choose)
    window.show_workspace(open_workspace(path, silent()), path)
    scale = int(float(wanted.scale))
    for size in SIZES:
        if wanted.width and size[0] not in wanted.width:
            continue
        window.resize(size[0] // scale, size[1] // scale)  # the same screen, with larger letters
        window.show()
        for name in wanted.look or LOOKS:
            look.choose(name)
            for spec in available():
                if wanted.page and spec.key not in wanted.page:
                    continue
                window.show_page(spec.key)
                _settle(app, window)
                if spec.key == "training" and "states" in (wanted.view or ()):
                    for shown in plan_states(window, lambda: _settle(app, window)):
                        _save(window, wanted, f"training-{shown}-{name}-{size[0]}")
                    continue
                for view in _views(window.page, wanted.view):
                    _turn_to(app, window, view, wanted.state)
                    _save(window, wanted, "-".join(filter(None, (spec.key, view, name, str(size[0])))))
    application.leave(window)
    collector.stop()


def _views(page: object, asked: list[str] | None) -> list[str]:
    """The views to picture: "" is the page as it opens."""
    if not asked or not hasattr(page, "show_view"):
        return [""]
    if getattr(page, "key", "") == "workforce":
        from app.ui.pages.workforce import KEYS

        return list(KEYS) if "all" in asked else [view for view in asked if view in KEYS] or [""]
    return list(GAP_VIEWS) if "all" in asked else asked


GAP_VIEWS = ("map", "cell", "group", "person", "people", "whole", "grouped", "both",
             "trend", "compare", "few", "mentors", "skills")  # fmt: skip


def _turn_to(app: object, window: Any, view: str, state: str) -> None:
    """Bring a page with views to one of them; the map's own states are reached as a user reaches them."""
    page = window.page
    if state == "busy":
        page._busy.watch(
            page.context.jobs.read(lambda progress: progress.step(0.4, "Counting"), print), page.busy_words
        )
        page._states.setCurrentWidget(page._busy)
        return
    if state == "error":
        from app.errors import StoreError

        page.show_error(
            StoreError("The workspace cannot be read.", "Close it and open it again, or restore a backup.")
        )
        return
    if not view:
        return
    tabs = ("trend", "compare", "few", "mentors", "skills") if page.key != "workforce" else (view,)
    page.show_view(view if view in tabs else "map")
    _settle(app, window)
    if view in tabs:
        return
    card = page.map
    card.measure_choice.setCurrentIndex(2 if view == "both" else 0)
    card.options.choose("family" if view == "grouped" else "none")
    if card.heatmap.shows_whole != (view == "whole"):
        card.heatmap.fit_whole()
    _settle(app, window)
    if view in ("cell", "person", "people"):
        card.heatmap.cell_clicked.emit(2, 2)
        _settle(app, window)
    if view == "group":
        card.heatmap.cell_clicked.emit(1, 0)
    if view == "person" and hasattr(page.drawer.content, "person_chosen"):
        page.drawer.content.person_chosen.emit(page.drawer.content.list.lines[0].record)
    if view == "people" and hasattr(page.drawer.content, "all_asked"):
        page.drawer.content.all_asked.emit()
    _settle(app, window)


def _save(window: Any, wanted: argparse.Namespace, name: str) -> None:
    from PySide6.QtGui import QImage

    endings = [wanted.state if wanted.state != "full" else "", "share" if wanted.share else "",
               "grey" if wanted.grey else "", f"{wanted.scale}x" if wanted.scale != "1" else ""]  # fmt: skip
    target = wanted.out / ("-".join([name, *filter(None, endings)]) + ".png")
    image = window.grab().toImage()
    if wanted.grey:
        image = image.convertToFormat(QImage.Format.Format_Grayscale8)
    image.save(str(target))
    print(target)
    if getattr(window.page, "drill", None) is not None and window.page.drill.is_table:
        window.page.drill.show_views()


def _settle(app: object, window: object) -> None:
    """Let the window work until no job is left and nothing waits to be drawn; pictures wait for their room."""
    from PySide6.QtCore import QDeadlineTimer, QEventLoop
    from PySide6.QtWidgets import QApplication

    from app.ui.canvas import is_drawing

    assert isinstance(app, QApplication)
    deadline = QDeadlineTimer(240_000)
    quiet = QDeadlineTimer(200)
    while not quiet.hasExpired() and not deadline.hasExpired():
        app.processEvents(
            QEventLoop.ProcessEventsFlag.AllEvents | QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20
        )
        if not window.jobs.is_idle or is_drawing(window):  # type: ignore[attr-defined]
            quiet.setRemainingTime(200)


if __name__ == "__main__":
    raise SystemExit(main())
