"""Workforce: will there be the people that programmes need, by when, and what is the cheapest way to have them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QTabBar, QWidget

from app.progress import Progress
from app.services.reports.workforce_reports import WorkforceWish
from app.services.scope import Scope
from app.services.workforce import BASELINE, DEFAULT_QUARTERS, ScenarioLine
from app.ui import dialogs
from app.ui.establishment_kind import EstablishmentKind
from app.ui.import_preview import choose_and_load
from app.ui.page import Action, Empty, Page
from app.ui.parts.export_choice import ExportChoice, Way
from app.ui.parts.exports import WORKBOOKS, save_as
from app.ui.parts.gap_choices import choice, choose
from app.ui.parts.return_columns import ReturnColumns
from app.ui.parts.views import Views
from app.ui.parts.workforce_closing import ClosingView
from app.ui.parts.workforce_lists import BackTestView, ExitsView, PostsView
from app.ui.parts.workforce_outlook import OutlookView
from app.ui.parts.workforce_scenarios import ScenariosView, edit_scenario
from app.ui.parts.workforce_view import Question, WorkforceView
from app.ui.states import SentenceState
from app.ui.strategy_kinds import StrategyKind
from app.ui.widgets import line, rows

VIEWS: tuple[type[WorkforceView], ...] = (
    OutlookView, ClosingView, ScenariosView, ExitsView, PostsView, BackTestView,
)  # fmt: skip
KEYS = ("shortfalls", "closing", "scenarios", "exits", "posts", "back-test")
"""What the views are called by whoever sends somebody here."""

AHEAD = (4, 8, 12, 16, 20)
RETURNS = "CSV (*.csv);;Excel workbook (*.xlsx)"


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The answer of the view that is shown, the scenarios there are, and how many people."""

    view: WorkforceView
    found: Any
    scenarios: tuple[ScenarioLine, ...]
    people: int


