"""Training plans: from settings to a plan, what it buys and leaves open, line by line, agreed and exported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

from PySide6.QtWidgets import QWidget

from app.errors import AppError, NoPlanError
from app.progress import Progress
from app.services.scope import Scope
from app.services.training import (
    ComparedPlans,
    CourseEffectsView,
    LineWish,
    PlanCard,
    PlanOutlook,
    PlanSettings,
    PlanView,
    PlanWatch,
)
from app.services.training.grouping import EnrolmentView
from app.terms import FinancialQuarter, LineStatus, PlanStatus
from app.ui.formats import people, whole
from app.ui.import_kinds import CoursesKind
from app.ui.import_preview import choose_and_load
from app.ui.page import Action, Empty, Page
from app.ui.parts.late_view import Room
from app.ui.parts.plan_card_actions import PlanCardActions
from app.ui.parts.plan_compare import PlanCompare
from app.ui.parts.plan_effects import PlanEffects, effects_answer
from app.ui.parts.plan_export import export_plan
from app.ui.parts.plan_insight import PlanInsight
from app.ui.parts.plan_line_actions import PlanLineActions
from app.ui.parts.plan_line_details import LineDetails
from app.ui.parts.plan_read_back import read_back
from app.ui.parts.plan_result import PlanResult, ShownPlan, answer
from app.ui.parts.plan_running import PlanRunning
from app.ui.parts.plan_settings import PlanSettingsForm
from app.ui.parts.views import Views
from app.ui.states import SentenceState
from app.ui.table import Column, TableData, TablePane
from app.ui.widgets import rows

PLAN_COLUMNS = (
    Column("title", "Plan", width=288),
    Column("shown_status", "Status", width=152),
    Column("steps_closed", "Steps closed", "int", width=112),
    Column("steps_open_before", "Of open steps", "int", width=120),
    Column("cost_gbp", "Cost", "money", width=120),
    Column("enrolments", "Courses planned", "int", width=128),
    Column("made_on", "Made on", "date", width=112),
    Column("made_by", "Made by", width=136),
)


WISHES_CHANGED = "Your wishes changed. The plan follows them once it is generated again."


class View(IntEnum):
    """What the page shows of plans, in the order of its stack."""

    RESULT = 0
    SETTINGS = 1
    RUNNING = 2
    PLANS = 3
    COMPARE = 4
    NO_PLAN = 5
    EFFECTS = 6


@dataclass(frozen=True, slots=True)
class TrainingAnswer:
    """What the page shows: every plan, the one to show, what could be planned, and the settings used last."""

    cards: tuple[PlanCard, ...]
    shown: ShownPlan | None
    outlook: PlanOutlook
    saved: PlanSettings | None
    start: FinancialQuarter
    effects: CourseEffectsView


class TrainingPage(Page):
    """One view at a time: a plan, its settings, the search under way, all plans, two compared, what courses did."""

    key = "training"
    title = "Training plans"
    icon = "training"
    depends_on = frozenset(
        {"plan", "plan_line", "course", "course_outcome", "person", "person_spell", "role_assignment", "assessment",
         "current_level", "requirement", "skill", "unit", "proposed_rating"}
    )  # fmt: skip
    busy_words = "Reading plans, gaps and courses"
    help = (
        "A plan spends the money you give it where it closes most steps between held and required levels, and proves "
        "how far it is from the best possible. Open a line to see why it is there, to lock it, or to forbid it; then "
        "generate again. Lines chosen in the table are changed by hand with the buttons over it; the effect is shown "
        "first. Calendar shows who is away when; More or less money what other budgets buy and what slips under a cut. "
        "A draft is agreed when it suits; an agreed plan for the same departments and quarters is superseded. "
        "Lines that are booked or completed stand when the plan is generated again; completed courses propose ratings, "
        "which wait for sign-off under Assessments."
    )

    def build(self, content: QWidget) -> None:
        self.view = View.RESULT
        self._plan_id: int | None = None
        self._wishes: tuple[LineWish, ...] = ()
        self._wishes_of: int | None = None
        self._is_form_filled = False
        self.plan_result = PlanResult()
        self.insight = PlanInsight(self, self.plan_result)
        self.plan_result.line_opened.connect(self.open_line)
        self.plan_result.need_opened.connect(self.insight.open_need)
        self.plan_result.money.curve_asked.connect(self.insight.ask_curve)
        self.plan_result.money.cut_asked.connect(self.insight.ask_cut)
        self.plan_result.money.person_opened.connect(self._go_to_person)
        self.plan_result.wish_dropped.connect(self._drop_wish)
        self.cards = PlanCardActions(self, self._show_comparison, lambda: self._turn_to(View.EFFECTS))
        self.line_actions = PlanLineActions(self, self.plan_result.bar, self._plan)
        self._form, self._comparison = Room(PlanSettingsForm), Room(lambda: PlanCompare(self._go_to_person))
        self.running = PlanRunning()
        self.plans = TablePane("plans", "plans")
        self.plans.setMinimumHeight(220)
        self.plans.table.row_opened.connect(lambda row: self.show_plan(row.plan_id))
        self.plans.table.selectionModel().selectionChanged.connect(lambda *_: self._offer_actions())
        self.no_plan = SentenceState("warning", "warn")
        self.effects = PlanEffects()
        self._stack = Views()
        holder = QWidget()
        holder.setLayout(rows(self.plans))
        first = self.plan_result, self._form, self.running, holder
        for view in (*first, self._comparison, self.no_plan, self.effects):
            self._stack.add(view)
        content.setLayout(rows(self._stack))

    @property
    def form(self) -> PlanSettingsForm:
        """The settings."""
        return self._form.part

    @property
    def comparison(self) -> PlanCompare:
        """Two plans side by side."""
        return self._comparison.part

    # --- asking and showing -----------------------------------------------------------------------------------

    def ask(self) -> Callable[[Progress], TrainingAnswer]:
        training, scope, wanted = self.context.workspace.training, self.context.scope.scope, self._plan_id
        with_archived = self.cards.is_showing_archived

        def work(progress: Progress) -> TrainingAnswer:
            cards = training.plans(with_archived=with_archived)
            progress.check()
            known = {card.plan_id for card in cards}
            number = wanted if wanted in known else (cards[0].plan_id if cards else None)
            shown = ShownPlan.of(training.plan(number)) if number is not None else None
            outlook = training.outlook(replace(scope, with_contractors=False))
            effects = training.effects.table()
            return TrainingAnswer(
                cards, shown, outlook, training.saved_settings(), training.default_start(), effects
            )

        return work

    def present(self, result: TrainingAnswer) -> Empty | None:
        if self.view is View.RUNNING:
            return None
        empty = nothing_to_plan(self, result)
        if empty is not None:
            self.set_answer("")
            self.set_actions(None)
            return empty
        if result.shown is not None:
            self._plan_id = result.shown.plan.plan_id
            if self._wishes_of != self._plan_id and self.view is View.RESULT:
                self._wishes_of = self._plan_id
                self._wishes = result.shown.plan.settings.wishes
            self.plan_result.show_plan(result.shown, hides_names=self._hides_names)
            self.plan_result.show_wishes(self._wishes)
            self.plan_result.bar.show_plan(
                result.shown.plan, is_read_only=self.context.workspace.is_read_only
            )
            self.insight.show_plan(result.shown.plan)
        is_shared = self.context.settings.flag("share_mode")
        self.effects.show_effects(result.effects, is_shared=is_shared)
        self.plans.set_data(TableData.of_records(PLAN_COLUMNS, result.cards))
        self._turn_to(View.SETTINGS if result.shown is None and self.view is View.RESULT else self.view)
        return None

    def _turn_to(self, view: View) -> None:
        self.view = view
        if view is View.SETTINGS:
            if self.result is not None and not self._is_form_filled:
                self._fill_form(self.result)
            self.form.show_scope(self.context.scope.scope)
        self._stack.turn_to(view)
        if view is not View.RESULT:
            self.drawer.shut()
        self._say_answer()
        self._say_wishes()
        self._offer_actions()

    def _say_answer(self) -> None:
        found: TrainingAnswer | None = self.result
        if found is not None:
            is_shared = self.context.settings.flag("share_mode")
            self.set_answer(sentence_of(self.view, found, is_shared=is_shared))

    def _offer_actions(self) -> None:
        """One primary action for each view."""
        found: TrainingAnswer | None = self.result
        has_plans = bool(found and found.cards)
        every = (Action("All plans", self.show_plans, "table"),) if has_plans else ()
        new = Action("New plan", self.new_plan, "add")
        match self.view:
            case View.RESULT:
                self._offer_result_actions(every)
            case View.SETTINGS | View.NO_PLAN:
                primary = Action("Generate plan", self.generate, "play", "Ctrl+Return")
                self.set_actions(primary if self.view is View.SETTINGS else None, *every)
            case View.PLANS:
                self.set_actions(new, *self.cards.offers(self.plans.table.selected_records()))
            case View.COMPARE | View.EFFECTS:
                self.set_actions(None, *every)
            case _:
                self.set_actions(None)

    def _offer_result_actions(self, every: tuple[Action, ...]) -> None:
        found: TrainingAnswer = self.result
        if found.shown is None:
            self.set_actions(None, *every)
            return
        plan = found.shown.plan
        again: list[Action] = []
        if plan_has_fixed(plan) and self._wishes == plan.settings.wishes:
            again.append(Action("Generate again", self.generate_again, "refresh"))
        back = Action("Read back workbook", self.read_back, "import")
        export = Action("Export to Excel", self.export, "export", "Ctrl+E")
        if self._wishes != plan.settings.wishes:
            primary = Action("Generate again", self.generate_again, "play")
        elif plan.status == PlanStatus.DRAFT.value:
            primary = Action("Agree plan", lambda: self.cards.agree(plan), "ok")
        else:
            primary = Action("New plan", self.new_plan, "add")
        change = Action("Change settings", self.change_settings, "settings")
        rest = (*again, back, export, change) if again else (change, back, export)
        self.set_actions(primary, *every, *rest)

    # --- plans and settings -----------------------------------------------------------------------------------

    def show_plans(self) -> None:
        """Every plan, newest first."""
        self._turn_to(View.PLANS)
        self.plans.table.setFocus()

    def show_plan(self, plan_id: int) -> None:
        """Show one plan."""
        self.view = View.RESULT
        if plan_id != self._plan_id:
            self.plan_result.tabs.setCurrentIndex(0)
        self._plan_id = plan_id
        self.load()

    def new_plan(self) -> None:
        """Settings for another plan, without the wishes of the one shown."""
        self._wishes, self._wishes_of = (), None
        if self.result is not None:
            self._fill_form(self.result)
        self._show_settings()

    def change_settings(self) -> None:
        """The settings of the plan shown, to change and generate again."""
        found: TrainingAnswer = self.result
        if found.shown is not None:
            settings = found.shown.plan.settings
            self.form.fill(settings, found.outlook, found.start)
            self.context.scope.set(
                replace(settings.scope, with_contractors=self.context.scope.scope.with_contractors)
            )
        self._show_settings()

    def _fill_form(self, found: TrainingAnswer) -> None:
        self.form.fill(found.saved, found.outlook, found.start)
        self._is_form_filled = True

    def _show_settings(self) -> None:
        self.form.show_wishes(self._wishes)
        self._turn_to(View.SETTINGS)
        self.form.money.editor("learning").setFocus()

    def load_courses(self) -> None:
        """Load a course catalogue."""
        choose_and_load(self, CoursesKind(self.context))

    # --- generating -------------------------------------------------------------------------------------------

    def generate(self) -> None:
        """Make a plan from the settings as entered."""
        settings = self.form.read(self.context.scope.scope, self._wishes)
        if settings is not None:
            self._run(settings)

    def generate_again(self) -> None:
        """A plan with the settings of the one shown and the wishes as they are now, around what is booked in it."""
        plan = self._plan()
        if plan is not None:
            around = plan.plan_id if plan_has_fixed(plan) else plan.settings.around_plan_id
            self._run(replace(plan.settings, wishes=self._wishes, around_plan_id=around))

    def _plan(self) -> PlanView | None:
        """The plan that is shown."""
        found: TrainingAnswer | None = self.result
        return found.shown.plan if found is not None and found.shown is not None else None

    def _run(self, settings: PlanSettings) -> None:
        training, watch = self.context.workspace.training, PlanWatch()
        job = self.context.jobs.compute(
            lambda progress: training.generate(settings, progress, watch),
            self._on_made,
            title="Making a training plan",
            failed=self._on_failed,
            cancelled=self._on_dropped,
        )
        self.running.watch(job, watch, settings.seconds)
        self._turn_to(View.RUNNING)
        self.running.keep.setFocus()

    def _on_made(self, plan: PlanView) -> None:
        self.running.rest()
        self._plan_id = plan.plan_id
        self.view = View.RESULT
        self.plan_result.tabs.setCurrentIndex(0)
        self.load()

    def _on_dropped(self) -> None:
        self.running.rest()
        self.banner.say("The search was cancelled. No plan was made.", tone="info")
        self._turn_to(View.SETTINGS)
        self.load()

    def _on_failed(self, error: AppError) -> None:
        self.running.rest()
        if isinstance(error, NoPlanError):
            self.no_plan.say("These cannot be kept together:", f"{clashes(error)}\n\n{error.advice}",
                             "Change settings", self._show_settings)  # fmt: skip
            self._turn_to(View.NO_PLAN)
            self.no_plan.button.setFocus()
            return
        self.banner.say(str(error), tone="bad")
        self._turn_to(View.SETTINGS)

    # --- lines and wishes -------------------------------------------------------------------------------------

    def open_line(self, one: EnrolmentView) -> None:
        """One line in the drawer."""
        wish = next((w for w in self._wishes if _is_about(w, one)), None)
        shown = LineDetails(
            one, wish, hides_names=self._hides_names, may_wish=not self.context.workspace.is_read_only
        )
        shown.wished.connect(lambda what: self._wish(one, what))
        shown.record_asked.connect(lambda: self._go_to_person(one.person_id))
        self.drawer.open_with(one.course, shown)
        self.insight.explain_line(one, shown)

    def _wish(self, one: EnrolmentView, what: str) -> None:
        kept = tuple(wish for wish in self._wishes if not _is_about(wish, one))
        if what:
            is_forbidden = what == "forbid"
            quarter = None if is_forbidden else one.quarter
            kept = (*kept, LineWish(one.staff_id, one.course_code, quarter, is_forbidden))
        self._take(kept)
        self.open_line(one)

    def _drop_wish(self, wish: LineWish) -> None:
        self._take(tuple(one for one in self._wishes if one != wish))

    def _take(self, wishes: tuple[LineWish, ...]) -> None:
        self._wishes = wishes
        self.plan_result.show_wishes(wishes)
        self._offer_actions()
        self._say_wishes()

    def _say_wishes(self) -> None:
        """Over the plan: that it does not follow the wishes as they are now."""
        found: TrainingAnswer = self.result
        is_other = found.shown is not None and self._wishes != found.shown.plan.settings.wishes
        if is_other and self.view is View.RESULT:
            self.banner.say(WISHES_CHANGED, tone="info")
        elif self.banner.sentence == WISHES_CHANGED:
            self.banner.say("")

    def _go_to_person(self, person_id: int) -> None:
        self.context.navigator.go("people", person_id=person_id)

    @property
    def _hides_names(self) -> bool:
        return self.context.settings.flag("hide_names")

    # --- what is done with a plan -----------------------------------------------------------------------------

    def _show_comparison(self, found: ComparedPlans) -> None:
        self.comparison.show_comparison(found, hides_names=self._hides_names)
        self._turn_to(View.COMPARE)
        self.comparison.tabs.setFocus()

    def export(self) -> None:
        """Ask for one workbook or one for each department, then where."""
        found: TrainingAnswer | None = self.result
        if found is not None and found.shown is not None:
            export_plan(self, found.shown.plan)

    def read_back(self) -> None:
        """An edited workbook of a plan: what it changes, then the change."""
        read_back(self, self.context)

    def receive(self, **about: Any) -> None:
        if about.get("plan_id"):
            self.show_plan(int(about["plan_id"]))
        elif about.get("act") == "new" and self.view is not View.RUNNING:
            self.view = View.SETTINGS
            if self.result is not None:
                self.new_plan()

    def find(self) -> None:
        if self.view is View.PLANS:
            self.plans.focus_filter()
        elif self.view is View.COMPARE:
            self.comparison.people.focus_filter()
        else:
            self.plan_result.find()


def _is_about(wish: LineWish, one: EnrolmentView) -> bool:
    return (wish.staff_id, wish.course_code) == (one.staff_id, one.course_code)


def plan_has_fixed(plan: PlanView) -> bool:
    """Whether lines of a plan are booked or completed, so that a new one is made around them."""
    fixed = {LineStatus.BOOKED.value, LineStatus.COMPLETED.value}
    return any(line.status in fixed for line in plan.lines)


def sentence_of(view: View, found: TrainingAnswer, *, is_shared: bool = False) -> str:
    """The one sentence with the answer of a view."""
    outlook, count = found.outlook, len(found.cards)
    return {
        View.RESULT: answer(found.shown.plan.summary) if found.shown else "",
        View.SETTINGS: f"{whole(outlook.steps_open)} steps are open for {people(outlook.people_short)}; "
        f"{whole(outlook.courses)} courses are on offer.",
        View.RUNNING: "The search gets better while you watch.",
        View.PLANS: "1 plan was made here." if count == 1 else f"{whole(count)} plans were made here.",
        View.COMPARE: "What the second plan gives and takes.",
        View.EFFECTS: effects_answer(found.effects, is_shared=is_shared),
        View.NO_PLAN: "No plan is possible under these limits.",
    }[view]


def clashes(error: NoPlanError) -> str:
    """What cannot be kept together, one to a line."""
    parts = error.sentence.removeprefix("No plan is possible: ").rstrip(".").split("; ")
    return "\n".join(f"• {part[:1].upper()}{part[1:]}." for part in parts)


def nothing_to_plan(page: TrainingPage, found: TrainingAnswer) -> Empty | None:
    """Why there is neither a plan nor anything to plan, and the way out of it."""
    go, scope = page.context.navigator.go, page.context.scope
    if not found.outlook.courses:
        return Empty("There are no courses to plan with yet.", "Load course catalogue", page.load_courses)
    if found.cards or found.outlook.steps_open:
        return None
    if found.outlook.pairs_assessed:
        return Empty("Nobody assessed in this scope is short of anything, so there is nothing to plan.",
                     "Show skill gaps", lambda: go("gaps"))  # fmt: skip
    if scope.scope != Scope():
        return Empty("Nobody in this scope is assessed, so no step can be planned.", "Show everybody",
                     lambda: scope.set(Scope()))  # fmt: skip
    return Empty("Nobody is assessed yet, so no step can be planned.", "Load assessments",
                 lambda: go("people", act="load_assessments"))  # fmt: skip
