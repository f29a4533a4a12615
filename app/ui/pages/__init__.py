"""The pages, in the order of the side navigation. A page is one file here; one without its file is not listed."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from threading import Thread
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from app.ui.page import Page


@dataclass(frozen=True, slots=True)
class PageSpec:
    """What the navigation knows of a page before it is loaded; ``module`` holds the class ``class_name``.

    A page ``within`` another is reached from there, from the Go menu and by Ctrl+K; the navigation marks the other.
    """

    key: str
    title: str
    icon: str
    class_name: str
    within: str = field(default="", kw_only=True)

    @property
    def module(self) -> str:
        """The module the page lives in."""
        return f"{__name__}.{self.key}"

    def load(self) -> type[Page]:
        """The page's class. Pages are imported when first shown, so that the window is painted before."""
        return cast("type[Page]", getattr(import_module(self.module), self.class_name))


PAGES = (
    PageSpec("overview", "Overview", "overview", "OverviewPage"),
    PageSpec("people", "People", "people", "PeoplePage"),
    PageSpec("role_mapping", "Role mapping", "role-mapping", "RoleMappingPage"),
    PageSpec("assessments", "Assessments", "assessments", "AssessmentsPage"),
    PageSpec("gaps", "Skill gaps", "gaps", "GapsPage"),
    PageSpec("training", "Training plans", "training", "TrainingPage"),
    PageSpec("workforce", "Workforce", "workforce", "WorkforcePage"),
    PageSpec("strategy", "Strategy", "strategy", "StrategyPage"),
    PageSpec("frameworks", "Frameworks", "frameworks", "FrameworksPage"),
    PageSpec("history", "Data and history", "history", "HistoryPage"),
    PageSpec("checks", "Data checks", "warning", "ChecksPage", within="people"),
    PageSpec("profession", "Profession", "people", "ProfessionPage", within="gaps"),
    PageSpec("career_map", "Career map", "workforce", "CareerMapPage", within="workforce"),
    PageSpec("posts", "Posts", "organisation", "PostsPage", within="people"),
)


def available() -> tuple[PageSpec, ...]:
    """The pages that exist."""
    return tuple(spec for spec in PAGES if find_spec(spec.module) is not None)


def load_ahead(specs: tuple[PageSpec, ...]) -> None:
    """Import what opens and shows a workspace, and these pages: for a worker, so that the window goes on."""
    for module in ("app.workspace", "app.ui.workbench"):
        import_module(module)
    for spec in specs:
        spec.load()
    import_module("app.ui.icons").read_all()
    _set_aside()


def load_behind(specs: tuple[PageSpec, ...]) -> None:
    """Import pages beside the window, before somebody asks for one."""
    _beside(lambda: load_ahead(specs))


def load_drawing() -> None:
    """Import what draws charts beside the window, before somebody asks for one."""
    _beside(lambda: import_module("app.ui.canvas").load_drawing())


def wait_for_imports() -> None:
    """Wait until nothing is imported beside the window any more: before it goes, so that no part of it ends there."""
    for thread in _importing:
        thread.join()
    _importing.clear()
    canvas = sys.modules.get("app.ui.canvas")
    if canvas is not None:
        canvas.stop_drawing()


_importing: list[Thread] = []


def _beside(work: Callable[[], object]) -> None:
    thread = Thread(target=work, name="muster-pages")
    _importing.append(thread)
    thread.start()


@cache
def _set_aside() -> None:
    """Once, before there is a workspace: let what was imported out of the search for what can be let go.

    It stays anyway. To go through its half a million objects keeps the interpreter for a tenth of a second each time,
    and the window with it.
    """
    gc.freeze()
