"""Reads the skill file of a framework: what each skill is, and what each of its levels means."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.errors import Problem
from app.files.columns import Field, MatchedTable, match_table
from app.files.findings import Findings
from app.files.framework_records import Oddity, SkillInput
from app.files.options import ReadOptions
from app.files.sheets import open_tables
from app.progress import Progress
from app.terms import clean_name, name_key

LEVEL_FIELDS = ("awareness", "working", "practitioner", "expert")
_FIELDS = (
    Field("skill", ("skill name", "name"), is_required=True),
    Field("skill_description", ("description",)),
    *(Field(level, (f"{level} level",), is_required=True) for level in LEVEL_FIELDS),
    Field("roles", ("roles that require skill", "roles that require this skill", "required by")),
)
_NOT_DEFINED = "currently not defined"


@dataclass(frozen=True, slots=True)
class SkillTexts:
    """The skills of a skill file by name key, with the roles it claims for each and its oddities."""

    by_key: Mapping[str, SkillInput] = field(default_factory=dict[str, SkillInput])
    claimed: Mapping[str, tuple[int, Mapping[str, str]]] = field(
        default_factory=dict[str, tuple[int, Mapping[str, str]]]
    )
    file: str = ""
    roles_heading: str = ""
    problems: tuple[Problem, ...] = ()
    oddities: tuple[Oddity, ...] = ()
    sha256: str = ""

    def compared_with(self, roles_by_skill: Mapping[str, Mapping[str, str]]) -> list[Problem]:
        """This file's problems, and every place where it and the role file contradict each other."""
        if not self.file:
            return []
        return [*self.problems, *self._contradictions(roles_by_skill)]

    def _contradictions(self, roles_by_skill: Mapping[str, Mapping[str, str]]) -> Iterator[Problem]:
        for key, skill in self.by_key.items():
            row, claimed = self.claimed.get(key, (0, {}))
            actual = roles_by_skill.get(key)
            if actual is None:
                what = "No role requires this skill"
                yield Problem(self.file, "", row, "", skill.name, what, "It is kept.", "note")
            elif self.roles_heading and set(claimed) != set(actual):
                lacking = [actual[role] for role in sorted(actual.keys() - claimed.keys())]
                extra = [claimed[role] for role in sorted(claimed.keys() - actual.keys())]
                said = [f"leaves out {', '.join(lacking)}"] if lacking else []
                said += [f"names {', '.join(extra)} without reason"] if extra else []
                what = f"The list of roles {' and '.join(said)}"
                advice = "The role file was followed."
                yield Problem(self.file, "", row, self.roles_heading, skill.name, what, advice, "note")
        for key in roles_by_skill.keys() - self.by_key.keys():
            yield Problem(self.file, "", 0, "", key, "The skill is in the role file only", "", "note")


def read_skill_texts(path: Path, progress: Progress) -> SkillTexts:
    """Read a skill file; raises InputProblems, UsageError, Cancelled."""
    options = ReadOptions()
    read = open_tables(path, options, progress)
    findings = Findings(path.name)
    matched = match_table(path.name, read.tables, _FIELDS, options, findings)
    counts: Counter[str] = Counter()
    by_key: dict[str, SkillInput] = {}
    claimed: dict[str, tuple[int, Mapping[str, str]]] = {}
    for index in range(matched.start, len(matched.table)):
        cells = {name: str(matched.table.columns[place][index]) for name, place in matched.places.items()}
        row = matched.row_number(index)
        name = clean_name(cells["skill"])
        if not any(cells.values()):
            continue
        if not name or name_key(name) in by_key:
            what = "The skill occurs again; the first is used" if name else "There is no skill name"
            findings.error(row, matched.headings["skill"], name, what, "Keep one row per skill.")
            continue
        texts = [cells[level] for level in LEVEL_FIELDS]
        skill = SkillInput(name, cells.get("skill_description", ""), (texts[0], texts[1], texts[2], texts[3]))
        by_key[name_key(name)] = skill
        roles = [clean_name(part) for part in re.split(r"[,;\n]", cells.get("roles", ""))]
        claimed[name_key(name)] = (row, {name_key(role): role for role in roles if role})
        _report(skill, row, matched, findings, counts)
    oddities = tuple(Oddity(kind, count, f"{kind}: {count}") for kind, count in counts.most_common())
    heading = matched.headings.get("roles", "")
    return SkillTexts(by_key, claimed, path.name, heading, tuple(findings.listed()), oddities, read.sha256)


def _report(
    skill: SkillInput, row: int, matched: MatchedTable, findings: Findings, counts: Counter[str]
) -> None:
    def note(kind: str, field_name: str, what: str) -> None:
        counts[kind] += 1
        findings.note(row, matched.headings.get(field_name, ""), skill.name, what)

    if not skill.description.strip():
        note("skill without a description", "skill_description", "The skill has no description")
    if not any(text.strip() for text in skill.level_texts):
        note("skill without level texts", "skill", "The skill has no text for any level")
    for level, text in zip(LEVEL_FIELDS, skill.level_texts, strict=True):
        if _NOT_DEFINED in text.casefold():
            note("level not defined", level, "The text says that the level is currently not defined")
