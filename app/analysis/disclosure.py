"""Disclosure control of gap tables (PRODUCT, rule 6): which cells and totals must not be shown.

Counts of people from 1 to 4 are hidden, and with a count its cell: share, levels and chart point. A cell is hidden
as a whole, because what is met, short and assessed give each other away. A total over a line with a hidden cell is
hidden too, so that nothing can be had by subtraction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

FEWEST_SHOWN = 5
"""The smallest count of people that is shown; 0 is shown as well."""

SUPPRESSED = "[c]"
"""What stands in place of a hidden figure."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """What must not be shown of a table groups × skills: cells, row totals, column totals, the grand total."""

    cells: Flags
    rows: Flags
    columns: Flags
    grand: bool


def is_small(counts: Counts) -> Flags:
    """Counts from 1 to 4."""
    return (counts > 0) & (counts < FEWEST_SHOWN)


def hidden(required: Counts, assessed: Counts, meeting: Counts) -> Hidden:
    """What to hide of a gap table; arrays [groups × skills]. Short is assessed − meeting.

    A cell is hidden where any of required, assessed, not assessed, meeting or short is from 1 to 4.
    """
    parts = (required, assessed, required - assessed, meeting, assessed - meeting)
    cells = np.zeros(required.shape, dtype=np.bool_)
    for part in parts:
        cells |= is_small(part)
    rows, columns = cells.any(axis=1), cells.any(axis=0)
    return Hidden(cells, rows, columns, bool(cells.any()))
