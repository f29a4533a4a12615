"""Yearly rates of few events, drawn towards what is known of more people.

A rate is events ÷ years of exposure. Where there is little exposure of its own, a group borrows from the group around
it: ``(events + strength · rate of the wider group) ÷ (exposure + strength)``, the mean of a gamma prior worth
``strength`` person-years. Groups are nested (everybody, grade, role family in it, unit in that). Everybody borrows from
the national rate; a grade from its own national rate, moved by as much as everybody here differs from the nation.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

STRENGTH = 50.0
"""Person-years that the wider group's rate is worth: fifty people watched for a year."""

Path = tuple[Hashable, ...]
"""A group by its names from the widest to the narrowest; the empty path is everybody."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen of one group: events (leavers, say) and exposure in person-years."""

    events: float = 0.0
    years: float = 0.0

    def __add__(self, other: Observed) -> Observed:
        return Observed(self.events + other.events, self.years + other.years)


@dataclass(frozen=True, slots=True)
class NestedRates:
    """Rates of every group seen; of a group never seen, that of the narrowest one around it that was."""

    rates: Mapping[Path, float]
    seen: Mapping[Path, Observed]
    national: float

    def rate(self, path: Path) -> float:
        """The yearly rate of a group, from 0 to 1."""
        while path and path not in self.rates:
            path = path[:-1]
        return self.rates.get(path, self.national)


def nested_rates(
    seen: Sequence[tuple[Path, Observed]],
    national: float,
    of_first: Mapping[str, float] | None = None,
    strength: float = STRENGTH,
) -> NestedRates:
    """Rates from what was seen of the narrowest groups; wider groups are their sums.

    ``of_first`` has national rates by the first name of a path (the grade). Every group it names has a rate, seen or
    not.
    """
    known: dict[Hashable, float] = {}
    known.update(of_first or {})
    sums: dict[Path, Observed] = dict.fromkeys([(), *((name,) for name in known)], Observed())
    for path, observed in seen:
        for depth in range(len(path) + 1):
            sums[path[:depth]] = sums.get(path[:depth], Observed()) + observed
    rates: dict[Path, float] = {}
    for path in sorted(sums, key=len):
        wider = rates[path[:-1]] if path else national
        if len(path) == 1 and national:
            wider = min(known.get(path[0], national) * rates[()] / national, 1.0)
        found = sums[path]
        rates[path] = min((found.events + strength * wider) / (found.years + strength), 1.0)
    return NestedRates(rates, sums, national)
