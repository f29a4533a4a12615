"""Data and leadership capability of departments: the analyst team, the chief data officer, the leadership checklist.

**Analysts** are people whose counting role is one of ANALYST_ROLES. **Similar departments** are the PEERS departments
nearest by digital headcount (people with a counting role), on a ratio scale: a team of 100 is as near to one of 50 as
to one of 200. **A chief data officer or equivalent** is in post where somebody present has the role, else where a
published post bears one of CHIEF_WORDS and is filled; vacant where such a post is vacant; otherwise there is none.
**The checklist** is the set of skills that the chief roles of the framework require without a level (PRODUCT, rule 5):
each is evidenced or not, never a number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from math import log

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session
from sqlmodel import select

from app.analysis.gaps import gap_pairs
from app.change import Outcome
from app.db.database import Database
from app.errors import UsageError
from app.files.columns import nearest
from app.models import LeadershipEvidence, Skill
from app.services.gap_base import GapBase
from app.services.gaps import Gaps
from app.services.people_import import as_date
from app.services.population import Flags
from app.services.posts import Posts
from app.services.scope import Scope
from app.terms import NOT_ASSESSED, PostStatus, name_key

PEERS = 5
ANALYST_ROLES = (
    "Analytics engineer", "Data analyst", "Data architect", "Data engineer", "Data ethicist", "Data governance manager",
    "Data scientist", "Machine learning engineer", "Performance analyst",
)  # fmt: skip
"""Roles that make up an analyst team."""

CHIEF_ROLE = "Chief data officer"
CHIEF_WORDS = (
    "chief data officer", "chief analyst", "chief statistician", "head of data", "director of data", "data director",
)  # fmt: skip
"""What a chief data officer's post, or one like it, is called."""


