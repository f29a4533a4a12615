"""One person's ratings in the drawer, and the form that adds one by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QWidget

from app.services.coverage import PersonRatings
from app.services.gaps import PairLine
from app.terms import LEVEL_WORDS, AssessedBy, Level
from app.ui.form import Field, Form
from app.ui.formats import day, level, share, whole
from app.ui.page import Page
from app.ui.parts.facts import Facts
from app.ui.parts.line_list import Line, LineList
from app.ui.parts.person_details import show_person
from app.ui.widgets import button, label, line, rows

MOST_RATINGS = 60
_LEVEL_CHOICES = tuple(
    (int(one), f"{int(one)}  {LEVEL_WORDS[one][:1].upper()}{LEVEL_WORDS[one][1:]}") for one in Level
)
_ASSESSOR_CHOICES = tuple((one, f"{one.value[:1].upper()}{one.value[1:]}") for one in reversed(AssessedBy))


class RatingDialog(QDialog):
    """Who rates which skill how, with what evidence. ``saved(dict)`` with the values of the form."""

    saved = Signal(object)

    def __init__(self, parent: QWidget, who: str, skills: Sequence[tuple[int, str]], today: date) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle("Rate skill")
        self._today = today
        self.form = Form(
            (
                Field("skill_id", "Skill", "choice", choices=tuple(skills), is_required=True),
                Field("level", "Level", "choice", choices=_LEVEL_CHOICES, is_required=True,
                      hint="0 means assessed and below awareness."),
                Field("assessed_by", "Rated by", "choice", choices=_ASSESSOR_CHOICES, is_required=True),
                Field("assessed_on", "Rated on", "date", check=self._check_day),
                Field("evidence", "Evidence", hint="What shows it: a piece of work, a course, a conversation."),
            )
        )  # fmt: skip
        self.form.set_values({"assessed_on": today, "level": None, "assessed_by": None})
        save = button("Save rating", "primary", "", self._save)
        save.setDefault(True)
        feet = line(button("Cancel", clicked=self.reject), save, space=12)
        feet.insertStretch(0, 1)
        sentence = label(f"A rating of {who}. Earlier ratings stay in the history.")
        self.setLayout(rows(sentence, self.form, feet, space=16, margins=(24, 20, 24, 20)))
        self.setMinimumWidth(440)

    def choose_skill(self, skill_id: int) -> None:
        """Rate this skill; the keyboard is put on the level."""
        self.form.set_values({"skill_id": skill_id})
        self.form.editor("level").setFocus()

    def _check_day(self, value: date) -> str:
        return "Rated on: choose today or an earlier day" if value > self._today else ""

    def _save(self) -> None:
        if self.form.validate():
            self.saved.emit(self.form.values())
            self.accept()


def show_ratings(page: Page, person_id: int) -> None:
    """Ask for one person's ratings and open the drawer with them."""
    workspace, day_shown = page.context.workspace, page.context.scope.scope.as_at
    page.context.jobs.read(
        lambda _progress: workspace.coverage.ratings(person_id, day_shown),
        lambda found: page.drawer.open_with(_who(page, found), _facts(page, found)),
        key="ratings",
        title="Reading one person’s ratings",
    )


def _who(page: Page, found: PersonRatings) -> str:
    is_hidden = page.context.settings.flag("hide_names")
    return f"Staff ID {found.line.staff_id}" if is_hidden or not found.line.name else found.line.name


def _facts(page: Page, found: PersonRatings) -> Facts:
    facts, one = Facts(), found.line
    assessed = sum(pair.held is not None for _, pair in found.pairs)
    facts.add("Role", one.role_words, f"{one.unit}, {one.grade or 'no grade'}")
    if found.pairs:
        facts.add(
            "Assessed",
            f"{whole(assessed)} of {whole(len(found.pairs))} required skills",
            f"coverage {share(assessed / len(found.pairs))}",
        )
    if found.pairs and not page.context.workspace.is_read_only:
        facts.add_widget(button("Rate skill", "secondary", "edit", lambda: rate(page, found)))
    facts.add_heading("Required skills")
    if found.pairs:
        listed = LineList("Required skills", grows=True)
        listed.set_lines([Line(pair.skill, pair_words(pair), skill_id) for skill_id, pair in found.pairs])
        if not page.context.workspace.is_read_only:
            listed.opened.connect(lambda skill_id: rate(page, found, skill_id))
        facts.add_widget(listed)
    else:
        facts.add_text("Nothing is required until there is a role.")
    if found.history:
        facts.add_heading("History of ratings")
    for rating in found.history[:MOST_RATINGS]:
        facts.add(
            f"{day(rating.assessed_on)}, {rating.assessed_by}{', counts now' if rating.is_current else ''}",
            f"{rating.skill}: {level(rating.level).lower()}",
            rating.evidence or rating.comment,
        )
    if len(found.history) > MOST_RATINGS:
        facts.add_text(f"And {whole(len(found.history) - MOST_RATINGS)} earlier ratings.")
    facts.add_widget(
        button("Show whole record", "secondary", "people", lambda: show_person(page, one.person_id))
    )
    facts.finish()
    return facts


def pair_words(pair: PairLine) -> str:
    """Held against required in words, with who rated it when."""
    needs = f"needs {level(pair.required).lower()}"
    if pair.held is None:
        return f"Not assessed; {needs}"
    by = f" ({pair.assessed_by}, {day(pair.assessed_on)})" if pair.assessed_on else ""
    return f"{level(pair.held)}; {needs}{by}"


def rate(page: Page, found: PersonRatings, skill_id: int | None = None) -> RatingDialog:
    """Open the form; with a skill, for that one."""
    workspace, person = page.context.workspace, found.line.person_id
    names = {key: pair.skill for key, pair in found.pairs}
    who = _who(page, found)

    def save(values: dict[str, object]) -> None:
        chosen, wanted = int(str(values["skill_id"])), int(str(values["level"]))

        def done(current: int) -> None:
            words = f"{names[chosen]} of {who} is rated {level(wanted).lower()}."
            if current != wanted:
                words += f" Another rating counts before it: {level(current).lower()}."
            page.banner.say(f"{words} Ctrl+Z takes it back.", tone="info")
            show_ratings(page, person)

        by, on, evidence = AssessedBy(str(values["assessed_by"])), values["assessed_on"], values["evidence"]
        assert isinstance(on, date)
        page.context.jobs.write(
            lambda _progress: workspace.assessments.set_level(person, chosen, wanted, by, str(evidence), on),
            done,
            title=f"Rating {names[chosen]}",
        )

    dialog = RatingDialog(page, who, list(names.items()), workspace.today())
    dialog.saved.connect(save)
    dialog.open()
    dialog.choose_skill(skill_id if skill_id is not None else next(iter(names)))
    return dialog
