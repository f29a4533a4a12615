"""The files people load: HR extracts, ratings, course catalogues; how each is previewed, loaded and told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.change import Outcome
from app.files import assessments, catalogue, hr_extract, organogram
from app.progress import Progress
from app.services.assessments import AssessmentsPreview, AssessmentsSummary
from app.services.people import ImportSummary, PeoplePreview
from app.services.posts import PostsPreview, PostsSummary
from app.services.training import CoursesPreview, CoursesSummary
from app.ui.column_matching import our_words
from app.ui.formats import people, share, whole
from app.ui.import_preview import ImportKind, LoadChoice, PreviewTab, Reading
from app.ui.table import Column

CAREFUL_ABOVE = 0.10
"""Ending more than this share of the people of the file's departments is warned about."""


def counted(count: int, one: str, several: str = "") -> str:
    """``1 row`` or ``1,204 rows``."""
    return f"{whole(count)} {one if count == 1 else several or one + 's'}"


def listed(*parts: str) -> str:
    """The parts that say something, as one sentence."""
    said = [part for part in parts if part]
    text = ", ".join(said[:-1]) + (" and " if len(said) > 1 else "") + said[-1] if said else ""
    return f"{text[:1].upper()}{text[1:]}." if text else ""


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody the file brings."""

    staff_id: str
    name: str
    job_title: str
    unit: str
    grade: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One value of one person that changes, the column in words."""

    staff_id: str
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PostChangeLine:
    """One value of one post that changes, the column in words."""

    post: str
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class UnitName:
    """A unit the file brings."""

    path: str


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A course the file brings or changes."""

    code: str
    title: str
    skill: str
    what: str


@dataclass(frozen=True, slots=True)
class CountLine:
    """A figure of a preview in words."""

    what: str
    count: int


class PeopleKind(ImportKind):
    """HR extracts."""

    title = "Load HR extract"
    our_names = tuple(one.name for one in hr_extract.FIELDS)
    takes_day = True
    takes_date_order = True
    next_step = ("Review roles", "role_mapping")

    def preview(self, path: Path, reading: Reading, progress: Progress) -> PeoplePreview:
        return self.context.workspace.people.preview_import(path, reading.options, progress, reading.as_at)

    def commit(
        self, preview: PeoplePreview, choice: LoadChoice, progress: Progress
    ) -> Outcome[ImportSummary] | None:
        return self.context.workspace.people.commit_import(
            preview, progress, mark_leavers=choice.end_leavers, skip_bad_rows=choice.skip_bad_rows
        )

    def sentence(self, preview: PeoplePreview) -> str:
        if preview.is_nothing_to_change:
            return f"The workspace already holds all {people(preview.unchanged)} of this file."
        return listed(
            counted(len(preview.new_people), "new person", "new people") if preview.new_people else "",
            f"{people(preview.changed_people)} changed" if preview.changed_people else "",
            f"{people(preview.unchanged)} as before" if preview.unchanged else "",
            f"{counted(len(preview.new_units), 'new unit')}" if preview.new_units else "",
        )

    def verb(self, preview: PeoplePreview, choice: LoadChoice, /) -> str:
        count = len(preview.new_people) + preview.changed_people
        if choice.end_leavers and not count:
            return f"End {people(len(preview.leavers))}"
        return f"Load {people(count)}" if count else "Load people"

    def tabs(self, preview: PeoplePreview) -> list[PreviewTab]:
        new = [
            NewPerson(one.row.staff_id, one.row.name, one.row.job_title, one.spell[0], one.row.grade)
            for one in preview.comparison.new
        ]
        changes = [
            ChangeLine(one.staff_id, our_words(one.field), one.before, one.after) for one in preview.changes
        ]
        lists = [
            PreviewTab("New", "new people", (
                Column("staff_id", "Staff ID", width=96), Column("name", "Name", width=150),
                Column("job_title", "Job title", width=210), Column("unit", "Unit", width=280),
                Column("grade", "Grade", width=64),
            ), new),
            PreviewTab("Changed", "changed values", (
                Column("staff_id", "Staff ID", width=96), Column("what", "What", width=130),
                Column("before", "Before", width=260), Column("after", "After", width=260),
            ), changes),
            PreviewTab("Leavers", "people not in the file", (
                Column("staff_id", "Staff ID", width=96), Column("name", "Name", width=180),
                Column("unit", "Unit", width=360),
            ), preview.leavers),
            PreviewTab("New units", "new units", (Column("path", "Unit", width=560),),
                       [UnitName(path) for path in preview.new_units]),
        ]  # fmt: skip
        return [one for one in lists if one.records]

    def leavers(self, preview: PeoplePreview, /) -> tuple[str, str]:
        count = len(preview.leavers)
        if not count:
            return "", ""
        warning = ""
        if preview.leavers_share > CAREFUL_ABOVE:
            warning = (
                f"{share(preview.leavers_share)} of the people in these departments are not in the file. "
                "Check that it is whole before you end them."
            )
        verb = "is" if count == 1 else "are"
        return f"End the {people(count)} who {verb} not in the file", warning

    def loaded(self, summary: ImportSummary) -> tuple[str, str]:
        return f"{people(summary.new + summary.changed)} loaded.", listed(
            f"{whole(summary.new)} new" if summary.new else "",
            f"{whole(summary.changed)} changed" if summary.changed else "",
            f"{people(summary.leavers_ended)} ended" if summary.leavers_ended else "",
            counted(summary.new_units, "unit made", "units made") if summary.new_units else "",
            f"{whole(summary.with_role)} came with a role" if summary.with_role else "",
            counted(summary.skipped_rows, "row left out", "rows left out") if summary.skipped_rows else "",
        )


class OrganogramKind(ImportKind):
    """Published posts: one senior, junior or compiled file at a time."""

    title = "Load organogram"
    our_names = tuple(one.name for one in organogram.FIELDS)
    takes_day = True

    def preview(self, path: Path, reading: Reading, progress: Progress) -> PostsPreview:
        return self.context.workspace.posts.preview_import(path, reading.options, progress, reading.as_at)

    def commit(
        self, preview: PostsPreview, choice: LoadChoice, progress: Progress
    ) -> Outcome[PostsSummary] | None:
        return self.context.workspace.posts.commit_import(
            preview, progress, skip_bad_rows=choice.skip_bad_rows
        )

    def sentence(self, preview: PostsPreview) -> str:
        if preview.is_nothing_to_change:
            return f"The workspace already holds all {counted(preview.unchanged, 'post')} of this file."
        return listed(
            counted(len(preview.new), "new post") if preview.new else "",
            f"{counted(preview.changed, 'post')} changed" if preview.changed else "",
            f"{counted(preview.unchanged, 'post')} as before" if preview.unchanged else "",
            f"{counted(len(preview.gone), 'post')} gone" if preview.gone else "",
            counted(len(preview.new_units), "new unit") if preview.new_units else "",
        )

    def verb(self, preview: PostsPreview, _choice: LoadChoice, /) -> str:
        incoming = len(preview.new) + preview.changed
        if not incoming and preview.gone:
            return f"Remove {counted(len(preview.gone), 'post')}"
        return f"Load {counted(incoming, 'post')}" if incoming else "Load posts"

    def tabs(self, preview: PostsPreview) -> list[PreviewTab]:
        posts = (
            Column("post_number", "Post", width=90), Column("title", "Title", width=240),
            Column("grade", "Grade", width=90), Column("unit", "Unit", width=260),
            Column("status", "Status", width=90), Column("fte", "FTE", "fte", width=70),
        )  # fmt: skip
        changes = [
            PostChangeLine(one.post_number or one.title, our_words(one.field), one.before, one.after)
            for one in preview.changes
        ]
        lists = [
            PreviewTab("Organisations", "organisations", (
                Column("organisation", "Organisation", width=330), Column("kind", "Posts are", width=90),
                Column("as_at", "As at", "date", width=110), Column("posts", "Rows", "int", width=80),
            ), preview.periods),
            PreviewTab("New", "new posts", posts, preview.new),
            PreviewTab("Changed", "changed values", (
                Column("post", "Post", width=150), Column("what", "What", width=130),
                Column("before", "Before", width=240), Column("after", "After", width=240),
            ), changes),
            PreviewTab("Gone", "posts not in the file", posts, preview.gone),
            PreviewTab("New units", "new units", (Column("path", "Unit", width=560),),
                       [UnitName(path) for path in preview.new_units]),
        ]  # fmt: skip
        return [one for one in lists if one.records]

    def loaded(self, summary: PostsSummary) -> tuple[str, str]:
        return f"{counted(summary.new + summary.changed, 'post')} loaded.", listed(
            f"{whole(summary.new)} new" if summary.new else "",
            f"{whole(summary.changed)} changed" if summary.changed else "",
            f"{whole(summary.gone)} gone" if summary.gone else "",
            counted(summary.new_units, "unit made", "units made") if summary.new_units else "",
            counted(summary.skipped_rows, "row left out", "rows left out") if summary.skipped_rows else "",
        )


class AssessmentsKind(ImportKind):
    """Files of ratings, long or wide."""

    title = "Load assessments"
    our_names = tuple(one.name for one in assessments.FIELDS)
    takes_date_order = True
    next_step = ("See skill gaps", "gaps")

    def preview(self, path: Path, reading: Reading, progress: Progress) -> AssessmentsPreview:
        return self.context.workspace.assessments.preview_import(path, reading.options, progress)

    def commit(
        self, preview: AssessmentsPreview, choice: LoadChoice, progress: Progress
    ) -> Outcome[AssessmentsSummary] | None:
        return self.context.workspace.assessments.commit_import(
            preview, progress, skip_bad_rows=choice.skip_bad_rows
        )

    def sentence(self, preview: AssessmentsPreview) -> str:
        if preview.is_nothing_to_change:
            return f"All {counted(preview.unchanged, 'rating')} of this file are there already."
        return (
            f"{counted(preview.new, 'new rating')} of {people(preview.people)} "
            f"in {counted(preview.skills, 'skill')}. The history keeps the earlier ones."
        )

    def verb(self, preview: AssessmentsPreview, _choice: LoadChoice, /) -> str:
        return f"Load {counted(preview.new, 'rating')}" if preview.new else "Load ratings"

    def tabs(self, preview: AssessmentsPreview) -> list[PreviewTab]:
        lines = [
            CountLine("New ratings", preview.new),
            CountLine("of which raise a rating of the same day", preview.raised),
            CountLine("of which lower a rating of the same day", preview.lowered),
            CountLine("Ratings already there", preview.unchanged),
            CountLine("People rated", preview.people),
            CountLine("Skills rated", preview.skills),
        ]
        columns = (Column("what", "What", width=420), Column("count", "Count", "int", width=120))
        return [PreviewTab("Figures", "figures", columns, lines)]

    def loaded(self, summary: AssessmentsSummary) -> tuple[str, str]:
        return f"{counted(summary.new, 'rating')} loaded.", listed(
            f"{people(summary.people)} in {counted(summary.skills, 'skill')}",
            f"{whole(summary.unchanged)} were there already" if summary.unchanged else "",
            counted(summary.skipped_rows, "row left out", "rows left out") if summary.skipped_rows else "",
        )


class CoursesKind(ImportKind):
    """Course catalogues."""

    title = "Load courses"
    our_names = tuple(one.name for one in catalogue.FIELDS)
    next_step = ("Make training plan", "training")

    def preview(self, path: Path, reading: Reading, progress: Progress) -> CoursesPreview:
        return self.context.workspace.training.preview_courses(path, reading.options, progress)

    def commit(
        self, preview: CoursesPreview, choice: LoadChoice, progress: Progress
    ) -> Outcome[CoursesSummary] | None:
        progress.step(0.1, "Writing courses")
        return self.context.workspace.training.commit_courses(preview, skip_bad_rows=choice.skip_bad_rows)

    def sentence(self, preview: CoursesPreview) -> str:
        if preview.is_nothing_to_change:
            return f"The catalogue already holds all {counted(preview.unchanged, 'course')} of this file."
        return listed(
            counted(len(preview.new), "new course") if preview.new else "",
            f"{counted(len(preview.changed), 'course')} changed" if preview.changed else "",
            f"{whole(preview.unchanged)} as before" if preview.unchanged else "",
        )

    def verb(self, preview: CoursesPreview, _choice: LoadChoice, /) -> str:
        count = len(preview.new) + len(preview.changed)
        return f"Load {counted(count, 'course')}" if count else "Load courses"

    def tabs(self, preview: CoursesPreview) -> list[PreviewTab]:
        new, changed = set(preview.new), set(preview.changed)
        lines = [
            CourseRow(
                course.course_code,
                course.title,
                ", ".join(dict.fromkeys(outcome.skill for outcome in course.outcomes)),
                "new" if course.course_code in new else "changed",
            )
            for course in preview.courses
            if course.course_code in new or course.course_code in changed
        ]
        columns = (
            Column("code", "Code", width=110), Column("title", "Course", width=330),
            Column("skill", "Skills", width=280), Column("what", "What", width=80),
        )  # fmt: skip
        return [PreviewTab("Courses", "courses", columns, lines)]

    def loaded(self, summary: CoursesSummary) -> tuple[str, str]:
        return f"{counted(summary.new + summary.changed, 'course')} loaded.", listed(
            f"{whole(summary.new)} new" if summary.new else "",
            f"{whole(summary.changed)} changed" if summary.changed else "",
            counted(summary.skipped_rows, "row left out", "rows left out") if summary.skipped_rows else "",
        )