@dataclass(frozen=True, slots=True)
class AnalystTeam:
    """A department's analysts beside those of similar departments; shares None where nothing is assessed."""

    analysts: int
    fte_hundredths: int
    share_of_digital: float | None
    readiness: float | None
    coverage: float | None
    peer_share: float | None
    peer_readiness: float | None
    peers: tuple[str, ...]

    @property
    def expected(self) -> float | None:
        """Analysts it would have at the similar departments' share."""
        if self.peer_share is None or not self.share_of_digital:
            return None
        return self.peer_share * self.analysts / self.share_of_digital


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One leadership skill: evidenced, not evidenced, or (None) never looked at."""

    skill: str
    is_evidenced: bool | None
    evidence: str
    recorded_on: date | None
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Capability:
    """What one department has. ``chief`` is in post, vacant or none; ``chief_words`` says who or where from."""

    department: str
    digital: int
    team: AnalystTeam
    chief: str
    chief_words: str
    checklist: tuple[ChecklistItem, ...]
    revision: int
    is_hidden: bool = False

    @property
    def evidenced(self) -> int:
        """Skills of the checklist that are evidenced."""
        return sum(item.is_evidenced is True for item in self.checklist)

    @property
    def sentence(self) -> str:
        """The department in one sentence."""
        own = "" if self.team.share_of_digital is None else f", {100 * self.team.share_of_digital:.0f} %"
        if self.is_hidden:
            return "[c] Its figures rest on fewer than 5 people and are not shown."
        noun = "analyst" if self.team.analysts == 1 else "analysts"
        team = f"{self.team.analysts:,} {noun} among {self.digital:,} digital people{own}"
        like = (
            ""
            if self.team.peer_share is None
            else f" (similar departments: {100 * self.team.peer_share:.0f} %)"
        )
        chief = {
            "in post": "a chief data officer or equivalent is in post",
            "vacant": "the post of chief data officer or equivalent is vacant",
            "none": "no chief data officer or equivalent is known",
        }[self.chief]
        return f"{team}{like}; {chief}; {self.evidenced} of {len(self.checklist)} leadership skills are evidenced."


_CHECKLIST = """
SELECT DISTINCT s.id, s.name FROM requirement AS q JOIN skill AS s ON s.id = q.skill_id
JOIN role_level AS l ON l.id = q.role_level_id JOIN role AS r ON r.id = l.role_id
JOIN role_family AS f ON f.id = r.role_family_id JOIN framework_version AS v ON v.id = f.framework_version_id
WHERE q.level IS NULL AND r.is_chief AND v.is_current ORDER BY s.name
"""
_EVIDENCE = """
SELECT unit_id, skill_id, is_evidenced, evidence, recorded_on, recorded_by FROM leadership_evidence ORDER BY id
"""


class Capabilities:
    """Data and leadership capability by department."""

    def __init__(self, db: Database, gaps: Gaps, posts: Posts, today: Callable[[], date]) -> None:
        self._db, self._gaps, self._posts, self._today = db, gaps, posts, today

    def departments(self, scope: Scope | None = None) -> tuple[Capability, ...]:
        """Every department of the scope, by name; similar departments are looked for among all of them."""
        scope = scope or Scope()
        base = self._gaps.base(scope.as_at)
        population = base.population
        figures = _Figures(base, population.mask(scope.widened()))
        with self._db.read() as session:
            items = [(row[0], row[1]) for row in session.execute(text(_CHECKLIST))]
            evidence = _latest(session)
        chiefs = self._chiefs(scope, figures)
        wanted = {population.find_unit(path).department_id for path in scope.departments}
        tops = [unit for unit in population.units.values() if unit.depth == 0]
        return tuple(
            Capability(
                department=unit.path,
                digital=figures.digital.get(unit.unit_id, 0),
                team=figures.team(unit.unit_id),
                chief=chiefs.get(unit.unit_id, ("none", ""))[0],
                chief_words=chiefs.get(unit.unit_id, ("none", ""))[1],
                checklist=tuple(
                    _item(name, evidence.get((unit.unit_id, skill_id))) for skill_id, name in items
                ),
                revision=base.revision,
            )
            for unit in sorted(tops, key=lambda unit: unit.path.casefold())
            if not wanted or unit.unit_id in wanted
        )

    def record(self, department: str, skill: str, *, is_evidenced: bool, evidence: str = "") -> Outcome[str]:
        """Say whether a department's leadership shows a skill of the checklist; what was said before is kept."""
        unit = self._gaps.base(None).population.find_unit(department)
        with self._db.write("Record leadership skill") as w:
            names = {row[1]: row[0] for row in w.session.execute(text(_CHECKLIST))}
            found = [name for name in names if name_key(name) == name_key(skill)]
            if not found:
                close = nearest(skill, list(names))
                hint = f"The nearest is “{close}”." if close else "`muster strategy leadership` lists them."
                raise UsageError(f"“{skill}” is not on the leadership checklist.", hint)
            chosen = w.session.scalars(select(Skill).where(Skill.name == found[0])).one()
            w.session.add(
                LeadershipEvidence(
                    unit_id=unit.department_id,
                    skill_id=chosen.id or 0,
                    is_evidenced=is_evidenced,
                    evidence=evidence.strip(),
                    recorded_on=self._today(),
                    recorded_by=self._db.user,
                )
            )
            w.describe(department=unit.path, skill=found[0], evidenced=is_evidenced)
        return w.outcome(found[0])

    def _chiefs(self, scope: Scope, figures: _Figures) -> dict[int, tuple[str, str]]:
        """Department -> whether a chief data officer is in post, and who or which post says so."""
        found: dict[int, tuple[str, str]] = {}
        everywhere = scope.widened()
        for branch in self._posts.tree(everywhere, is_newest_only=True).lines:
            post = branch.post
            if not any(word in name_key(post.title) for word in CHIEF_WORDS):
                continue
            words = f"{post.title}, published post as at {post.as_at.isoformat()}"
            if post.status is PostStatus.FILLED:
                found[post.department_id] = ("in post", words)
            elif post.status is PostStatus.VACANT:
                found.setdefault(post.department_id, ("vacant", words))
        for department, words in figures.chiefs().items():
            found[department] = ("in post", words)
        return found


