"""Reads a framework: the official role and skill downloads exactly as published, or a file of bare facts.

The official files hold things that a reader must live with: verbatim repeats, NOT IN USE for the chief roles,
the literal MISSING, names with a trailing blank, invisible characters, an out-of-date back reference. Each is
reported by row, and nothing is lost.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.errors import InputProblems
from app.files.columns import Field, MatchedTable, match_table
from app.files.findings import Findings
from app.files.framework_records import (
    FamilyInput,
    FrameworkFile,
    Oddity,
    RoleInput,
    RoleLevelInput,
    SkillInput,
    facts_hash,
)
from app.files.options import ReadOptions
from app.files.seniority import in_seniority_order
from app.files.sheets import open_tables
from app.files.skill_texts import LEVEL_FIELDS, SkillTexts, read_skill_texts
from app.progress import Progress, silent
from app.terms import LEVEL_WORDS, clean_name, name_key

OFFICIAL_NAME = "Government Digital and Data Profession Capability Framework"
OPEN_GOVERNMENT_LICENCE = "Open Government Licence v3.0"
NOT_IN_USE = "not in use"
MISSING = "MISSING"

FIELDS = (
    Field("role_family", ("family", "job family", "role group", "profession"), is_required=True),
    Field("role", ("role name", "job role"), is_required=True),
    Field("role_description", ("description of role",)),
    Field("role_level", ("role level name", "level of role", "job level"), is_required=True),
    Field("role_level_description", ()),
    Field("seniority", ("order", "rank")),
    Field("skill", ("skill name", "competency", "capability"), is_required=True),
    Field("skill_description", ()),
    Field(
        "required",
        ("skill level", "required level", "level required", "skill level required"),
        is_required=True,
    ),
    Field("skill_level_description", ()),
    Field("role_type", ("type of role",)),
)
_TEXTS = ("role_description", "role_level_description", "skill_description", "skill_level_description")
_NAMES = ("role_family", "role", "role_level", "skill")
_INVISIBLES = (
    ("\u2028", "line separator U+2028"),
    ("\u200b", "zero-width space"),
    ("\u00a0", "no-break space"),
)
_DATE = re.compile(r"(20\d\d)-(\d\d)(?:-(\d\d))?")


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the file as read: ``cells`` as they stand, ``names`` cleaned."""

    number: int
    cells: Mapping[str, str]
    names: Mapping[str, str]
    required: int | None

    @property
    def place(self) -> tuple[str, str, str, str]:
        return (self.names["role_family"], self.names["role"], self.names["role_level"], self.names["skill"])


def read_framework(
    roles: Path,
    skills: Path | None = None,
    progress: Progress | None = None,
    options: ReadOptions | None = None,
) -> FrameworkFile:
    """Read a framework file and, where given, its skill file; raises InputProblems, UsageError, Cancelled."""
    watch = progress or silent()
    chosen = options or ReadOptions()
    read = open_tables(roles, chosen, watch.part(0.0, 0.6))
    findings = Findings(roles.name)
    for note in read.notes:
        findings.note(0, "", "", note)
    matched = match_table(roles.name, read.tables, FIELDS, chosen, findings)
    reading = _FrameworkReading(matched, findings)
    reading.read_rows()
    texts = read_skill_texts(skills, watch.part(0.6, 0.9)) if skills else SkillTexts()
    families = reading.families()
    if not families:
        findings.error(0, "", "", "There is no row that can be used", "Look at the problems of the rows.")
        raise InputProblems(findings.listed())
    is_official = "role_type" in matched.places and "skill_level_description" in matched.places
    label, effective_on = _label(roles.stem, is_official=is_official)
    merged = reading.skills(texts)
    problems = [*findings.listed(), *texts.compared_with(reading.roles_by_skill())]
    watch.step(1.0, "Framework read")
    return FrameworkFile(
        families=families,
        skills=merged,
        facts_hash=facts_hash(families),
        framework=OFFICIAL_NAME if is_official else label,
        label=label,
        effective_on=effective_on,
        source=roles.name,
        licence=OPEN_GOVERNMENT_LICENCE if is_official else "",
        problems=tuple(problems),
        oddities=(*reading.oddities(), *texts.oddities),
        sha256=read.sha256,
        skills_sha256=texts.sha256,
        match=matched.match,
        rows=reading.count,
    )


