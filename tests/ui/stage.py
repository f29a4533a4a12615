"""A page and a workspace for tests of the shell: small, real enough to be opened, read, written and closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from app.change import Change, Outcome
from app.errors import StoreError
from app.progress import Progress
from app.settings import Settings
from app.ui.doors import Doors
from app.ui.main_window import MainWindow
from app.ui.page import Action, Empty, Page
from app.ui.pages import PageSpec
from app.ui.scope_bar import ScopeChoices
from app.ui.table import Column, TablePane
from app.ui.widgets import rows


@dataclass(frozen=True, slots=True)
class Post:
    """A line of the stand-in organisation."""

    name: str
    people: int


@dataclass
class Office:
    """Stands in for a workspace where a test is about the shell, not about data."""

    path: Path | None
    posts: tuple[Post, ...] = (Post("Data engineer", 4), Post("Delivery manager", 12))
    number: int = 7
    is_read_only: bool = False
    notice: str = ""
    is_closed: bool = False
    asked: list[str] = field(default_factory=list[str])

    @property
    def name(self) -> str:
        return self.path.name if self.path else "shared"

    def revision(self) -> int:
        return self.number

    def close(self) -> None:
        self.is_closed = True

    def read(self) -> tuple[Post, ...]:
        self.asked.append("read")
        return self.posts

    def add(self, post: Post) -> Outcome[Post]:
        self.posts += (post,)
        self.number += 1
        return Outcome(post, Change("Add post", frozenset({"post"}), self.number))


class PostsPage(Page):
    """Lists the posts of the office."""

    key = "posts"
    title = "Posts"
    icon = "people"
    depends_on = frozenset({"post"})
    help = "Every post with the people in it."

    def build(self, content: QWidget) -> None:
        self.pane = TablePane("posts", "posts", lambda _table: self.export())
        self.exported = 0
        self.received: dict[str, Any] = {}
        content.setLayout(rows(self.pane))
        self.set_actions(
            Action("Add post", self.add, "add", "Ctrl+Shift+A"), Action("Export posts", self.export)
        )

    def ask(self) -> Callable[[Progress], Any]:
        office: Any = self.context.workspace
        return lambda _progress: office.read()

    def present(self, result: tuple[Post, ...]) -> Empty | None:
        if not result:
            return Empty("There are no posts yet.", "Add post", self.add)
        self.set_answer(f"{len(result)} posts")
        self.pane.table.set_records((Column("name", "Name"), Column("people", "People", "int")), result)
        return None

    def add(self) -> None:
        office: Any = self.context.workspace
        self.context.jobs.write(lambda _progress: office.add(Post("Tester", 1)))

    def export(self) -> None:
        self.exported += 1

    def find(self) -> None:
        self.pane.focus_filter()

    def receive(self, **about: Any) -> None:
        self.received = about


class RolesPage(PostsPage):
    """A second page, to go to."""

    key = "roles"
    title = "Roles"
    depends_on = frozenset({"role"})
    help = ""


@dataclass(frozen=True, slots=True)
class _Spec(PageSpec):
    page: type[Page] = PostsPage

    def load(self) -> type[Page]:
        return self.page


SPECS = (
    _Spec("posts", "Posts", "people", "PostsPage", page=PostsPage),
    _Spec("roles", "Roles", "role-mapping", "RolesPage", page=RolesPage),
)


class Stage:
    """A main window whose doors lead into an :class:`Office`."""

    def __init__(self, settings: Settings, choose_look: Callable[[str], None]) -> None:
        self.opened: list[Office] = []
        self.refusal: StoreError | None = None
        doors = Doors(open=self._open, create=self._open, sample=self._open, choices=self._choices)
        self.window = MainWindow(settings, doors, choose_look, SPECS)

    def _open(self, path: Path, _progress: Progress) -> Any:
        if self.refusal is not None:
            raise self.refusal
        self.opened.append(Office(path))
        return self.opened[-1]

    def _choices(self, _workspace: Any, _progress: Progress) -> ScopeChoices:
        return ScopeChoices(("Revenue", "Revenue / Unit 3", "Transport"), ("Data",), ("Sep 2025",))

    def enter(self, office: Office, qtbot: Any) -> Any:
        """Show an office and wait until everything it asked for has been answered."""
        self.window.show()
        with qtbot.waitSignal(self.window.jobs.idle, timeout=5_000):
            self.window.show_workspace(office)  # type: ignore[arg-type]  # stands in for a workspace
        return self.window.page