class _Figures:
    """Digital people and analysts of every department."""

    def __init__(self, base: GapBase, mask: Flags) -> None:
        population = base.population
        self._base, self._mask = base, mask
        self._department = population.department_ids()
        mapped = mask & (population.role_level_id > 0)
        analysts = [
            key
            for key, line in population.levels.items()
            if name_key(line.role) in {name_key(r) for r in ANALYST_ROLES}
        ]
        self._is_analyst = mapped & np.isin(population.role_level_id, np.array(analysts, dtype=np.int64))
        pairs = gap_pairs(base.blocks, self._is_analyst)
        met = (pairs.held != NOT_ASSESSED) & (pairs.held >= pairs.required)
        self.digital = self._counted(self._department[mapped])
        self._analysts = self._counted(self._department[self._is_analyst])
        self._required = self._counted(self._department[pairs.person])
        self._assessed = self._counted(self._department[pairs.person[pairs.is_assessed]])
        self._met = self._counted(self._department[pairs.person[met]])

    @staticmethod
    def _counted(departments: np.ndarray[tuple[int], np.dtype[np.int64]]) -> dict[int, int]:
        keys, counts = np.unique(departments, return_counts=True)
        return dict(zip(keys.tolist(), counts.tolist(), strict=True))

    def team(self, department: int) -> AnalystTeam:
        """One department's analysts, with similar departments beside them."""
        units = self._base.population.units
        digital, analysts = self.digital.get(department, 0), self._analysts.get(department, 0)
        assessed, required = self._assessed.get(department, 0), self._required.get(department, 0)
        peers = self._peers(department)
        of_peers = sum(self.digital[one] for one in peers)
        peers_assessed = sum(self._assessed.get(one, 0) for one in peers)
        inside = self._is_analyst & (self._department == department)
        return AnalystTeam(
            analysts=analysts,
            fte_hundredths=int(self._base.population.fte_hundredths[inside].sum()),
            share_of_digital=analysts / digital if digital else None,
            readiness=self._met.get(department, 0) / assessed if assessed else None,
            coverage=assessed / required if required else None,
            peer_share=sum(self._analysts.get(one, 0) for one in peers) / of_peers if of_peers else None,
            peer_readiness=sum(self._met.get(one, 0) for one in peers) / peers_assessed
            if peers_assessed
            else None,
            peers=tuple(units[one].path for one in peers),
        )

    def _peers(self, department: int) -> list[int]:
        """The nearest departments by digital headcount on a ratio scale, nearest first; empty ones left out."""
        own = self.digital.get(department, 0)
        if not own:
            return []
        units = self._base.population.units
        others = [
            (abs(log(count / own)), units[one].path, one)
            for one, count in self.digital.items()
            if one != department
        ]
        return [one for _distance, _path, one in sorted(others)[:PEERS]]

    def chiefs(self) -> dict[int, str]:
        """Departments where somebody present has the role, with the job title."""
        population = self._base.population
        levels = [
            key for key, line in population.levels.items() if name_key(line.role) == name_key(CHIEF_ROLE)
        ]
        rows = np.flatnonzero(
            self._mask & np.isin(population.role_level_id, np.array(levels, dtype=np.int64))
        )
        return {
            int(
                self._department[row]
            ): f"{population.job_title[row]}, {population.units[int(population.unit_id[row])].path}"
            for row in rows.tolist()
        }


def _latest(session: Session) -> dict[tuple[int, int], ChecklistItem]:
    """(department, skill) -> what was said last."""
    return {
        (row[0], row[1]): ChecklistItem("", bool(row[2]), row[3], as_date(row[4]), row[5])
        for row in session.execute(text(_EVIDENCE))
    }


def _item(name: str, said: ChecklistItem | None) -> ChecklistItem:
    if said is None:
        return ChecklistItem(name, None, "", None, "")
    return ChecklistItem(name, said.is_evidenced, said.evidence, said.recorded_on, said.recorded_by)