class _FrameworkReading:
    """The rows of a role file on their way to a framework."""

    def __init__(self, matched: MatchedTable, findings: Findings) -> None:
        self._matched = matched
        self._findings = findings
        self._rows: list[_Row] = []
        self._kept: dict[tuple[str, str, str, str], _Row] = {}
        self._spelling: dict[tuple[str, str], str] = {}
        self._counts: Counter[str] = Counter()
        self.count = 0

    def read_rows(self) -> None:
        """Read every row, report its oddities, and keep the first of each role level and skill."""
        table = self._matched.table
        for index in range(self._matched.start, len(table)):
            cells = {
                name: str(table.columns[place][index])
                if isinstance(table.columns[place][index], str)
                else _number_text(table.columns[place][index])
                for name, place in self._matched.places.items()
            }
            if any(cells.values()):
                self.count += 1
                self._read_row(self._matched.row_number(index), cells)

    def _read_row(self, number: int, cells: dict[str, str]) -> None:
        self._report_characters(number, cells)
        names = {name: self._name(number, name, cells[name]) for name in _NAMES}
        blank = [name for name in _NAMES if not names[name]]
        for name in blank:
            self._error("blank name", number, name, "", f"There is no {name}", "Fill in the cell.")
        is_known, required = _required(cells["required"])
        if not is_known:
            advice = f"Write one of {', '.join(LEVEL_WORDS[1:])}, or a number from 1 to 4."
            self._error(
                "unknown level", number, "required", cells["required"], "This is not a skill level", advice
            )
        if blank or not is_known:
            return
        if name_key(names["role_level"]) == NOT_IN_USE:
            self._note("not in use", number, "role_level", cells["role_level"], "The role has no levels; "
                       "its skills are a checklist")  # fmt: skip
            names["role_level"] = names["role"]
        row = _Row(number, cells, names, required)
        if cells.get("skill_description", "").strip() == MISSING:
            self._note("missing text", number, "skill_description", MISSING, "The text is missing")
        self._keep(row)

    def _keep(self, row: _Row) -> None:
        first = self._kept.setdefault(row.place, row)
        if first is row:
            self._rows.append(row)
        elif first.cells == row.cells:
            self._note(
                "verbatim repeat", row.number, "", "", f"The row repeats row {first.number} word for word"
            )
        elif first.required == row.required:
            what = f"The row repeats row {first.number} with other words; the first is used"
            self._note("repeat with other words", row.number, "", "", what)
        else:
            self._error(
                "repeat that disagrees", row.number, "required", row.cells["required"],
                f"Row {first.number} asks for another level of the same skill ({first.cells['required']})",
                "Keep one of the two rows.",
            )  # fmt: skip

    def _name(self, number: int, field: str, cell: str) -> str:
        """The cleaned name, spelled as where it first occurred."""
        cleaned = clean_name(cell)
        spelled = self._spelling.setdefault((field, cleaned.casefold()), cleaned)
        if cell != cell.strip():
            self._note("outer blanks in a name", number, field, cell, "The name begins or ends with a blank")
        elif cell != cleaned:
            self._note("odd blanks in a name", number, field, cell, "The name holds odd blanks or characters")
        if spelled != cleaned:
            self._note("name in other letters", number, field, cell, f"Written “{spelled}” further up")
        return spelled

    def _report_characters(self, number: int, cells: Mapping[str, str]) -> None:
        for field, cell in cells.items():
            if cell.isascii():
                continue
            for character, what in _INVISIBLES:
                if times := cell.count(character):
                    said = "once" if times == 1 else f"{times} times"
                    self._note(what, number, field, "", f"The text holds a {what} {said}", times=times)

    def families(self) -> tuple[FamilyInput, ...]:
        """Families and roles in the order of the file, levels in the order of seniority."""
        grouped: dict[str, dict[str, dict[str, list[_Row]]]] = {}
        for row in self._rows:
            family, role, level, _skill = row.place
            grouped.setdefault(family, {}).setdefault(role, {}).setdefault(level, []).append(row)
        return tuple(
            FamilyInput(family, tuple(self._role(name, levels) for name, levels in roles.items()))
            for family, roles in grouped.items()
        )

    def _role(self, name: str, levels: dict[str, list[_Row]]) -> RoleInput:
        rows = [row for found in levels.values() for row in found]
        is_chief = all(row.required is None for row in rows)
        required = {title: [row.required for row in found] for title, found in levels.items()}
        ordered = _given_order(levels) or in_seniority_order(required)
        inputs = tuple(
            RoleLevelInput(
                title,
                place,
                self._one_text(levels[title], "role_level_description"),
                tuple((row.names["skill"], row.required) for row in levels[title]),
            )
            for place, title in enumerate(ordered, start=1)
        )
        role_type = next((text for row in rows if (text := row.cells.get("role_type", "").strip())), "")
        return RoleInput(name, self._one_text(rows, "role_description"), is_chief, inputs, role_type)

    def _one_text(self, rows: list[_Row], field: str) -> str:
        """The text the rows agree on; where they do not, the first, and the others are reported."""
        texts = {row.cells[field]: row for row in reversed(rows) if _is_text(row.cells.get(field, ""))}
        if not texts:
            return ""
        first = next(row for row in rows if _is_text(row.cells.get(field, "")))
        for text, row in texts.items():
            if clean_name(text) != clean_name(first.cells[field]):
                self._note(
                    "texts that differ", row.number, field, "", f"The text differs from row {first.number}"
                )
        return first.cells[field]

    def skills(self, texts: SkillTexts) -> tuple[SkillInput, ...]:
        """Every skill of either file, by name, with all its texts."""
        found: dict[str, SkillInput] = {}
        by_skill: dict[str, list[_Row]] = {}
        for row in self._rows:
            by_skill.setdefault(row.names["skill"], []).append(row)
        for name, rows in by_skill.items():
            known = texts.by_key.get(name_key(name), SkillInput(name))
            description = self._one_text(rows, "skill_description") or known.description
            levels = list(known.level_texts)
            for place in range(len(LEVEL_FIELDS)):
                own = [row for row in rows if row.required == place + 1]
                levels[place] = levels[place] or self._one_text(own, "skill_level_description")
            found[name_key(name)] = SkillInput(
                name, description, (levels[0], levels[1], levels[2], levels[3])
            )
        for key, skill in texts.by_key.items():
            found.setdefault(key, skill)
        return tuple(sorted(found.values(), key=lambda skill: skill.name.casefold()))

    def roles_by_skill(self) -> dict[str, dict[str, str]]:
        """Skill key -> role key -> role name, as the role file has them."""
        found: dict[str, dict[str, str]] = {}
        for row in self._rows:
            role = row.names["role"]
            found.setdefault(name_key(row.names["skill"]), {})[name_key(role)] = role
        return found

    def oddities(self) -> Iterator[Oddity]:
        """Kinds of oddity with counts, the most frequent first."""
        for kind, count in self._counts.most_common():
            yield Oddity(kind, count, f"{kind}: {count}")

    def _note(self, kind: str, row: int, field: str, value: str, what: str, *, times: int = 1) -> None:
        self._counts[kind] += times
        self._findings.note(row, self._matched.headings.get(field, field), value, what)

    def _error(self, kind: str, row: int, field: str, value: str, what: str, advice: str) -> None:
        self._counts[kind] += 1
        self._findings.error(row, self._matched.headings.get(field, field), value, what, advice)


