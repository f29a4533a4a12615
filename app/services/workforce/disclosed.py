"""What must be hidden of vacancies and forecasts before they are shared (PRODUCT, rule 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from app.analysis.disclosure import Flags, hidden_list
from app.services.scope import PATH_MARK
from app.services.workforce.back_test import BackTest
from app.services.workforce.closing_records import ClosingPlan, ShortfallCard, Way
from app.services.workforce.establishment import VacancyLine
from app.services.workforce.records import Forecast
from app.terms import FinancialQuarter


def hidden_vacancies(lines: Sequence[VacancyLine]) -> tuple[bool, ...]:
    """Which lines must not show heads and vacancies: those of 1 to 4 people, and a second where there is just one.

    Posts are of the organisation and stay; with them vacancies would tell the heads, so that both go together.
    """
    mask, _ = hidden_list(np.array([line.heads for line in lines], dtype=np.int64))
    return tuple(mask.tolist())


def hidden_groups(found: Forecast, names: Sequence[str]) -> dict[str, bool]:
    """Which groups of a forecast (``names`` [C]) must not show supply: few people, and a second beside just one."""
    heads: dict[str, int] = {}
    for name, count in zip(names, found.people.tolist(), strict=True):
        heads[name] = heads.get(name, 0) + count
    mask: Flags = hidden_list(np.array(list(heads.values()), dtype=np.int64))[0]
    return dict(zip(heads, mask.tolist(), strict=True))


def hidden_back_test(found: BackTest) -> tuple[bool, ...]:
    """Which lines of a back-test must not be shown: families of 1 to 4 people on any of its days, and one more."""
    least: dict[str, int] = {}
    for line in found.lines:
        counts = [count for count in (line.heads, line.actual_heads) if count]
        least[line.role_family] = min([*counts, least.get(line.role_family, 10**9)])
    mask, _ = hidden_list(
        np.array([0 if count == 10**9 else count for count in least.values()], dtype=np.int64)
    )
    hidden = dict(zip(least, mask.tolist(), strict=True))
    return tuple(hidden[line.role_family] for line in found.lines)


def hidden_cards(found: Forecast, cards: Sequence[ShortfallCard]) -> frozenset[ShortfallCard]:
    """The shortfalls that must not be told: those of a department and role level with few people."""
    names = [f"{cell.unit.split(PATH_MARK)[0]}\0{cell.role}\0{cell.role_level}" for cell in found.cells]
    hidden = hidden_groups(found, names)
    return frozenset(
        card for card in cards if hidden.get(f"{card.department}\0{card.role}\0{card.role_level}", False)
    )


OF_PEOPLE = (Way.TRAIN, Way.REDEPLOY)
"""Ways that speak of people who are there, so that few of them must not be told."""


@dataclass(frozen=True, slots=True)
class MixSum:
    """The mix by shortfall, way and quarter: nobody by name. ``is_hidden``: few people stand behind it."""

    department: str
    role: str
    role_level: str
    way: Way
    quarter: FinancialQuarter
    people: int
    fte: Decimal
    cost_gbp: Decimal
    is_hidden: bool


def mix_sums(plan: ClosingPlan, hidden: frozenset[ShortfallCard], *, is_shared: bool) -> tuple[MixSum, ...]:
    """The lines of a mix added up, with what must not be told where they are shared."""
    sums: dict[tuple[str, str, str, Way, FinancialQuarter], tuple[int, Decimal, Decimal]] = {}
    for line in plan.lines:
        key = (line.department, line.role, line.role_level, line.way, line.quarter)
        people, fte, cost = sums.get(key, (0, Decimal(0), Decimal(0)))
        sums[key] = (people + line.people, fte + line.fte, cost + line.cost_gbp)
    few = few_people([figures[0] if key[3] in OF_PEOPLE else 0 for key, figures in sums.items()])
    cards = {(card.department, card.role, card.role_level) for card in hidden}
    return tuple(
        MixSum(*key, *figures, is_hidden=is_shared and (key[:3] in cards or is_few))
        for (key, figures), is_few in zip(sums.items(), few, strict=True)
    )


def hidden_options(plan: ClosingPlan, hidden: frozenset[ShortfallCard]) -> tuple[bool, ...]:
    """Which options, card by card, must not be told."""
    pairs = [(card, one) for card in plan.cards for one in card.options]
    few = few_people([one.people if one.way in OF_PEOPLE else 0 for _, one in pairs])
    return tuple(card in hidden or is_few for (card, _), is_few in zip(pairs, few, strict=True))


def few_people(counts: Sequence[int]) -> list[bool]:
    """Which counts of a list are of 1 to 4 people, and a second where there is just one."""
    return hidden_list(np.array(counts, dtype=np.int64))[0].tolist()
