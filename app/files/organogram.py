"""Reads the published senior and junior posts files: one row per senior post, or per group of junior posts.

The columns are those of the official field descriptions, under the headings departments, compilations and
later layouts gave them. Every row becomes a post or is listed; what is odd about a row that is used is noted.
Names of people are read for the words that stand in their place (Vacant, Eliminated) and are not kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from app.errors import InputProblems, Problem
from app.files.column_reading import ColumnReading
from app.files.columns import Field, HeaderMatch, MatchedTable, heading_key, match_table
from app.files.findings import Findings
from app.files.options import ReadOptions
from app.files.organogram_words import (
    FteValue,
    fte_of,
    is_no_name,
    is_no_number,
    kind_of_words,
    pay_of,
    post_status,
)
from app.files.periods import day_in_name, period_of
from app.files.rows import ColumnRows
from app.files.sheets import open_tables
from app.files.values import parse_each, staff_id_of
from app.progress import Progress
from app.terms import PostKind, PostStatus, clean_name

FIELDS = (
    Field("period", ("back to index", "date", "as at", "as at date", "snapshot", "snapshot date", "reporting period")),
    Field("kind", ("senior/junior", "senion/junior", "junior/senior", "seniority", "level", "staff level")),
    Field("post_number", ("post unique reference", "unique reference", "post reference", "post ref", "post number",
                          "post id", "id")),
    Field("name", ("name of postholder", "postholder", "person"), is_exact=True),
    Field("grade", ("grade (or equivalent)", "grade or equivalent", "payband", "pay band")),
    Field("job_title", ("generic job title", "title", "jobtitle", "post title"), is_required=True),
    Field("function", ("job/team function", "team function", "job function"), is_exact=True),
    Field("parent_department", ("parent dept", "department", "parent organisation")),
    Field("organisation", ("organization", "organisation name", "body")),
    Field("unit", ("unit name", "team", "directorate"), is_required=True),
    Field("reports_to", ("reports to senior post", "reporting senior post", "reports to post", "parentid", "parent id",
                         "reporting to senior post")),
    Field("fte", ("number of posts in fte", "number of posts", "full time equivalent", "posts in fte")),
    Field("pay_floor", ("actual pay floor (£)", "payscale minimum (£)", "actual pay floor", "payscale minimum",
                        "payfloor", "pay scale minimum")),
    Field("pay_ceiling", ("actual pay ceiling (£)", "payscale maximum (£)", "actual pay ceiling", "payscale maximum",
                          "payceil", "payceiling", "pay scale maximum")),
    Field("total_pay", ("total pay (£)", "total pay")),
    Field("profession", ("professional/occupational group", "professional occupational group", "professional group",
                         "occupational group")),
    Field("notes", ("note",), is_exact=True),
)  # fmt: skip

_JUNIOR_HEADINGS = frozenset(
    {"reportingseniorpost", "genericjobtitle", "numberofpostsinfte", "payscaleminimum", "payscalemaximum"}
)
_NOTED_ONE_BY_ONE = 100
"""Rows of one kind of oddity that get a note each; those beyond share one."""


class PostRow(NamedTuple):
    """One usable row. ``unit_names`` goes from the parent department down, ``organisation_depth`` of them name
    the organisation. FTE and pay are None where none was published; pay is in whole pounds."""

    row: int
    sheet: str
    kind: PostKind
    status: PostStatus
    as_at: date
    unit_names: tuple[str, ...]
    organisation_depth: int
    post_number: str
    reports_to: str
    title: str
    grade: str
    profession: str
    fte_hundredths: int | None
    pay_floor_gbp: int | None
    pay_ceiling_gbp: int | None
    total_pay_gbp: int | None


PostRows: TypeAlias = ColumnRows[PostRow]


@dataclass(frozen=True, slots=True)
class PostsFile:
    """A posts file as read. ``count`` rows went in: ``rows`` are usable, ``left_out`` are listed as problems.

    ``columns`` are their headings -> ours, ``unclear`` sentences about headings to be asked about, ``dropped``
    headings that are not read.
    """

    name: str
    rows: PostRows
    count: int
    left_out: int
    problems: tuple[Problem, ...]
    columns: Mapping[str, str]
    unclear: tuple[str, ...]
    dropped: tuple[str, ...]
    sheet: str
    file_hash: str
    match: HeaderMatch


@dataclass(frozen=True, slots=True)
class Fallback:
    """What holds where a file does not say: its day (None: as the file name says, else ``today``) and body."""

    today: date
    as_at: date | None = None
    organisation: str = ""


def read_organogram(path: Path, options: ReadOptions, fallback: Fallback, progress: Progress) -> PostsFile:
    """Read a senior, junior or compiled posts file.

    Raises InputProblems where the whole file is refused, UsageError, Cancelled.
    """
    read = open_tables(path, options, progress.part(0.0, 0.6))
    findings = Findings(path.name)
    for note in read.notes:
        findings.note(0, "", "", note)
    matched = match_table(path.name, read.tables, FIELDS, options, findings)
    reading = ColumnReading(matched, findings)
    if not len(reading):
        findings.error(0, "", "", "There is no row below the headings", "Check that the file is whole.")
        raise InputProblems(findings.listed())
    rows = _PostsReading(matched, reading, fallback, path).rows(progress.part(0.6, 1.0))
    said = sum(reading.is_left_out(place) for place in range(len(reading)))
    progress.step(1.0, f"{len(rows):,} posts read")
    return PostsFile(
        name=path.name,
        rows=rows,
        count=len(reading) - said,
        left_out=len(reading) - said - len(rows),
        problems=tuple(findings.listed()),
        columns=dict(matched.match.pairs),
        unclear=tuple(dict.fromkeys(unclear.why for unclear in matched.match.unclear)),
        dropped=matched.match.left_out,
        sheet=matched.table.sheet,
        file_hash=read.sha256,
        match=matched.match,
    )


class _PostsReading:
    """The columns of a posts file on their way to posts."""

    def __init__(self, matched: MatchedTable, reading: ColumnReading, fallback: Fallback, path: Path) -> None:
        self._matched = matched
        self._reading = reading
        self._fallback = fallback
        self._path = path

    def rows(self, progress: Progress) -> PostRows:
        """Read column by column; what cannot be used in any of them keeps the row out."""
        reading = self._reading
        reading.leave_out_repeated_headings("job_title")
        columns: dict[str, list[Any]] = {
            "row": reading.row_numbers(),
            "sheet": [reading.sheet] * len(reading),
        }
        columns["as_at"] = self._days()
        columns["kind"] = self._kinds()
        for name in ("post_number", "reports_to"):
            columns[name] = reading.parsed(name, parse_each(reading.values(name), staff_id_of, ""), "")
        columns["title"] = reading.text("job_title")
        for name in ("grade", "profession"):
            columns[name] = reading.clean_text(name)
        progress.step(0.3)
        columns["unit_names"], columns["organisation_depth"] = self._units()
        columns["fte_hundredths"] = self._ftes()
        for name in ("pay_floor", "pay_ceiling", "total_pay"):
            columns[f"{name}_gbp"] = self._pay(name)
        columns["status"] = self._statuses(columns)
        progress.step(0.7)
        self._note_oddities(columns)
        kept = reading.kept()
        return ColumnRows(
            PostRow._make, [[columns[name][place] for place in kept] for name in PostRow._fields]
        )

    def _days(self) -> list[date]:
        """The day each row speaks of; a period column goes before what the user said, and that before the name."""
        reading, fallback = self._reading, self._fallback
        if reading.has("period"):
            # a blank gets a day only to fill the column: need() keeps its row out
            reading.need("period", reading.text("period"), "Fill in the period.")
            return reading.parsed(
                "period", parse_each(reading.values("period"), period_of, fallback.today), fallback.today
            )
        day = fallback.as_at or day_in_name(self._path.stem, fallback.today)
        if fallback.as_at is None:
            said = "was read from the file's name" if day else "is today, as neither file nor name says one"
            shown = (day or fallback.today).isoformat()
            reading.findings.note(
                0, "", shown, f"The day of these posts {said}", "Another is set with --as-at."
            )
        return [day or fallback.today] * len(reading)

    def _kinds(self) -> list[PostKind]:
        reading = self._reading
        if reading.has("kind"):
            reading.need("kind", reading.text("kind"), "Write Senior or Junior.")
            found = parse_each(reading.values("kind"), kind_of_words, PostKind.JUNIOR)
            return reading.parsed("kind", found, PostKind.JUNIOR)
        heads = {heading_key(text) for text, _ours in self._matched.match.pairs}
        if heads & _JUNIOR_HEADINGS:
            return [PostKind.JUNIOR] * len(reading)
        if reading.has("post_number"):
            return [PostKind.SENIOR] * len(reading)
        reading.findings.error(
            0, "", "", "It cannot be told whether these are senior or junior posts",
            "Use the official headings, or add a column “Senior/Junior”.",
        )  # fmt: skip
        raise InputProblems(reading.findings.listed())

    def _units(self) -> tuple[list[tuple[str, ...]], list[int]]:
        """Parent department, organisation and unit of each row, without saying the same name twice."""
        reading = self._reading
        levels = [reading.clean_text(name) for name in ("parent_department", "organisation", "unit")]
        default = self._default_organisation(levels[0], levels[1])
        known: dict[tuple[str, ...], tuple[tuple[str, ...], int]] = {}
        places: list[tuple[tuple[str, ...], int]] = []
        for names in zip(*levels, strict=True):
            found = known.get(names)
            if found is None:
                found = known[names] = _unit_path(names, default)
            places.append(found)
        if not default:
            self._reading.need("organisation", [path for path, _ in places], "Fill in the organisation.")
        unnamed = [place for place, unit in enumerate(levels[2]) if is_no_name(unit)]
        what = "This is no unit; the post stands directly under its organisation"
        self._note_each("unit", unnamed, levels[2], what)
        return [path for path, _ in places], [depth for _, depth in places]

    def _default_organisation(self, parents: list[str], bodies: list[str]) -> tuple[str, ...]:
        """What rows without an organisation belong to: what the user said, the only one of the file, or its name."""
        blank = [
            place
            for place, both in enumerate(zip(parents, bodies, strict=True))
            if all(map(is_no_name, both))
        ]
        if not blank:
            return ()
        named = {names for names in zip(parents, bodies, strict=True) if not all(map(is_no_name, names))}
        paths = {_collapsed(names) for names in named}
        if self._fallback.organisation:
            return (clean_name(self._fallback.organisation),)
        if len({tuple(map(str.casefold, path)) for path in paths}) > 1:
            return ()
        stem = self._path.stem
        default = next(iter(sorted(paths)), (stem.upper() if stem.isalpha() and len(stem) <= 5 else stem,))
        where = "the only one of the file" if paths else "after the file's name"
        what = f"The organisation is not given; it is taken to be {where}, “{default[-1]}”"
        advice = "Another is set with --organisation."
        if len(blank) == len(bodies):
            self._reading.findings.note(0, "", "", what, advice)
        else:
            self._note_each("organisation", blank, bodies, what, advice)
        return default

    def _ftes(self) -> list[int | None]:
        reading = self._reading
        found = reading.parsed(
            "fte", parse_each(reading.values("fte"), fte_of, FteValue(None)), FteValue(None)
        )
        texts = reading.text("fte")
        rounded = [place for place, value in enumerate(found) if value.is_rounded]
        self._note_each("fte", rounded, texts, "FTE is kept to two places", "")
        self._note_missing("fte", [value.hundredths is None for value in found], texts, "no FTE is counted")
        return [value.hundredths for value in found]

    def _pay(self, name: str) -> list[int | None]:
        reading = self._reading
        texts = reading.text(name)
        found = reading.parsed(name, parse_each(reading.values(name), pay_of, None), None)
        odd = [
            place
            for place, (text, value) in enumerate(zip(texts, found, strict=True))
            if value is None and text and not is_no_name(text)
        ]
        self._note_each(name, odd, texts, "This is no amount of whole pounds; the pay is left blank")
        return found

    def _statuses(self, columns: Mapping[str, list[Any]]) -> list[PostStatus]:
        reading = self._reading
        words = [reading.text(name) for name in ("name", "job_title", "function", "unit", "notes")]
        return [
            post_status(number, *texts) for number, *texts in zip(columns["post_number"], *words, strict=True)
        ]

    def _note_oddities(self, columns: Mapping[str, list[Any]]) -> None:
        """What is worth knowing about rows that are used, one note per row."""
        titles, numbers, kinds = columns["title"], columns["post_number"], columns["kind"]
        self._note_missing("job_title", [not text for text in titles], titles, "the post has no title")
        for name in ("grade", "profession"):
            texts = columns[name]
            self._note_missing(name, [not text for text in texts], texts, f"no {name} is counted")
            odd = [place for place, text in enumerate(texts) if text and is_no_name(text)]
            self._note_each(name, odd, texts, f"This names no {name}; it is counted under this word")
        senior = [kind is PostKind.SENIOR for kind in kinds]
        if any(senior) and not self._reading.has("name"):
            what = "There is no column for names: a post is known as vacant or eliminated only where other words say so"
            self._reading.findings.note(0, "", "", what)
        unnumbered = [place for place, number in enumerate(numbers) if senior[place] and is_no_number(number)
                      and columns["status"][place] is not PostStatus.NOT_IN_POST]  # fmt: skip
        self._note_each("post_number", unnumbered, numbers, "The post has no number of its own",
                        "Nobody can report to it.")  # fmt: skip
        self._note_repeats(columns)

    def _note_repeats(self, columns: Mapping[str, list[Any]]) -> None:
        """Post numbers used twice by one body and period: a job share, or a slip."""
        first: dict[tuple[object, ...], int] = {}
        rows = columns["row"]
        again: list[tuple[int, int]] = []
        for place, number in enumerate(columns["post_number"]):
            if columns["kind"][place] is not PostKind.SENIOR or is_no_number(number):
                continue
            body = columns["unit_names"][place][: columns["organisation_depth"][place]]
            key = (number.casefold(), columns["as_at"][place], tuple(map(str.casefold, body)))
            earlier = first.setdefault(key, place)
            if earlier != place:
                again.append((place, earlier))
        for place, earlier in again[:_NOTED_ONE_BY_ONE]:
            what = f"Row {rows[earlier]} has the same post number; both are kept, as in a job share"
            self._reading.note(place, "post_number", columns["post_number"][place], what)
        self._note_rest(
            "post_number", [place for place, _ in again], "have the post number of an earlier row"
        )

    def _note_missing(self, name: str, is_missing: list[bool], texts: list[str], taken: str) -> None:
        """Values not published: one note for a column that is not there, else one per row."""
        if not self._reading.has(name):
            self._reading.findings.note(0, "", "", f"There is no column for {name}: {taken}")
            return
        places = [place for place, missing in enumerate(is_missing) if missing]
        self._note_each(name, places, texts, f"None was published; {taken}")

    def _note_each(self, name: str, places: list[int], texts: list[str], what: str, advice: str = "") -> None:
        usable = [place for place in places if not self._reading.is_left_out(place)]
        for place in usable[:_NOTED_ONE_BY_ONE]:
            self._reading.note(place, name, texts[place], what, advice)
        self._note_rest(name, usable, f"are like the {_NOTED_ONE_BY_ONE} above: {what[0].lower()}{what[1:]}")

    def _note_rest(self, name: str, places: list[int], what: str) -> None:
        rest = places[_NOTED_ONE_BY_ONE:]
        if rest:
            numbers = self._reading.row_numbers()
            shown = _ranges([numbers[place] for place in rest])
            self._reading.note(rest[0], name, "", f"{len(rest):,} more rows ({shown}) {what}")


def _collapsed(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names that are names, none of them twice in a row."""
    path: list[str] = []
    for name in names:
        if not is_no_name(name) and (not path or heading_key(path[-1]) != heading_key(name)):
            path.append(name)
    return tuple(path)


def _unit_path(names: tuple[str, ...], default: tuple[str, ...]) -> tuple[tuple[str, ...], int]:
    """The names of a post's unit from the top, and how many of them name its organisation."""
    body = _collapsed(names[:2]) or default
    return (_collapsed((*body, names[2])), len(body)) if body else ((), 0)


def _ranges(rows: list[int]) -> str:
    """Row numbers as "4–9, 12, 15–16"; a long list ends in an ellipsis."""
    parts: list[list[int]] = []
    for row in rows:
        if parts and parts[-1][1] == row - 1:
            parts[-1][1] = row
        else:
            parts.append([row, row])
    shown = ", ".join(f"{first}–{last}" if first != last else str(first) for first, last in parts[:12])
    return f"rows {shown}" + (" …" if len(parts) > 12 else "")
