"""Forms from a list of fields: one field a row, hints under labels, what is wrong beside the field and on top."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.terms import FinancialQuarter
from app.ui.focus import RingList
from app.ui.widgets import button, clear, label, line, repolish, rows

FieldKind = Literal["text", "lines", "int", "money", "choice", "date", "quarter", "check", "multi"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form.

    "lines" is a tuple of the lines that are not blank. ``choices`` are (value, text) pairs for "choice" and
    "multi"; "quarter" takes its values from ``choices`` too, or from the twelve quarters from ``first`` on.
    ``check`` returns what is wrong with a value, or "".
    """

    key: str
    label: str
    kind: FieldKind = "text"
    hint: str = ""
    unit: str = ""
    choices: tuple[tuple[Any, str], ...] = ()
    minimum: int = 0
    maximum: int = 1_000_000_000
    is_required: bool = False
    first: FinancialQuarter | None = None
    check: Callable[[Any], str] | None = None


def read_money(text: str) -> Decimal | None:
    """Pounds as people type them: ``40000``, ``£40,000``, ``40k``, ``1.2m``; None for nothing.

    Raises ValueError with a sentence for anything else.
    """
    plain = text.replace("£", "").replace(",", "").replace(" ", "").lower()
    if not plain:
        return None
    factor = {"k": 1_000, "m": 1_000_000}.get(plain[-1], 1)
    try:
        amount = Decimal(plain.rstrip("km")) * factor
    except InvalidOperation:
        raise ValueError("Enter an amount in pounds, such as 40,000") from None
    if not amount.is_finite() or amount != amount.quantize(Decimal("0.01")):
        raise ValueError("Enter an amount in pounds with at most two places for pence")
    return amount