def _number_text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _is_text(cell: str) -> bool:
    plain = cell.strip()
    return bool(plain) and plain != MISSING and plain.casefold() != NOT_IN_USE


def _required(cell: str) -> tuple[bool, int | None]:
    """(understood, level): 1 to 4, or None for a skill on a checklist."""
    text = clean_name(cell).casefold()
    if text in {"", NOT_IN_USE}:
        return True, None
    for level, word in enumerate(LEVEL_WORDS):
        if level and text in {word, str(level), f"{level}.0"}:
            return True, level
    return False, None


def _given_order(levels: Mapping[str, list[_Row]]) -> list[str]:
    """The order the file gives in a seniority column; empty where it gives none or repeats a number."""
    given = {title: rows[0].cells.get("seniority", "") for title, rows in levels.items()}
    numbers = {title: int(text) for title, text in given.items() if re.fullmatch(r"\d{1,3}", text)}
    if len(numbers) < len(levels) or len(set(numbers.values())) < len(numbers):
        return []
    return sorted(numbers, key=lambda title: numbers[title])


def _label(stem: str, *, is_official: bool) -> tuple[str, date | None]:
    """A label and a date from the file's name."""
    found = _DATE.search(stem)
    effective_on = None
    if found:
        try:
            effective_on = date(int(found[1]), int(found[2]), int(found[3] or 1))
        except ValueError:
            found = None
    if is_official:
        return (
            f"Government Digital and Data {found[0]}" if found else "Government Digital and Data"
        ), effective_on
    return clean_name(re.sub(r"[_]+", " ", stem)), effective_on