class WorkforcePage(Page):
    """Scenario and length above six views; only the one shown is asked."""

    key = "workforce"
    title = "Workforce"
    icon = "workforce"
    depends_on = frozenset(
        {"strategy_area", "priority", "programme", "demand_line", "contract", "contract_line", "person", "person_spell",
         "role_assignment", "current_level", "requirement", "unit", "role_level", "established_post", "scenario",
         "course", "course_outcome", "framework_version"}
    )  # fmt: skip
    busy_words = "Forecasting supply and demand"
    help = (
        "Supply of a quarter is that at its end: people leave and move up at yearly rates seen here, drawn towards the "
        "national ones; recruits follow the vacancies of earlier quarters. Its band holds four of five futures. Demand "
        "is what programmes and ending contracts need. Enter on a line goes from role family to role level, unit and "
        "people. Edit scenario changes what is assumed and keeps it under a name; Scenarios compares several. Ways to "
        "close shows what training, redeployment, recruitment and contractors could bring, and the cheapest mix."
    )

    def build(self, content: QWidget) -> None:
        self.scenario = choice("Scenario", ((BASELINE, BASELINE),), 18)
        self.ahead = choice("How far ahead", ((count, f"{count} quarters ahead") for count in AHEAD), 14)
        choose(self.ahead, DEFAULT_QUARTERS)
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Views of the workforce")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.views = Views()
        self.all_views = tuple(kind(self.context) for kind in VIEWS)
        for view in self.all_views:
            self.tabs.addTab(view.title)
            self.views.add(view)
            view.asked.connect(self.load)
            view.person_opened.connect(self._open_person)
            if isinstance(view, PostsView):
                view.load_asked.connect(self._load_posts)
        self.nothing = SentenceState("info", "accent")
        self.views.add(self.nothing)
        bar = line(self.tabs, self.scenario, self.ahead, space=12)
        bar.setStretch(0, 1)
        box = rows(bar, self.views, space=12)
        box.setStretch(1, 1)
        content.setLayout(box)
        self.tabs.currentChanged.connect(self._on_tab)
        for one in (self.scenario, self.ahead):
            one.currentIndexChanged.connect(lambda _place: self.load())

    @property
    def view(self) -> WorkforceView:
        """The view that is shown."""
        return self.all_views[self.tabs.currentIndex()]

    # --- asking and showing -----------------------------------------------------------------------------------

    def ask(self) -> Callable[[Progress], Found]:
        view, workforce = self.view, self.context.workspace.workforce
        is_shared = self.context.settings.flag("share_mode")
        view.make_ready()
        question = Question(
            self.context.scope.scope, str(self.scenario.currentData()), self._quarters(), is_shared
        )
        work = view.ask(question)

        def answered(progress: Progress) -> Found:
            return Found(view, work(progress), workforce.scenarios(), workforce.people())

        return answered

    def present(self, result: Found) -> Empty | None:
        self._offer(result.scenarios)
        if result.view is not self.view:  # another tab was chosen meanwhile, and is being asked
            return None
        if not result.people:
            self.set_answer("")
            return Empty("There is nobody in this workspace yet.", "Load HR extract",
                         lambda: self.context.navigator.go("people", act="load_people"))  # fmt: skip
        if self._says_nothing(result):
            self.set_answer("")
            self.views.turn_to(len(self.all_views))
            return None
        self.views.turn_to(self.tabs.currentIndex())
        self.set_answer(result.view.answer(result.found))
        result.view.fill(result.found)
        return None

    def receive(self, **about: Any) -> None:
        """``view`` names a view, ``act`` "load" begins to load an establishment."""
        if about.get("view") in KEYS:
            self.show_view(str(about["view"]))
        if about.get("act") == "load":
            self._load_posts()

    def show_view(self, key: str) -> None:
        """Show a view by its key (:data:`KEYS`)."""
        self.tabs.setCurrentIndex(KEYS.index(key))

    def find(self) -> None:
        self.view.find()

    # --- actions ----------------------------------------------------------------------------------------------

    def export(self) -> None:
        """Ask what to write: the workbook without or with names, or the return."""
        departments, is_shared = (
            self.context.scope.scope.departments,
            self.context.settings.flag("share_mode"),
        )
        may_name = len(departments) == 1 and not is_shared
        why = "Turn off share mode first." if is_shared else "Choose one department in the bar above first."
        ways = (
            Way("Workforce workbook, figures only",
                "Demand, supply, shortfalls, options, the cheapest mix, what is assumed. Nobody is named.", "figures"),
            Way("Workforce workbook, with names",
                "The same in full, with the people within reach." if may_name else why, "names", is_open=may_name),
            Way("Periodic return",
                "People by role, level, grade and employment of every department; small counts show as [c].", "return"),
        )  # fmt: skip
        dialog = ExportChoice(self, "Export workforce", ways, "Choose where to save")
        dialog.chosen.connect(self._save)
        dialog.open()

    def edit(self) -> None:
        """Change the scenario chosen, or keep it under another name."""
        if self.result is not None:
            edit_scenario(self, self._chosen())

    # --- inside -----------------------------------------------------------------------------------------------

    def _quarters(self) -> int:
        return int(self.ahead.currentData() or DEFAULT_QUARTERS)

    def _chosen(self) -> ScenarioLine:
        name = str(self.scenario.currentData())
        known: Sequence[ScenarioLine] = self.result.scenarios
        return next((one for one in known if one.name == name), known[0])

    def _says_nothing(self, result: Found) -> bool:
        """Where a view needs demand and there is none, say so in its place; the other views stay within reach."""
        if not result.view.needs_demand or result.found.is_needed:
            return False
        state, is_fixed = self.nothing, self.context.workspace.is_read_only
        if self.context.scope.scope != Scope():
            state.say("Nothing is needed in this scope in these quarters.", "", "Show everything",
                      lambda: self.context.scope.set(Scope()))  # fmt: skip
        elif is_fixed:
            state.say("No programme or contract here needs anybody in these quarters.", "")
        else:
            state.say(
                "No programme or contract needs anybody yet.",
                "Load a strategy that says which role levels are needed, how many FTE and by which quarter.",
                "Load strategy",
                lambda: choose_and_load(self.window(), StrategyKind(self.context)),
            )
        return True

    def _offer(self, scenarios: Sequence[ScenarioLine]) -> None:
        names = [one.name for one in scenarios]
        if [self.scenario.itemData(place) for place in range(self.scenario.count())] != names:
            chosen = self.scenario.currentData()
            with QSignalBlocker(self.scenario):
                self.scenario.clear()
                for one in scenarios:
                    self.scenario.addItem(one.name, one.name)
                choose(self.scenario, chosen if chosen in names else BASELINE)
        export = Action("Export", self.export, "export", "Ctrl+E")
        career = Action("Career map", lambda: self.context.navigator.go("career_map"), "people")
        if self.context.workspace.is_read_only:
            self.set_actions(export, career)
            return
        actions = [career, Action("Edit scenario", self.edit, "edit")]
        if next((one.is_own for one in scenarios if one.name == self.scenario.currentData()), False):
            actions.append(Action("Remove scenario", self._remove, "remove"))
        self.set_actions(export, *actions)

    def _on_tab(self, place: int) -> None:
        self.views.turn_to(place)
        if not self.tabs.hasFocus():
            self.tabs.setFocus()
        self.load()

    def _open_person(self, person_id: int) -> None:
        if not self.context.settings.flag("share_mode"):
            self.context.navigator.go("people", person_id=person_id)

    def _load_posts(self) -> None:
        choose_and_load(self.window(), EstablishmentKind(self.context))

    def _remove(self) -> None:
        one, workforce = self._chosen(), self.context.workspace.workforce

        def remove() -> None:
            with QSignalBlocker(self.scenario):
                choose(self.scenario, BASELINE)
            self.context.jobs.write(
                lambda _progress: workforce.remove_scenario(one.name), title="Removing the scenario"
            )

        dialogs.ask(
            self, f"Remove the scenario “{one.name}”?", "Ctrl+Z brings it back.", "Remove scenario", remove
        )

    def _save(self, way: str) -> None:
        reports, scope = self.context.workspace.workforce_reports, self.context.scope.scope
        if way == "return":
            dialog = ReturnColumns(self)
            dialog.chosen.connect(self._save_return)
            dialog.open()
            return
        wish = WorkforceWish(scope, self._chosen(), self._quarters(), named=way == "names")
        save_as(self, "Export workforce", "Workforce.xlsx", WORKBOOKS,
                lambda path, progress: reports.workbook(wish, path, progress))  # fmt: skip

    def _save_return(self, columns: tuple[str, ...]) -> None:
        reports, scope = self.context.workspace.workforce_reports, self.context.scope.scope
        save_as(self, "Export return", "Workforce return.csv", RETURNS,
                lambda path, progress: reports.return_file(scope, path, progress, columns))  # fmt: skip