class _Row(QWidget):
    """Label, hint, problem and editor of one field."""

    def __init__(self, field: Field, editor: QWidget) -> None:
        super().__init__()
        self.field, self.editor = field, editor
        self.label = label(field.label.replace("&", "&&"), "label")  # a label with a buddy reads & as a key
        self.label.setBuddy(editor)
        self.hint = label(field.hint, "small")
        self.problem = label("", "problem")
        self.problem.hide()
        editor.setAccessibleName(field.label + (f", {field.unit}" if field.unit else ""))
        editor.setAccessibleDescription(field.hint)
        below = line(editor, space=8)
        if field.unit:
            below.addWidget(label(field.unit, "secondary", wraps=False))
        below.addStretch(1)
        parts = (
            (self.hint, self.problem, below)
            if field.kind == "check"
            else (
                self.label,
                self.hint,
                self.problem,
                below,
            )
        )
        self.setLayout(rows(*parts, space=4))
        self.hint.setVisible(
            bool(field.hint)
        )  # not earlier: a widget without a parent would open as a window

    def show_problem(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        self.editor.setProperty("problem", "true" if sentence else "false")
        self.editor.setAccessibleDescription(
            f"{sentence}. {self.field.hint}" if sentence else self.field.hint
        )
        repolish(self.editor)


class Form(QWidget):
    """A form over a list of fields. ``edited()`` after every change by the user."""

    edited = Signal()

    def __init__(self, fields: Sequence[Field]) -> None:
        super().__init__()
        self.fields = tuple(fields)
        self._rows = {field.key: _Row(field, self._editor(field)) for field in fields}
        self.summary = QFrame()
        self.summary.setObjectName("ProblemSummary")
        self._problems = QVBoxLayout()
        self._problems.setSpacing(4)
        self.summary.setLayout(
            rows(label("There is a problem", "heading"), self._problems, space=8, margins=(16, 12, 16, 12))
        )
        self.summary.hide()
        box = rows(self.summary, *self._rows.values(), space=16)
        box.addStretch(1)
        self.setLayout(box)

    def editor(self, key: str) -> QWidget:
        """The widget of one field."""
        return self._rows[key].editor

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Fill in what is known; fields not named stay as they are."""
        for key, value in values.items():
            _fill(self._rows[key].field, self._rows[key].editor, value)

    def values(self) -> dict[str, Any]:
        """What is entered, typed: int, Decimal, date, FinancialQuarter, bool, tuple; None for nothing.

        Call it after :meth:`validate` said yes; raises ValueError where a field cannot be read.
        """
        return {key: _read(row.field, row.editor) for key, row in self._rows.items()}

    def validate(self) -> bool:
        """Check every field, show what is wrong, put the keyboard on the summary's first link."""
        problems: dict[str, str] = {}
        for key, row in self._rows.items():
            sentence = _problem(row.field, row.editor)
            if sentence:
                problems[key] = sentence
        self.show_problems(problems)
        return not problems

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Show sentences beside their fields and in the summary; an empty mapping takes them all away."""
        clear(self._problems)
        for key, row in self._rows.items():
            sentence = problems.get(key, "")
            row.show_problem(sentence)
            if sentence:
                made = button(sentence.replace("&", "&&"), "link", "", row.editor.setFocus)
                made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
                self._problems.addWidget(made)
        self.summary.setVisible(bool(problems))
        first = self._problems.itemAt(0)
        link = first.widget() if first is not None else None
        if link is not None:
            link.setFocus(Qt.FocusReason.OtherFocusReason)

    def _editor(self, field: Field) -> QWidget:
        made = _EDITORS[field.kind](field)
        signal = {
            "text": "textChanged",
            "lines": "textChanged",
            "money": "textChanged",
            "int": "valueChanged",
            "choice": "currentIndexChanged",
            "quarter": "currentIndexChanged",
            "date": "dateChanged",
            "check": "toggled",
            "multi": "itemChanged",
        }[field.kind]
        getattr(made, signal).connect(lambda *_: self.edited.emit())
        return made


def _text_editor(field: Field) -> QWidget:
    made = QLineEdit()
    made.setMinimumWidth(160 if field.kind == "money" else 320)
    if field.kind == "money":
        made.setAlignment(Qt.AlignmentFlag.AlignRight)
        made.setMaximumWidth(160)
    return made


def _lines_editor(_field: Field) -> QWidget:
    made = QPlainTextEdit()
    made.setTabChangesFocus(True)
    made.setMinimumWidth(240)
    made.setFixedHeight(4 * made.fontMetrics().lineSpacing())
    return made


def _int_editor(field: Field) -> QWidget:
    made = QSpinBox()
    made.setRange(field.minimum, field.maximum)
    made.setGroupSeparatorShown(True)
    made.setMinimumWidth(120)
    return made


def _choice_editor(field: Field) -> QWidget:
    made = QComboBox()
    choices = field.choices
    if field.kind == "quarter" and not choices and field.first is not None:
        choices = tuple((field.first + n, (field.first + n).label) for n in range(12))
    for value, text in choices:
        made.addItem(text, value)
    made.setMinimumWidth(200)
    return made


def _date_editor(_field: Field) -> QWidget:
    made = QDateEdit()
    made.setDisplayFormat("d MMM yyyy")
    made.setCalendarPopup(True)
    made.setMinimumWidth(160)
    return made


def _check_editor(field: Field) -> QWidget:
    return QCheckBox(field.label.replace("&", "&&"))


def _multi_editor(field: Field) -> QWidget:
    made = RingList()
    for value, text in field.choices:
        item = QListWidgetItem(text)
        item.setData(Qt.ItemDataRole.UserRole, value)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Unchecked)
        made.addItem(item)
    made.setMinimumWidth(320)
    made.setMaximumHeight(180)
    return made


_EDITORS: dict[str, Callable[[Field], QWidget]] = {
    "text": _text_editor,
    "lines": _lines_editor,
    "money": _text_editor,
    "int": _int_editor,
    "choice": _choice_editor,
    "quarter": _choice_editor,
    "date": _date_editor,
    "check": _check_editor,
    "multi": _multi_editor,
}


def _fill(field: Field, editor: QWidget, value: Any) -> None:
    match editor:
        case QSpinBox():
            editor.setValue(field.minimum if value is None else int(value))
        case QComboBox():
            editor.setCurrentIndex(_choice_place(editor, value))
        case QDateEdit():
            editor.setDate(QDate(value.year, value.month, value.day))
        case QCheckBox():
            editor.setChecked(bool(value))
        case QListWidget():
            for item in _items(editor):
                wanted = item.data(Qt.ItemDataRole.UserRole) in (value or ())
                item.setCheckState(Qt.CheckState.Checked if wanted else Qt.CheckState.Unchecked)
        case QPlainTextEdit():
            editor.setPlainText("\n".join(value or ()))
        case QLineEdit():
            editor.setText(
                "" if value is None else f"{value:,}" if isinstance(value, Decimal) else str(value)
            )
        case _:
            raise TypeError(type(editor).__name__)


def _choice_place(editor: QComboBox, value: Any) -> int:
    for place in range(editor.count()):
        if editor.itemData(place) == value:
            return place
    return -1


def _items(editor: QListWidget) -> list[QListWidgetItem]:
    return [editor.item(place) for place in range(editor.count())]


def _read(field: Field, editor: QWidget) -> Any:
    match editor:
        case QSpinBox():
            return editor.value()
        case QComboBox():
            value = editor.currentData()
            return FinancialQuarter(value) if field.kind == "quarter" and value is not None else value
        case QDateEdit():
            chosen = editor.date()
            return date(chosen.year(), chosen.month(), chosen.day())
        case QCheckBox():
            return editor.isChecked()
        case QListWidget():
            return tuple(
                item.data(Qt.ItemDataRole.UserRole)
                for item in _items(editor)
                if item.checkState() == Qt.CheckState.Checked
            )
        case QPlainTextEdit():
            return tuple(text.strip() for text in editor.toPlainText().splitlines() if text.strip())
        case QLineEdit():
            text = editor.text().strip()
            return read_money(text) if field.kind == "money" else text
        case _:
            raise TypeError(type(editor).__name__)


def _problem(field: Field, editor: QWidget) -> str:
    """What is wrong with what is entered, as a sentence that says what to do; "" where nothing is."""
    try:
        value = _read(field, editor)
    except ValueError as error:
        return f"{field.label}: {str(error)[:1].lower()}{str(error)[1:]}"
    if field.is_required and value in (None, "", ()):
        verb = "choose" if field.kind in ("choice", "multi", "quarter") else "enter"
        return f"{field.label}: {verb} a value"
    if field.kind == "money" and value is not None and not field.minimum <= value <= field.maximum:
        return f"{field.label}: enter an amount from £{field.minimum:,} to £{field.maximum:,}"
    return field.check(value) if field.check is not None else ""
