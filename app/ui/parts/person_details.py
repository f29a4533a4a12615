"""One person in the drawer: who, required against held, the history of ratings, and the role chosen by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from app.change import Outcome
from app.progress import Progress
from app.services.assessments import RatingLine
from app.services.gaps import PairLine
from app.services.people import PersonProfile
from app.services.population import RoleLevelLine
from app.services.prospects import Prospects
from app.ui.formats import day, fte, level, whole
from app.ui.page import Page
from app.ui.parts.facts import Facts
from app.ui.parts.own_role import own_role_maker
from app.ui.parts.person_prospects import LevelDots, help_words
from app.ui.parts.role_dialog import RoleChoice, RoleDialog, SecondaryRoleDialog
from app.ui.widgets import IconLabel, button, label, line

MOST_RATINGS = 60


@dataclass(frozen=True, slots=True)
class PersonAnswer:
    """Everything the drawer says about one person."""

    profile: PersonProfile
    prospects: Prospects

    @property
    def pairs(self) -> tuple[PairLine, ...]:
        """Required against held."""
        return self.prospects.pairs

    @property
    def ratings(self) -> tuple[RatingLine, ...]:
        """Every rating, newest first."""
        return self.prospects.ratings


def show_person(page: Page, person_id: int) -> None:
    """Ask for one person and open the drawer of a page with the answer."""
    workspace, day_shown = page.context.workspace, page.context.scope.scope.as_at

    def work(_progress: Progress) -> PersonAnswer:
        return PersonAnswer(
            workspace.people.profile(person_id),
            workspace.prospects.person(person_id, day_shown),
        )

    page.context.jobs.read(
        work, lambda found: _open(page, found), key=f"person/{page.key}", title="Reading one person"
    )


def _open(page: Page, found: PersonAnswer) -> None:
    who = found.profile.line
    is_hidden = page.context.settings.flag("hide_names")
    title = f"Staff ID {who.staff_id}" if is_hidden or not who.name else who.name
    page.drawer.open_with(title, _person(page, found, is_hidden=is_hidden))


def _person(page: Page, found: PersonAnswer, *, is_hidden: bool) -> Facts:
    profile, who = found.profile, found.profile.line
    facts = Facts()
    facts.add("Role", who.role_words, who.role_family)
    if not page.context.workspace.is_read_only:
        facts.add_widget(button("Choose role", "secondary", "edit", lambda: choose_role(page, profile)))
    _add_secondary(page, facts, profile)
    _add_pairs(facts, found.pairs, has_role=bool(who.role_level))
    if found.pairs:
        for part in help_words(found.prospects, hides_names=is_hidden):
            facts.add_widget(part)
    facts.add_heading("About")
    facts.add("Job title", who.job_title)
    facts.add("Unit", who.unit)
    facts.add(
        "Grade and FTE", f"{who.grade or 'No grade'}, {fte(who.fte)}", f"{who.employment}, {who.status}"
    )
    facts.add("Location", who.location)
    if not is_hidden:
        facts.add("Staff ID", who.staff_id)
        facts.add("Email", profile.email)
        facts.add("Manager", profile.manager)
    dates = [
        f"{word} {day(value)}"
        for word, value in (("from", profile.start_date), ("to", profile.end_date))
        if value is not None
    ]
    facts.add("Employed", ", ".join(dates))
    facts.add("Profession", profile.profession)
    for heading, entries in (("Roles over time", profile.roles), ("Posts over time", profile.spells)):
        if entries:
            facts.add_heading(heading)
            for entry in entries:
                until = f" to {day(entry.valid_to)}" if entry.valid_to else ""
                facts.add(f"From {day(entry.valid_from)}{until}", entry.what)
    _add_ratings(facts, found.ratings)
    facts.finish()
    return facts


def gap_words(pair: PairLine) -> tuple[str, str, str]:
    """The state of a pair in words, with the icon and token beside it."""
    if pair.gap is None:
        return "Not assessed", "help", "secondary"
    if pair.gap == 0:
        return "Met", "ok", "good"
    return f"{whole(pair.gap)} short", "warning", "warn"


def _add_pairs(facts: Facts, pairs: Sequence[PairLine], *, has_role: bool) -> None:
    facts.add_heading("Required and held")
    if not pairs:
        facts.add_text(
            "This role requires no levels." if has_role else "Nothing is required until there is a role."
        )
    for pair in pairs:
        words, icon, token = gap_words(pair)
        detail = f"Needs {level(pair.required).lower()}"
        if pair.held is not None:
            detail += f", holds {level(pair.held).lower()}"
        facts.add_pair(pair.skill, detail, _state(words, icon, token, LevelDots(pair.held, pair.required)))


def _state(words: str, icon: str, token: str, dots: QWidget) -> QWidget:
    made = QWidget()
    made.setLayout(line(dots, IconLabel(icon, token, 16), label(words, "small", wraps=False), space=4))
    return made


def _add_ratings(facts: Facts, ratings: Sequence[RatingLine]) -> None:
    if not ratings:
        return
    facts.add_heading("History of ratings")
    for rating in ratings[:MOST_RATINGS]:
        counts = ", counts now" if rating.is_current else ""
        facts.add(
            f"{day(rating.assessed_on)}, {rating.assessed_by}{counts}",
            f"{rating.skill}: {level(rating.level).lower()}",
            rating.evidence or rating.comment,
        )
    if len(ratings) > MOST_RATINGS:
        facts.add_text(f"And {whole(len(ratings) - MOST_RATINGS)} earlier ratings.")


# --- the role by hand ---------------------------------------------------------------------------------------------


def choose_role(page: Page, profile: PersonProfile) -> None:
    """Choose the primary role of one person by hand from a day on; the earlier one ends there."""
    roles, person_id = page.context.workspace.roles, profile.line.person_id

    def take(record: RoleChoice) -> None:
        _write_role(
            page,
            person_id,
            lambda: roles.set_role(person_id, record.choice, record.valid_from),
            f"Choosing {record.role_level}",
        )

    title = f"Job title: {profile.line.job_title or 'none'}."
    _ask_role(page, RoleDialog, f"Which role does {_called(page, profile)} have? {title}", take)


def add_secondary_role(page: Page, profile: PersonProfile) -> None:
    """Give one person a second role with a share of time; it requires nothing."""
    roles, person_id = page.context.workspace.roles, profile.line.person_id

    def take(record: RoleChoice) -> None:
        level_id = record.choice.role_level_id or 0
        _write_role(
            page,
            person_id,
            lambda: roles.add_secondary_role(person_id, level_id, record.share, record.valid_from),
            f"Adding {record.role_level}",
        )

    sentence = (
        f"Which second role does {_called(page, profile)} have? "
        "It is shown with its share of time and adds no required skills."
    )
    _ask_role(page, SecondaryRoleDialog, sentence, take)


def _called(page: Page, profile: PersonProfile) -> str:
    is_hidden = page.context.settings.flag("hide_names")
    return "this person" if is_hidden else profile.line.name or profile.line.staff_id


def _ask_role(
    page: Page, kind: type[RoleDialog], sentence: str, take: Callable[[RoleChoice], object]
) -> None:
    context = page.context

    def ask(levels: tuple[RoleLevelLine, ...]) -> None:
        dialog = kind(page, sentence, levels, context.workspace.today(), own_role_maker(context))
        dialog.chosen.connect(take)
        dialog.open()

    context.jobs.read(lambda _progress: context.workspace.roles.role_levels(), ask, title="Reading roles")


def _write_role(page: Page, person_id: int, work: Callable[[], Outcome[int]], title: str) -> None:
    page.context.jobs.write(lambda _progress: work(), lambda _done: show_person(page, person_id), title=title)


def _add_secondary(page: Page, facts: Facts, profile: PersonProfile) -> None:
    """The secondary roles with their shares of time, and what can be done about them."""
    can_write, person_id = not page.context.workspace.is_read_only, profile.line.person_id
    roles = page.context.workspace.roles
    if profile.secondary:
        facts.add_heading("Secondary roles")
    for held in profile.secondary:
        detail = f"{held.share} % of time, from {day(held.valid_from)}"
        if not can_write:
            facts.add_text(f"{held.role_level}: {detail}")
            continue
        end = button(
            "End",
            "secondary",
            "",
            lambda held=held: _write_role(
                page,
                person_id,
                lambda: roles.end_secondary_role(held.role_assignment_id),
                f"Ending {held.role_level}",
            ),
        )
        end.setAccessibleName(f"End {held.role_level}")
        facts.add_pair(held.role_level, detail, end)
    if can_write and profile.line.role_level:
        facts.add_widget(
            button("Add secondary role", "secondary", "add", lambda: add_secondary_role(page, profile))
        )
