"""One finding of a data check in the drawer: what was found, about whom, and what can be done about it here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.progress import Progress
from app.services.people import PersonLine, PersonProfile
from app.services.quality import CheckKey, QualityCheck, QualityLine
from app.services.scope import Scope
from app.ui.formats import day, fte
from app.ui.page import Page
from app.ui.parts.choose_person import PersonDialog, ask_person
from app.ui.parts.facts import Facts
from app.ui.parts.person_details import choose_role, show_person
from app.ui.widgets import button

ROLE_CHECKS = frozenset({CheckKey.NO_ROLE, CheckKey.ROLE_GRADE, CheckKey.LEVEL_GRADE, CheckKey.TITLE})


@dataclass(frozen=True, slots=True)
class FindingAnswer:
    """The records of the person a check has found, and of the other one of a pair."""

    profile: PersonProfile
    other: PersonProfile | None


def show_finding(page: Page, check: QualityCheck, found: QualityLine) -> None:
    """Ask for the records behind a finding and open the drawer with them."""
    people = page.context.workspace.people

    def work(_progress: Progress) -> FindingAnswer:
        other = people.profile(found.other_person_id) if found.other_person_id else None
        return FindingAnswer(people.profile(found.person_id), other)

    page.context.jobs.read(
        work, lambda answer: _open(page, check, found, answer), key="finding", title="Reading one person"
    )


def who(page: Page, staff_id: str, name: str) -> str:
    """A person's name, or the staff number where names are hidden."""
    return f"Staff ID {staff_id}" if page.context.settings.flag("hide_names") or not name else name


def _open(page: Page, check: QualityCheck, found: QualityLine, answer: FindingAnswer) -> None:
    facts = Facts()
    facts.add(check.name, found.found + ".")
    if found.score is not None:
        facts.add("Likeness", f"{found.score} of 100 points", "the reasons above, added up")
    if not page.context.workspace.is_read_only:
        _add_fixes(facts, page, check.key, found, answer)
    _add_record(facts, page, answer.profile)
    if answer.other is not None:
        _add_record(facts, page, answer.other)
    facts.add_heading("How to put it right")
    facts.add_text(check.how_to_fix)
    facts.finish()
    page.drawer.open_with(who(page, found.staff_id, found.name), facts)


def _add_record(facts: Facts, page: Page, profile: PersonProfile) -> None:
    one = profile.line
    facts.add_heading(who(page, one.staff_id, one.name))
    facts.add("Staff ID", one.staff_id)
    facts.add("Job title", one.job_title)
    facts.add("Role", one.role_words)
    facts.add(
        "Grade and FTE", f"{one.grade or 'No grade'}, {fte(one.fte)}", f"{one.employment}, {one.status}"
    )
    facts.add("Unit", one.unit)
    if not page.context.settings.flag("hide_names"):
        facts.add("Email", profile.email)
        facts.add("Manager", profile.manager)
    dates = (
        (word, value) for word, value in (("from", profile.start_date), ("to", profile.end_date)) if value
    )
    facts.add("Employed", ", ".join(f"{word} {day(value)}" for word, value in dates))
    facts.add_widget(
        button("Show whole record", "secondary", "people", lambda: show_person(page, one.person_id))
    )


def _add_fixes(facts: Facts, page: Page, key: CheckKey, found: QualityLine, answer: FindingAnswer) -> None:
    if key in ROLE_CHECKS:
        facts.add_widget(
            button("Choose role", "secondary", "edit", lambda: choose_role(page, answer.profile))
        )
    if key is CheckKey.MANAGER:
        facts.add_widget(button("Name manager", "secondary", "edit", lambda: name_manager(page, found)))
    if found.can_end_roles:
        facts.add_widget(button("End open roles", "secondary", "ok", lambda: end_roles(page, (found,))))
    if key is CheckKey.DUPLICATE:
        facts.add_widget(
            button("Mark as different people", "secondary", "ok", lambda: mark_different(page, (found,)))
        )


def end_roles(page: Page, lines: tuple[QualityLine, ...]) -> None:
    """End the open roles of leavers; Ctrl+Z takes it back."""
    quality = page.context.workspace.quality
    people = [one.person_id for one in lines if one.can_end_roles]
    page.drawer.shut()
    page.context.jobs.write(
        lambda _progress: quality.end_roles_of_leavers(people),
        lambda count: page.banner.say(
            f"{count:,} open {'role' if count == 1 else 'roles'} ended. Ctrl+Z takes it back.", tone="info"
        ),
        title="Ending roles of leavers",
    )


def mark_different(page: Page, lines: tuple[QualityLine, ...]) -> None:
    """Remember that pairs are different people; Ctrl+Z takes it back."""
    quality = page.context.workspace.quality
    pairs = [(one.staff_id, one.other_staff_id) for one in lines]
    page.drawer.shut()
    page.context.jobs.write(
        lambda _progress: quality.mark_different(pairs),
        lambda count: page.banner.say(
            f"{'1 pair is' if count == 1 else f'{count:,} pairs are'} marked as different people and no longer "
            "listed. Ctrl+Z takes it back.",
            tone="info",
        ),
        title="Marking as different people",
    )


def name_manager(page: Page, found: QualityLine) -> None:
    """Choose a person's manager from everybody here."""
    workspace, jobs = page.context.workspace, page.context.jobs
    called = who(page, found.staff_id, found.name)

    def take(one: PersonLine) -> None:
        page.drawer.shut()
        jobs.write(
            lambda _progress: workspace.quality.set_manager(found.person_id, one.staff_id),
            lambda _manager: page.banner.say(
                f"{who(page, one.staff_id, one.name)} is now the manager of {called}. Ctrl+Z takes it back.",
                tone="info",
            ),
            title="Naming a manager",
        )

    def ask(people: Sequence[PersonLine]) -> None:
        dialog = PersonDialog(
            page, "Name manager", f"Who is the manager of {called}?", "Name this manager",
            [one for one in people if one.person_id != found.person_id],
            with_names=not page.context.settings.flag("hide_names"),
        )  # fmt: skip
        ask_person(dialog, take)

    jobs.read(lambda _progress: workspace.people.table(Scope()).lines, ask, title="Reading people")
