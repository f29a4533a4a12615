"""``import …``: files into the workspace, previewed first, all or nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer

from app.cli.output import counted, say, say_problems
from app.cli.session import parse_day, progress, workspace
from app.errors import InputProblems, UsageError
from app.files.options import ReadOptions
from app.services.assessments import AssessmentsPreview, AssessmentsSummary
from app.services.people import LEAVERS_ASK_ABOVE, PeoplePreview
from app.services.posts import PostsPreview

group = typer.Typer(
    help="Load files: framework, people, organograms, assessments, courses, strategy, contracts, establishment.",
    no_args_is_help=True,
)

Preview = Annotated[bool, typer.Option("--preview", help="Show what would happen and write nothing.")]
Mapping = Annotated[
    list[str] | None, typer.Option("--map", help='What a heading means: --map "Their header=our_name".')
]
Skip = Annotated[bool, typer.Option("--skip-bad-rows", help="Load the good rows; the others are listed.")]
SheetName = Annotated[str, typer.Option("--sheet", help="The sheet to read, where the file has several.")]


def register(app: typer.Typer) -> None:
    """Hang ``import`` onto the command line."""
    app.add_typer(group, name="import")


def read_options(mapping: list[str] | None, sheet: str) -> ReadOptions:
    """``--map`` and ``--sheet`` as the readers want them."""
    pairs: dict[str, str] = {}
    for text in mapping or []:
        theirs, mark, ours = text.rpartition("=")
        if not mark or not theirs.strip():
            raise UsageError(f"--map {text!r} has no “=”.", 'Write --map "Their header=our_name".')
        pairs[theirs.strip()] = ours.strip()
    return ReadOptions(mapping=pairs, sheet=sheet)


class _Columns(Protocol):
    """What every preview tells of the columns it read."""

    @property
    def columns(self) -> Sequence[tuple[str, str]]: ...
    @property
    def unclear(self) -> Sequence[str]: ...
    @property
    def dropped(self) -> Sequence[str]: ...


def say_columns(found: _Columns) -> None:
    """Which columns of the file were read as what, what was unclear, and which were not read."""
    say("columns: " + "; ".join(f"{theirs} → {ours}" for theirs, ours in found.columns))
    for sentence in found.unclear:
        say(f"unclear: {sentence}")
    if found.dropped:
        say("not read: " + "; ".join(found.dropped))


@group.command("framework")
def import_framework(
    roles: Annotated[Path, typer.Argument(help="The role-content file.")],
    skills: Annotated[Path | None, typer.Option(help="The skill-content file.")] = None,
    label: Annotated[str, typer.Option(help="What to call this version.")] = "",
    effective: Annotated[str | None, typer.Option(help="The day it takes effect, as 2025-09-25.")] = None,
    preview: Preview = False,
    skip_bad_rows: Skip = False,
) -> None:
    """Load a version of a capability framework from its published files."""
    day = parse_day(effective)
    with workspace(read_only=preview) as ws:
        found = ws.frameworks.preview_import(roles, skills, progress(), label=label, effective_on=day)
        say_problems(found.problems)
        for oddity in found.file.oddities:
            say(f"oddity: {oddity.count:,} × {oddity.kind}")
        if preview and not found.is_nothing_to_change:
            print(
                f"Would {'enrich ' + found.matched_label if found.action == 'enrich' else 'add ' + found.label}."
            )
        refuse(list(found.problems), skip=skip_bad_rows)
        if found.is_nothing_to_change:
            print(f"Nothing to change: {found.matched_label} already holds all of this.")
        elif preview:
            return
        else:
            outcome = ws.frameworks.commit_import(found)
            if outcome is not None:
                done = outcome.value
                verb = "Added" if done.action == "new" else "Enriched"
                print(
                    f"{verb} {done.label}: {done.families} role families, {done.roles} roles, "
                    f"{done.role_levels} role levels and {done.chief_roles} chief roles, {done.skills} skills, "
                    f"{done.requirements:,} requirements, {done.checklist_entries} checklist entries."
                    + (" It is the current version." if done.is_current else "")
                )


@group.command("people")
def import_people(
    file: Annotated[Path, typer.Argument(help="The HR extract: xlsx, xls, ods or csv.")],
    preview: Preview = False,
    mapping: Mapping = None,
    sheet: SheetName = "",
    skip_bad_rows: Skip = False,
    mark_leavers: Annotated[
        bool, typer.Option("--mark-leavers", help="End those absent from the file, within its departments.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask about many leavers.")] = False,
    as_at: Annotated[str | None, typer.Option("--as-at", help="The day the extract speaks of.")] = None,
) -> None:
    """Load an HR extract: new people are added, known ones updated, nothing is duplicated."""
    options, day = read_options(mapping, sheet), parse_day(as_at)
    with workspace(read_only=preview) as ws:
        shown = progress()
        found = ws.people.preview_import(file, options, shown, day)
        _say_people_preview(found)
        if preview:
            print(_people_counts(found))
        refuse(list(found.problems), skip=skip_bad_rows)
        if preview:
            return
        if mark_leavers and found.leavers_share > LEAVERS_ASK_ABOVE and not yes:
            _ask_about_leavers(found)
        outcome = ws.people.commit_import(
            found, shown, mark_leavers=mark_leavers, skip_bad_rows=skip_bad_rows
        )
        if outcome is None:
            print("Nothing to change: the workspace already holds all of this.")
            return
        done = outcome.value
        print(
            f"Loaded {file.name}: {done.new:,} new, {done.changed:,} changed, {done.unchanged:,} unchanged"
            + (f", {done.leavers_ended:,} leavers ended" if mark_leavers else "")
            + f"; {done.new_units:,} new departments and units; {done.with_role:,} came with a role."
            + skipped(done.skipped_rows)
        )


def _say_people_preview(found: PeoplePreview) -> None:
    say_columns(found)
    for path in found.new_units[:50]:
        say(f"new unit: {path}")
    if len(found.new_units) > 50:
        say(f"… and {len(found.new_units) - 50:,} more new units.")
    for change in found.changes[:50]:
        say(
            f"change: {change.staff_id} {change.field}: {change.before or 'blank'} → {change.after or 'blank'}"
        )
    if len(found.changes) > 50:
        say(f"… and {len(found.changes) - 50:,} more changes.")
    if found.leavers:
        say(f"not in the file: {len(found.leavers):,} people of its departments ({found.leavers_share:.0%})")
    say_problems(found.problems)


def _people_counts(found: PeoplePreview) -> str:
    return (
        f"Would add {len(found.new_people):,} people, change {found.changed_people:,} and leave "
        f"{found.unchanged:,} as they are; {len(found.new_units):,} new departments and units; "
        f"{len(found.leavers):,} people of these departments are not in the file."
    )


def _ask_about_leavers(found: PeoplePreview) -> None:
    question = (
        f"{len(found.leavers):,} people ({found.leavers_share:.0%} of these departments) are not in the file. "
        "End them all?"
    )
    if not sys.stdin.isatty():
        raise UsageError(question, "Use --yes to do so, or leave --mark-leavers out.")
    if not typer.confirm(question, default=False, err=True):
        raise UsageError("Nothing was changed.", "Load the file without --mark-leavers to keep them.")


def refuse(problems: list[Any], *, skip: bool) -> None:
    """Stop with exit code 1 where rows are bad and not to be skipped; they have been listed already."""
    errors = [problem for problem in problems if problem.severity == "error"]
    if not errors:
        return
    if not skip:
        raise InputProblems([], f"{counted(len(errors), 'problem')} found; nothing was changed.")
    say(f"{counted(len({problem.row for problem in errors}), 'bad row')} left out.")


def _ratings(found: AssessmentsPreview | AssessmentsSummary) -> str:
    people, skills = counted(found.people, "person", "people"), counted(found.skills, "skill")
    return f"{counted(found.new, 'rating')} of {people} in {skills}"


def skipped(rows: int) -> str:
    """How many rows were left out, as the end of a sentence."""
    return f" Skipped {counted(rows, 'row')}." if rows else ""


@group.command("assessments")
def import_assessments(
    file: Annotated[Path, typer.Argument(help="Ratings, one a row, or one column per skill.")],
    preview: Preview = False,
    mapping: Mapping = None,
    sheet: SheetName = "",
    skip_bad_rows: Skip = False,
) -> None:
    """Load assessments. Earlier ratings stay in the history; a blank is not a zero."""
    with workspace(read_only=preview) as ws:
        shown = progress()
        found = ws.assessments.preview_import(file, read_options(mapping, sheet), shown)
        say("columns: " + "; ".join(f"{theirs} → {ours}" for theirs, ours in found.columns))
        say_problems(found.problems)
        if preview:
            print(f"Would add {_ratings(found)}; {found.unchanged:,} there already.")
        refuse(list(found.problems), skip=skip_bad_rows)
        if preview:
            return
        outcome = ws.assessments.commit_import(found, shown, skip_bad_rows=skip_bad_rows)
        if outcome is None:
            print("Nothing to change: every rating is there already.")
            return
        done = outcome.value
        print(
            f"Loaded {file.name}: {_ratings(done)}; {done.unchanged:,} there already."
            + skipped(done.skipped_rows)
        )


@group.command("organogram")
def import_organogram(
    senior: Annotated[Path, typer.Argument(help="A senior, junior or compiled posts file, as published.")],
    junior: Annotated[Path | None, typer.Argument(help="The other of the two files.")] = None,
    preview: Preview = False,
    mapping: Mapping = None,
    sheet: SheetName = "",
    skip_bad_rows: Skip = False,
    as_at: Annotated[
        str | None, typer.Option("--as-at", help="The day the posts speak of, where the file has no period.")
    ] = None,
    organisation: Annotated[
        str, typer.Option("--organisation", help="The body, where the file does not name it.")
    ] = "",
) -> None:
    """Load published posts: establishment, vacancies and reporting lines, before any HR extract is there.

    A newer file of the same body and day updates its posts, and removes those it no longer has in the units
    it names.
    """
    if junior is not None and mapping:
        raise UsageError("--map goes with one file at a time.", "Load the two files one after the other.")
    options, day = read_options(mapping, sheet), parse_day(as_at)
    with workspace(read_only=preview) as ws:
        shown = progress()
        found = ws.posts.preview_import(senior, options, shown, day, junior=junior, organisation=organisation)
        _say_posts_preview(found)
        if preview:
            print(_posts_counts(found))
        refuse(list(found.problems), skip=skip_bad_rows)
        if preview:
            return
        outcome = ws.posts.commit_import(found, shown, skip_bad_rows=skip_bad_rows)
        if outcome is None:
            print("Nothing to change: the workspace already holds all of these posts.")
            return
        done = outcome.value
        print(
            f"Loaded {found.file_name}: {counted(done.new, 'new post')}, {done.changed:,} changed, "
            f"{done.unchanged:,} unchanged, {done.gone:,} gone; {done.new_units:,} new departments and units."
            + skipped(done.skipped_rows)
        )


def _say_posts_preview(found: PostsPreview) -> None:
    say_columns(found)
    for line in found.periods:
        say(f"posts: {line.organisation}, {line.kind}, as at {line.as_at.isoformat()}: {line.posts:,}")
    say_first(f"new unit: {path}" for path in found.new_units)
    say_first(
        f"change: {one.post_number or one.title} {one.field}: {one.before or 'blank'} → {one.after or 'blank'}"
        for one in found.changes
    )
    say_first(f"gone: {one.post_number} {one.title}, {one.unit}".replace("  ", " ") for one in found.gone)
    if found.kept_elsewhere:
        say(
            f"kept: {counted(found.kept_elsewhere, 'post')} of the same body and day that the file does not name"
        )
    say_problems(found.problems)


def say_first(sentences: Iterable[str], most: int = 50) -> None:
    """The first of many lines, and how many more there are."""
    listed = list(sentences)
    for sentence in listed[:most]:
        say(sentence)
    if len(listed) > most:
        say(f"… and {len(listed) - most:,} more like these.")


def _posts_counts(found: PostsPreview) -> str:
    return (
        f"{counted(found.count, 'post')} in the file: would add {len(found.new):,}, change {found.changed:,}, "
        f"leave {found.unchanged:,} as they are and leave out {found.left_out:,}; {len(found.gone):,} would go; "
        f"{len(found.new_units):,} new departments and units."
    )


@group.command("courses")
def import_courses(
    file: Annotated[Path, typer.Argument(help="The catalogue, one row per course and skill.")],
    preview: Preview = False,
    mapping: Mapping = None,
    sheet: SheetName = "",
    skip_bad_rows: Skip = False,
) -> None:
    """Load a training catalogue; courses are known by their code."""
    with workspace(read_only=preview) as ws:
        found = ws.training.preview_courses(file, read_options(mapping, sheet), progress())
        say("columns: " + "; ".join(f"{theirs} → {ours}" for theirs, ours in found.columns))
        say_problems(found.problems)
        if preview:
            print(f"Would add {counted(len(found.new), 'course')} and change {len(found.changed):,}.")
        refuse(list(found.problems), skip=skip_bad_rows)
        if preview:
            return
        outcome = ws.training.commit_courses(found, skip_bad_rows=skip_bad_rows)
        if outcome is None:
            print("Nothing to change: the catalogue already holds all of this.")
            return
        done = outcome.value
        print(
            f"Loaded {file.name}: {counted(done.new, 'new course')}, {done.changed:,} changed, "
            f"{done.unchanged:,} unchanged." + skipped(done.skipped_rows)
        )
