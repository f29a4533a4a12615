"""The cheapest courses that take somebody from what they hold to what is asked, skill by skill.

For one person by itself: no budget, seats or groups of others. An estimate to choose people by; the training plan
itself is made for those chosen. Of two ways that cost the same the one with fewer hours is taken. A course taken for
one skill counts for every other skill it raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """A course: pence and hundredths of hours for one person, quarters it lasts, and skill → (entry, exit)."""

    code: str
    cost: int
    hours: int
    quarters: int
    outcomes: Mapping[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Route:
    """The courses in order, what they cost (pence), take (hundredths of hours) and how many quarters until done."""

    courses: tuple[str, ...]
    cost: int
    hours: int
    quarters: int


class Routes:
    """A catalogue ready to be asked for routes."""

    def __init__(self, offers: Sequence[Offer]) -> None:
        self._by_code = {offer.code: offer for offer in offers}
        self._of_skill: dict[int, list[tuple[int, int, Offer]]] = {}
        for offer in sorted(offers, key=lambda one: one.code):
            for skill, (entry, after) in offer.outcomes.items():
                self._of_skill.setdefault(skill, []).append((entry, after, offer))
        self._known: dict[tuple[int, int, int], tuple[str, ...] | None] = {}

    def route(self, needs: Mapping[int, tuple[int, int]], hours_a_quarter: int) -> Route | None:
        """The route for ``needs`` (skill → held, required), None where some step has no course.

        ``hours_a_quarter`` hundredths of hours there are for learning; at least one quarter passes where any is needed.
        """
        taken: list[str] = []
        held = {skill: have for skill, (have, _) in needs.items()}
        longest = 0
        for skill, (_, wanted) in sorted(needs.items()):
            while held[skill] < wanted:
                steps = self._steps(skill, held[skill], wanted)
                if not steps or hours_a_quarter <= 0:
                    return None
                code = steps[0]
                taken.append(code)
                for other, (entry, after) in self._by_code[code].outcomes.items():
                    if other in held and held[other] >= entry:
                        held[other] = max(held[other], after)
            longest = max(longest, self._lasting(skill, needs[skill]))
        if not taken:
            return Route((), 0, 0, 0)
        chosen = [self._by_code[code] for code in dict.fromkeys(taken)]
        hours = sum(offer.hours for offer in chosen)
        quarters = max(-(-hours // hours_a_quarter), longest, 1)
        return Route(
            tuple(offer.code for offer in chosen), sum(offer.cost for offer in chosen), hours, quarters
        )

    def _lasting(self, skill: int, need: tuple[int, int]) -> int:
        """Quarters of the courses of one skill one after the other."""
        steps = self._steps(skill, *need) if need[0] < need[1] else ()
        return sum(self._by_code[code].quarters for code in steps or ())

    def _steps(self, skill: int, held: int, wanted: int) -> tuple[str, ...] | None:
        """The cheapest courses from a level to another, None where there is no way; a level above is welcome."""
        key = (skill, held, wanted)
        if key not in self._known:
            self._known[key] = self._search(*key)
        return self._known[key]

    def _search(self, skill: int, held: int, wanted: int) -> tuple[str, ...] | None:
        best: dict[int, tuple[int, int, tuple[str, ...]]] = {held: (0, 0, ())}
        for level in range(held, wanted):
            if level not in best:
                continue
            cost, hours, codes = best[level]
            for entry, after, offer in self._of_skill.get(skill, []):
                if entry > level or after <= level:
                    continue
                end = min(after, wanted)
                way = (cost + offer.cost, hours + offer.hours, (*codes, offer.code))
                if end not in best or way < best[end]:
                    best[end] = way
        return best[wanted][2] if wanted in best else None
