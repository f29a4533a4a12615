"""``python -m docs.pictures [--out DIR]``: a picture of every page, light and dark, at two sizes.

Run inside the environment. Pages are shown over the sample organisation, in a window nobody sees. Look at every one
of them before calling a change of the interface done.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

SIZES = ((1280, 800), (1920, 1080))
LOOKS = ("light", "dark")


def main() -> int:
    """Make the pictures; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m docs.pictures", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "pictures")
    parser.add_argument("--people", type=int, default=1_200)
    parser.add_argument("--workspace", type=Path, help="show this workspace instead of the sample")
    parser.add_argument("--page", action="append", help="only this page; repeatable")
    parser.add_argument("--state", choices=("full", "empty"), default="full")
    wanted = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as place:
        os.environ["MUSTER_CONFIG"] = place
        path = wanted.workspace or Path(place) / "sample.muster"
        if wanted.workspace is None:
            _make(path, wanted.people, wanted.state)
        wanted.out.mkdir(parents=True, exist_ok=True)
        _draw(path, wanted.out, wanted.page, "" if wanted.state == "full" else f"-{wanted.state}")
    return 0


def _make(path: Path, people: int, state: str) -> None:
    from app.progress import silent
    from app.workspace import Workspace

    with Workspace.open(path, create=True) as workspace:
        workspace.starter.furnish(silent())
        if state == "full":
            workspace.starter.load_sample(people, 1, workspace.today(), silent())
            workspace.starter.plan_sample(people, silent())


def _draw(path: Path, out: Path, only: list[str] | None, ending: str) -> None:
    from PySide6.QtWidgets import QApplication

    from app.progress import silent
    from app.settings import Settings
    from app.ui import application
    from app.ui.doors import open_workspace
    from app.ui.main_window import MainWindow
    from app.ui.pages import available

    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    look = application.set_up(app, "light")
    window = MainWindow(Settings(), application.real_doors(), look.choose)
    window.show_workspace(open_workspace(path, silent()), path)
    for size in SIZES:
        window.resize(*size)
        window.show()
        for name in LOOKS:
            look.choose(name)
            for spec in available():
                if only and spec.key not in only:
                    continue
                window.show_page(spec.key)
                _settle(app, window)
                target = out / f"{spec.key}-{name}-{size[0]}{ending}.png"
                window.grab().save(str(target))
                print(target)
    application.leave(window)


def _settle(app: object, window: object) -> None:
    """Let the window work until no job is left and nothing waits to be drawn."""
    from PySide6.QtCore import QDeadlineTimer, QEventLoop
    from PySide6.QtWidgets import QApplication

    assert isinstance(app, QApplication)
    deadline = QDeadlineTimer(60_000)
    quiet = 0
    while quiet < 5 and not deadline.hasExpired():
        app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
        quiet = quiet + 1 if window.jobs.is_idle else 0  # type: ignore[attr-defined]


if __name__ == "__main__":
    raise SystemExit(main())
