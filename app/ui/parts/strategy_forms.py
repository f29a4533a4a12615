"""Dialogs that change the strategy: a priority, a programme, a need, a maturity rating, a leadership skill."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QScrollArea

from app.change import Outcome
from app.errors import AppError
from app.files.named import quarter_text
from app.files.values import parse_dates
from app.progress import Progress
from app.services.strategy.editing import LineInput, PriorityInput, ProgrammeInput
from app.services.strategy.records import NeedView, ProgrammeView
from app.services.strategy_weights import WEIGHT_ONE
from app.terms import FinancialQuarter
from app.ui.form import Field, Form
from app.ui.page import Page
from app.ui.widgets import Banner, button, line, rows

Work = Callable[[Mapping[str, Any]], Outcome[Any] | None]


@dataclass(frozen=True, slots=True)
class Names:
    """What can be chosen: role levels as (role, role level), skills, departments, programmes of the priority."""

    levels: Sequence[tuple[str, str]]
    skills: Sequence[str]
    departments: Sequence[str]
    areas: Sequence[str] = ()


class EditDialog(QDialog):
    """A form with one button that saves; what is wrong is said in the dialog, and nothing is lost."""

    def __init__(
        self,
        page: Page,
        title: str,
        verb: str,
        fields: Sequence[Field],
        work: Work,
        remove: Callable[[], object] | None = None,
    ) -> None:
        """``remove`` is what a further button does, with the dialog closed, to take away what is edited."""
        super().__init__(page.window())
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(title)
        self._page, self._work, self._title = page, work, title
        self.form = Form(fields)
        self.banner = Banner()
        self.save = button(verb, "primary", "", self._save)
        feet = line(button("Cancel", clicked=self.reject), self.save, space=12)
        feet.insertStretch(0, 1)
        self._remove = remove
        if remove is not None:
            feet.insertWidget(0, button("Take it away", "secondary", "", self._take_away))
        scroll = QScrollArea()
        scroll.setWidget(self.form)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.viewport().setAutoFillBackground(False)
        self.form.setAutoFillBackground(False)
        box = rows(self.banner, scroll, feet, space=16, margins=(24, 20, 24, 20))
        box.setStretch(1, 1)
        self.setLayout(box)
        self.resize(520, min(680, 140 + 92 * len(fields)))

    def _take_away(self) -> None:
        self.reject()
        if self._remove is not None:
            self._remove()

    def _save(self) -> None:
        if not self.form.validate():
            return
        values, work = self.form.values(), self._work
        self.save.setEnabled(False)

        def write(_progress: Progress) -> Any:
            return work(values)

        self._page.context.jobs.write(write, self._on_saved, title=self._title, failed=self._on_failed)

    def _on_saved(self, _result: Any) -> None:
        self.accept()

    def _on_failed(self, error: AppError) -> None:
        self.save.setEnabled(True)
        self.banner.say(f"{error.sentence} {error.advice}", tone="bad")


def open_form(
    page: Page,
    title: str,
    verb: str,
    fields: Sequence[Field],
    values: Mapping[str, Any],
    work: Work,
    remove: Callable[[], object] | None = None,
) -> EditDialog:
    """Open a form with what is known filled in."""
    dialog = EditDialog(page, title, verb, fields, work, remove)
    dialog.form.set_values(values)
    dialog.open()
    first = dialog.form.editor(fields[0].key)
    first.setFocus()
    return dialog


def read_day(text: str) -> date | None:
    """A day as people type it, None for nothing; ValueError for anything else."""
    if not text:
        return None
    found = parse_dates([text], day_first=True)
    if found.faults or found.values[0] is None:
        raise ValueError("enter a date such as 31 Mar 2027, or leave it blank")
    return found.values[0]


def read_weight(text: str) -> float | None:
    """A weight, None for nothing; ValueError."""
    if not text:
        return None
    try:
        weight = float(text.replace(",", "."))
    except ValueError:
        raise ValueError("enter a number from 0.1 to 10, or leave it blank") from None
    if not 0.1 <= weight <= 10:
        raise ValueError("enter a number from 0.1 to 10, or leave it blank")
    return weight


def read_quarter(text: str) -> int | None:
    """A quarter, None for nothing; ValueError."""
    try:
        return int(FinancialQuarter.parse(text)) if text else None
    except ValueError:
        raise ValueError("enter a quarter such as 2026Q3, or leave it blank") from None


def read_fte(text: str) -> int | None:
    """FTE in hundredths, None for nothing; ValueError."""
    if not text:
        return None
    try:
        hundredths = Decimal(text.replace(",", ".")) * 100
    except InvalidOperation:
        raise ValueError("enter FTE such as 2.5, or leave it blank") from None
    if not hundredths.is_finite() or hundredths != int(hundredths) or not 0 <= hundredths <= 10**8:
        raise ValueError("enter FTE with at most two places, or leave it blank")
    return int(hundredths)


def _check(name: str, read: Callable[[str], object]) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        try:
            read(value or "")
        except ValueError as error:
            return f"{name}: {error}"
        return ""

    return check


def _typed(key: str, name: str, read: Callable[[str], object], hint: str) -> Field:
    return Field(key, name, hint=hint, check=_check(name, read))


_WEIGHT = _typed(
    "weight", "Weight", read_weight, "From 0.1 to 10; blank is the usual 1. Plans and gaps follow it."
)


def edit_priority(page: Page, names: Names, known: Any = None) -> EditDialog:
    """Add a priority, or change the one of a board line."""
    fields = (
        Field("area", "Area", hint="One there is, or a new one.", is_required=True),
        Field("name", "Priority", is_required=True),
        _typed("target", "Date", read_day, "By when, such as 31 Mar 2027; blank where there is none."),
        _WEIGHT,
        Field("description", "Description"),
    )
    desk = page.context.workspace.strategy_desk

    def work(values: Mapping[str, Any]) -> Outcome[Any]:
        wanted = PriorityInput(
            values["area"], values["name"], read_day(values["target"]), read_weight(values["weight"]),
            values["description"],
        )  # fmt: skip
        return desk.save_priority(
            wanted, known.priority_id if known else None, known.version if known else None
        )

    area = names.areas[0] if names.areas else ""
    values = {"area": area} if known is None else {
        "area": known.area, "name": known.priority, "target": _day_text(known.target_on),
        "weight": "" if known.weight is None else f"{known.weight:g}", "description": known.description,
    }  # fmt: skip
    title = "Edit priority" if known else "Add priority"
    return open_form(page, title, "Save priority", fields, values, work)


def edit_programme(
    page: Page,
    names: Names,
    known: Any,
    programme: ProgrammeView | None = None,
    remove: Callable[[], object] | None = None,
) -> EditDialog:
    """Add a programme or service to the priority of a board line, or change one of its programmes."""
    fields = (
        Field("name", "Name", is_required=True),
        Field("kind", "Kind", "choice", choices=(("programme", "Programme"), ("service", "Service"))),
        _department(names),
        _typed("starts", "Starts", read_day, "Such as 1 Apr 2026; may be blank."),
        _typed("ends", "Ends", read_day, "May be blank."),
        _WEIGHT,
    )
    desk = page.context.workspace.strategy_desk

    def work(values: Mapping[str, Any]) -> Outcome[Any]:
        wanted = ProgrammeInput(
            values["name"], values["kind"], values["department"] or "", read_day(values["starts"]),
            read_day(values["ends"]), read_weight(values["weight"]),
        )  # fmt: skip
        if programme is None:
            return desk.save_programme(known.priority_id, wanted)
        return desk.save_programme(known.priority_id, wanted, programme.programme_id, programme.version)

    if programme is None:
        values: dict[str, Any] = {"kind": "programme", "department": ""}
        return open_form(page, f"Add programme to “{known.priority}”", "Add programme", fields, values, work)
    values = {
        "name": programme.name, "kind": programme.kind, "department": programme.department,
        "starts": _day_text(programme.starts_on), "ends": _day_text(programme.ends_on),
        "weight": "" if programme.weight is None else f"{programme.weight / WEIGHT_ONE:g}",
    }  # fmt: skip
    return open_form(page, f"Edit “{programme.name}”", "Save programme", fields, values, work, remove)


def edit_need(
    page: Page,
    names: Names,
    known: Any,
    need: NeedView | None = None,
    remove: Callable[[], object] | None = None,
) -> EditDialog:
    """Say what the priority of a board line rests on, or how many FTE of it are needed; or change one such line."""
    programmes = tuple(one.name for one in known.programmes)
    # a line on a whole role has no level; it stays as it is where nothing else is chosen
    whole = (
        [((need.role, ""), f"{need.role}, every level")] if need and need.role and not need.role_level else []
    )
    fields = (
        Field("level", "Role level", "choice", "A role level, or a skill below, or both.",
              choices=(("", "None"), *whole, *(((role, level), level) for role, level in names.levels))),
        Field("skill", "Skill", "choice", choices=(("", "None"), *((one, one) for one in names.skills))),
        _typed("fte", "FTE", read_fte, "How many are needed; blank says only that it rests on them."),
        _typed("first", "From quarter", read_quarter, "Such as 2026Q3; blank follows the programme or the date."),
        _typed("last", "To quarter", read_quarter, "Blank follows the programme or the date."),
        _department(names),
        Field("programme", "Programme", "choice", choices=(("", "None"), *((one, one) for one in programmes))),
    )  # fmt: skip
    desk = page.context.workspace.strategy_desk

    def work(values: Mapping[str, Any]) -> Outcome[Any] | None:
        role, level = values["level"] or ("", "")
        wanted = LineInput(
            role, level, values["skill"] or "", values["department"] or "", values["programme"] or "",
            read_fte(values["fte"]), read_quarter(values["first"]), read_quarter(values["last"]),
        )  # fmt: skip
        return (
            desk.link(known.priority_id, wanted)
            if need is None
            else desk.change_line(need.line_id, wanted, need.version)
        )

    if need is None:
        values: dict[str, Any] = {"level": "", "skill": "", "department": "", "programme": ""}
        return open_form(page, f"What “{known.priority}” needs", "Add need", fields, values, work)
    held = desk.line_input(need.line_id)
    values = {
        "level": (held.role, held.role_level) if held.role else "", "skill": held.skill,
        "department": held.department, "programme": held.programme,
        "fte": "" if held.fte_hundredths is None else f"{Decimal(held.fte_hundredths) / 100:f}",
        "first": quarter_text(held.from_quarter), "last": quarter_text(held.to_quarter),
    }  # fmt: skip
    return open_form(page, f"Edit what “{known.priority}” needs", "Save need", fields, values, work, remove)


def rename_area(page: Page, names: Names) -> EditDialog:
    """Give an area another name."""
    fields = (
        Field("area", "Area", "choice", choices=tuple((one, one) for one in names.areas)),
        Field("name", "New name", is_required=True),
    )
    desk = page.context.workspace.strategy_desk
    values = {"area": names.areas[0] if names.areas else None, "name": ""}
    return open_form(page, "Rename area", "Rename area", fields, values,
                     lambda values: desk.rename_area(values["area"], values["name"]))  # fmt: skip


def _day_text(day: date | None) -> str:
    return f"{day:%d %b %Y}" if day else ""


def rate_maturity(page: Page, names: Names, department: str) -> EditDialog:
    """Rate a department in an area."""
    fields = (
        Field("department", "Department", "choice", choices=tuple((one, one) for one in names.departments)),
        Field("area", "Area", "choice", choices=tuple((one, one) for one in names.areas)),
        Field("score", "Score", "int", "0 nothing yet, 5 leading.", minimum=0, maximum=5),
        Field("evidence", "Evidence", hint="What the score rests on."),
        _typed("on", "Assessed on", read_day, "Blank is today."),
        Field("assessor", "Assessed by", hint="Blank is you."),
    )
    maturity = page.context.workspace.maturity

    def work(values: Mapping[str, Any]) -> Outcome[Any]:
        return maturity.rate(
            values["department"], values["area"], values["score"], evidence=values["evidence"],
            assessed_on=read_day(values["on"]), assessor=values["assessor"],
        )  # fmt: skip

    values = {"department": department, "area": names.areas[0] if names.areas else None, "score": 0}
    return open_form(page, "Rate maturity", "Save rating", fields, values, work)


def record_leadership(page: Page, department: str, item: Any) -> EditDialog:
    """Say whether a skill of the leadership checklist is evidenced."""
    fields = (
        Field("is_evidenced", "Evidenced", "choice", choices=((True, "Evidenced"), (False, "Not evidenced"))),
        Field("evidence", "Evidence", hint="What it rests on."),
    )
    capability = page.context.workspace.capability

    def work(values: Mapping[str, Any]) -> Outcome[Any]:
        return capability.record(
            department, item.skill, is_evidenced=bool(values["is_evidenced"]), evidence=values["evidence"]
        )

    values = {"is_evidenced": item.is_evidenced is not False, "evidence": item.evidence}
    return open_form(page, f"{item.skill}: {department}", "Save", fields, values, work)


def choose_preset(page: Page) -> EditDialog:
    """Choose one of the bundled strategies to start from."""
    offered = page.context.workspace.strategy_desk.presets()
    fields = (
        Field("name", "Strategy", "choice", "Published facts in our words. Priorities that are there already stay.",
              choices=tuple((one.name, one.title) for one in offered)),
    )  # fmt: skip
    desk = page.context.workspace.strategy_desk
    values = {"name": offered[-1].name if offered else None}
    return open_form(page, "Add preset strategy", "Add priorities", fields, values,
                     lambda values: desk.load_preset(values["name"]))  # fmt: skip


def _department(names: Names) -> Field:
    choices = (("", "Everywhere"), *((one, one) for one in names.departments))
    return Field("department", "Department", "choice", choices=choices)
