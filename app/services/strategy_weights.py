"""Strategy weights: what the priorities and programmes linked to a skill or role make of a pair (PRODUCT, rule 4).

Weight of a pair = skill weight × strategy weight, held to 0.1 to 10. The strategy weight is the largest among the
priorities and programmes linked to the skill, the role or the role level; 1 where none is linked. A priority is
linked to what its programmes are linked to; one without a weight of its own, and whose programme has none, counts 1.
Links hold across departments: a skill that one programme needs is weighed alike for everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.terms import name_key

WEIGHT_ONE = 10_000
"""Priority weights are kept in ten-thousandths; this is weight 1."""

LEAST_WEIGHT, MOST_WEIGHT = 1_000, 100_000
"""What a weight, and the product of two, may be: 0.1 to 10."""

STRATEGY_TABLES = frozenset({"strategy_area", "priority", "programme", "demand_line"})
"""The tables weights are read from."""

_LINKS = """
SELECT d.priority_id, p.weight, g.weight, d.role, d.role_level, d.skill_id
FROM demand_line AS d JOIN priority AS p ON p.id = d.priority_id
LEFT JOIN programme AS g ON g.id = d.programme_id
WHERE NOT p.is_set_aside
ORDER BY d.priority_id, d.id
"""


@dataclass(frozen=True, slots=True)
class Link:
    """One line that ties a priority to a role, a role level or a skill, with the weight it brings."""

    priority_id: int
    weight: int
    role_key: str
    level_key: str
    skill_id: int | None


@dataclass(slots=True)
class StrategyLinks:
    """Every link, found by skill, role and role level. Role and level are name keys."""

    by_skill: dict[int, dict[int, int]] = field(default_factory=dict[int, dict[int, int]])
    by_role: dict[str, dict[int, int]] = field(default_factory=dict[str, dict[int, int]])
    by_level: dict[tuple[str, str], dict[int, int]] = field(
        default_factory=dict[tuple[str, str], dict[int, int]]
    )

    @classmethod
    def of(cls, links: Iterable[Link]) -> StrategyLinks:
        """The links, each priority with the largest weight it brings to a skill or role."""
        made = cls()
        for link in links:
            if link.skill_id is not None:
                _raise(made.by_skill.setdefault(link.skill_id, {}), link)
            if link.role_key and link.level_key:
                _raise(made.by_level.setdefault((link.role_key, link.level_key), {}), link)
            elif link.role_key:
                _raise(made.by_role.setdefault(link.role_key, {}), link)
        return made

    @property
    def is_empty(self) -> bool:
        """Whether nothing is linked."""
        return not (self.by_skill or self.by_role or self.by_level)

    def priorities(self, role: str, level: str, skill_id: int) -> dict[int, int]:
        """Priority id -> the largest weight it brings to a pair of this role, role level and skill."""
        role_key, level_key = name_key(role), name_key(level)
        found = dict(self.by_skill.get(skill_id, ()))
        for more in (self.by_role.get(role_key), self.by_level.get((role_key, level_key))):
            for priority_id, weight in (more or {}).items():
                found[priority_id] = max(found.get(priority_id, 0), weight)
        return found

    def weight(self, role: str, level: str, skill_id: int) -> int:
        """The strategy weight of a pair in ten-thousandths."""
        return max(self.priorities(role, level, skill_id).values(), default=WEIGHT_ONE)


def _raise(weights: dict[int, int], link: Link) -> None:
    weights[link.priority_id] = max(weights.get(link.priority_id, 0), link.weight)


def load_links(session: Session, *, without: int | None = None) -> StrategyLinks:
    """The links of every priority that is not set aside; ``without`` leaves one more priority out."""
    rows = session.execute(text(_LINKS)).all()
    return StrategyLinks.of(
        Link(row[0], link_weight(row[1], row[2]), name_key(row[3]), name_key(row[4]), row[5])
        for row in rows
        if row[0] != without
    )


def link_weight(of_priority: int | None, of_programme: int | None) -> int:
    """What a link brings: the larger of the weights given, 1 where none was."""
    return max((weight for weight in (of_priority, of_programme) if weight is not None), default=WEIGHT_ONE)


def pair_weight(skill_weight: int, strategy_weight: int) -> int:
    """Skill weight × strategy weight in ten-thousandths, half up, held to the allowed range."""
    product = (skill_weight * strategy_weight + WEIGHT_ONE // 2) // WEIGHT_ONE
    return min(MOST_WEIGHT, max(LEAST_WEIGHT, product))


def requirement_weights(
    links: StrategyLinks, requirements: Sequence[tuple[int, int, int]], names: dict[int, tuple[str, str]]
) -> list[int]:
    """The weight of every requirement, in ten-thousandths.

    ``requirements`` are (role level id, skill id, skill weight); ``names`` gives role and role level by id.
    """
    if links.is_empty:
        return [weight for _level, _skill, weight in requirements]
    return [
        pair_weight(weight, links.weight(*names.get(level_id, ("", "")), skill_id))
        for level_id, skill_id, weight in requirements
    ]
