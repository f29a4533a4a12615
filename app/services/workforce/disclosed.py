"""What must be hidden of vacancies and forecasts before they are shared (PRODUCT, rule 6)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.analysis.disclosure import Flags, hidden_list
from app.services.workforce.establishment import VacancyLine
from app.services.workforce.records import Forecast


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
