"""Handing the people of a mix to the training plan: their new role holds from the quarter in which they are ready.

A training plan closes gaps against the role somebody holds on the day it is made for. Whoever the mix trains or
redeploys to another role level is given it as primary role from the first day of that quarter on, in one action that
can be taken back; a plan made as at that day then holds what each still has to learn. Until that day nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from app.change import Outcome
from app.errors import UsageError
from app.services.population import PopulationCache
from app.services.roles import Choice, RoleChange, RoleMapping
from app.services.workforce.closing_records import Candidate, ClosingPlan, Way
from app.services.workforce.nearest import level_ids
from app.terms import MatchKind, name_key


@dataclass(frozen=True, slots=True)
class HandOverLine:
    """One person's new role: from what to what, from when, and the steps that are left to learn."""

    person: Candidate
    role: str
    role_level: str
    role_level_id: int
    way: Way
    valid_from: date


@dataclass(frozen=True, slots=True)
class HandOverPreview:
    """What handing over would write; ``moves`` are people who change unit but not role. Nothing has been written.

    ``as_at`` is the first day on which every new role holds, None where nobody is handed over.
    """

    lines: tuple[HandOverLine, ...]
    moves: int
    as_at: date | None
    revision: int


class HandOver:
    """From a mix to the training plan."""

    def __init__(self, population: PopulationCache, roles: RoleMapping, today: Callable[[], date]) -> None:
        self._population, self._roles, self._today = population, roles, today

    def preview(self, plan: ClosingPlan) -> HandOverPreview:
        """The roles that the people chosen by a mix would be given."""
        _, population = self._population.get(self._today())
        ids = level_ids(population)
        near = {
            (card.department, card.role, card.role_level, one.staff_id): one
            for card in plan.cards
            for one in card.candidates
        }
        lines: list[HandOverLine] = []
        moves = 0
        for line in plan.lines:
            if not line.staff_id:
                continue
            wanted = ids[name_key(line.role), name_key(line.role_level)][-1]
            person = near[line.department, line.role, line.role_level, line.staff_id]
            level = population.levels[wanted]
            if (name_key(person.role), name_key(person.role_level)) == (
                name_key(level.role),
                name_key(level.name),
            ):
                moves += 1
                continue
            starts = max(line.quarter.first_day, self._today())
            lines.append(HandOverLine(person, level.role, level.name, wanted, line.way, starts))
        lines.sort(key=lambda one: (one.valid_from, one.person.staff_id))
        return HandOverPreview(
            tuple(lines), moves, max((one.valid_from for one in lines), default=None), plan.revision
        )

    def commit(self, preview: HandOverPreview) -> Outcome[int] | None:
        """Write the new roles in one action; None where there is nobody to hand over.

        Raises ConflictError where people or roles changed since the mix was made.
        """
        if not preview.lines:
            return None
        if len({one.person.person_id for one in preview.lines}) < len(preview.lines):
            raise UsageError("Somebody is in the mix twice.", "Make the mix again.")
        changes = [
            RoleChange(
                one.person.person_id, Choice(MatchKind.ROLE, one.role_level_id), one.valid_from,
                f"handed over from a shortfall ({one.way.value})",
            )
            for one in preview.lines
        ]  # fmt: skip
        return self._roles.set_roles("Hand over to the training plan", changes, preview.revision)
