"""The order of seniority of a role's levels, from their titles and from what they require.

Published files list levels by name. Words in the title come first ("trainee" before "junior" before the plain
title before "senior", "head of" last); where words do not tell, the sum of the required levels does. Lead and
principal stand on one step on purpose: departments use them either way round (lead data scientist is above
principal, lead developer below), so what is required decides. An analyst in a manager's role stands below the
managers, however senior.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_STEPS: tuple[tuple[frozenset[str], int], ...] = (
    (frozenset({"trainee", "apprentice", "intern"}), 0),
    (frozenset({"associate", "assistant", "entry"}), 1),
    (frozenset({"junior", "graduate"}), 2),
    (frozenset({"senior"}), 5),
    (frozenset({"lead", "principal", "staff"}), 6),
    (frozenset({"deputy"}), 7),
    (frozenset({"head", "chief", "director"}), 8),
)
_PLAIN = 4
_ANALYST = re.compile(r"\banalysts?$", re.IGNORECASE)


def seniority_step(title: str) -> int:
    """How senior the words of a title say it is, 0 (trainee) to 8 (head); 4 where no word tells."""
    words = set(re.findall(r"[a-z]+", title.casefold()))
    return max((step for marks, step in _STEPS if marks & words), default=_PLAIN)


def in_seniority_order(levels: Mapping[str, Sequence[int | None]]) -> list[str]:
    """Titles from most junior to most senior, given title -> required levels of its skills."""
    is_mixed = any(_ANALYST.search(title) for title in levels) and any(
        re.search(r"\bmanagers?\b", title, re.IGNORECASE) for title in levels
    )

    def key(title: str) -> tuple[int, int, int, int, str, str]:
        step = seniority_step(title)
        is_head = step == 8
        is_below_managers = is_mixed and _ANALYST.search(title) is not None and not is_head
        required = sum(level or 0 for level in levels[title])
        is_variant = "-" in title or "–" in title
        return (0 if is_below_managers else 1, step, required, int(is_variant), title.casefold(), title)

    return sorted(levels, key=key)
