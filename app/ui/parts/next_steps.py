"""What to do next: the six steps of the first hour, each with its state in words and a button that goes there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.services.overview import NextStep, OverviewFigures, StepKey
from app.ui.formats import people, share, whole
from app.ui.widgets import Card, IconLabel, button, label, line, rows

Sentence = Callable[[NextStep, OverviewFigures], str]


@dataclass(frozen=True, slots=True)
class StepWords:
    """How a step is called, what its button says, where it leads, and its state in a sentence."""

    title: str
    verb: str
    page: str
    about: dict[str, Any]
    done: Sentence
    open: Sentence


def _of(count: int, one: str, several: str) -> str:
    return f"{whole(count)} {one if count == 1 else several}"


STEPS: dict[StepKey, StepWords] = {
    StepKey.FRAMEWORK: StepWords(
        "Load a framework",
        "Load framework",
        "frameworks",
        {"act": "load"},
        lambda step, found: f"{found.framework}: {_of(step.count, 'role level', 'role levels')}",
        lambda _step, _found: "The roles and skills everything is measured against",
    ),
    StepKey.PEOPLE: StepWords(
        "Load the HR extract",
        "Load HR extract",
        "people",
        {"act": "load_people"},
        lambda step, _found: f"{people(step.count)} loaded so far",
        lambda _step, _found: "A CSV or Excel file from your HR system, as it is",
    ),
    StepKey.ROLES: StepWords(
        "Review roles",
        "Review roles",
        "role_mapping",
        {},
        lambda _step, found: f"Everybody is decided: {people(found.mapped)} with a role",
        lambda step, _found: (
            f"{people(step.count)} {'has' if step.count == 1 else 'have'} no role yet"
            if step.count
            else "Muster suggests a role for each job title"
        ),
    ),
    StepKey.ASSESSMENTS: StepWords(
        "Load assessments",
        "Load assessments",
        "assessments",
        {"act": "load_assessments"},
        lambda _step, found: f"{share(found.totals.coverage or 0)} of requirements are assessed",
        lambda _step, _found: "Ratings of people in skills, one row or one column a skill",
    ),
    StepKey.GAPS: StepWords(
        "See skill gaps",
        "See skill gaps",
        "gaps",
        {},
        lambda step, _found: f"{_of(step.count, 'step', 'steps')} to close",
        lambda step, _found: (
            f"{_of(step.count, 'step', 'steps')} to close"
            if step.can_start
            else "Who is short of what, by department and skill"
        ),
    ),
    StepKey.PLAN: StepWords(
        "Make a training plan",
        "Make training plan",
        "training",
        {},
        lambda step, _found: f"{_of(step.count, 'plan', 'plans')} made",
        lambda _step, _found: "The most steps closed for the money and hours there are",
    ),
}


class _Row(QWidget):
    """One step: done or not, its name, its state in words, its button."""

    def __init__(self, number: int, words: StepWords, go: Callable[[str, dict[str, Any]], object]) -> None:
        super().__init__()
        self._is_done = False
        self._words, self._number = words, number
        self.icon = IconLabel("chevron-right", "secondary")
        self.title = label(words.title, "label")
        self.state = label("", "small")
        self.button = button(words.verb, "link", "", lambda: go(*self._place()))
        self.button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        text = rows(self.title, self.state, space=2)
        box = line(self.icon, text, self.button, space=10)
        box.setStretch(1, 1)
        box.setAlignment(self.icon, Qt.AlignmentFlag.AlignTop)
        self.setLayout(box)

    def _place(self) -> tuple[str, dict[str, Any]]:
        """A step that is done opens its page; one that is not begins there at once."""
        words = self._words
        return (words.page, {}) if self._is_done else (words.page, words.about)

    def show_step(self, step: NextStep, found: OverviewFigures, *, is_next: bool) -> None:
        self._is_done = step.is_done
        sentence = (self._words.done if step.is_done else self._words.open)(step, found)
        self.state.setText(sentence)
        self.icon.show_icon(
            "ok" if step.is_done else "chevron-right",
            "good" if step.is_done else "accent" if is_next else "secondary",
        )
        self.button.setText("Open" if step.is_done else self._words.verb)
        # "Open" alone says little to somebody who hears the buttons one after another.
        self.button.setAccessibleName(f"{self._words.verb}: {sentence}")
        self.button.setVisible(step.can_start or step.is_done)
        state = "done" if step.is_done else "next" if is_next else "to do"
        self.setAccessibleName(f"Step {self._number}, {state}: {self._words.title}. {sentence}")


class NextSteps(Card):
    """The steps in order; ``go(page, about)`` is called with the place of the step whose button is pressed."""

    def __init__(self, go: Callable[[str, dict[str, Any]], object]) -> None:
        super().__init__("What to do next")
        self.rows = {
            key: _Row(number, words, go) for number, (key, words) in enumerate(STEPS.items(), start=1)
        }
        self.body.setSpacing(12)
        for row in self.rows.values():
            self.body.addWidget(row)
        self.checks = button("", "link", "warning", lambda: go("checks", {}))
        self.checks.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.checks.hide()
        self.body.addWidget(self.checks)
        self.body.addStretch(1)

    def show_checks(self, count: int | None) -> None:
        """How many things the data checks have found; none takes no room, None is not counted."""
        words = (
            "Check the data"
            if count is None
            else f"Review {_of(count, 'thing', 'things')} to check in the data"
        )
        self.checks.setText(words)
        self.checks.setVisible(count is None or count > 0)

    def show_steps(self, found: OverviewFigures) -> None:
        """Bring every step up to date."""
        upcoming = found.next_step
        for step in found.steps:
            self.rows[step.key].show_step(step, found, is_next=step == upcoming)
