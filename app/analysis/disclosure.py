"""Disclosure control of gap tables (PRODUCT, rule 6): which cells and totals must not be shown.

Counts of people from 1 to 4 are hidden, and with a count its cell: share, levels and chart point. A cell is hidden
as a whole, because what is met, short and assessed give each other away.

The second suppression is exact, not a rule of thumb. A gap table with its totals is three tables of counts that
know nothing of one another: met, short, and not assessed (assessed and required are their sums). In each, what an
outsider can work out about a hidden figure follows from lines that must add up and from no count being negative.
A hidden figure can be told exactly when, and only when, it lies on no cycle of moves (one up, the next in its line
down, and so on) that keeps every line and every sign; totals move with the sign of their line. Figures that can be
told get such a cycle, by hiding the three further figures that cost least.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

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
    is_aggregate: bool = True


def is_small(counts: Counts) -> Flags:
    """Counts from 1 to 4."""
    return (counts > 0) & (counts < FEWEST_SHOWN)


def hidden(required: Counts, assessed: Counts, meeting: Counts, people: Counts | None = None) -> Hidden:
    """What to hide of a gap table; arrays [groups × skills]. Short is assessed − meeting.

    A cell or total is hidden where any of required, assessed, not assessed, meeting or short is from 1 to 4, and
    as many further ones as it takes that none of these can be worked out. ``people`` [groups + 1 × skills + 1], with
    the totals as last column and row, says on how many people each figure rests, where pairs are counted: a total
    over the skills of three people is as small as the three.
    """
    parts = [with_totals(part) for part in (meeting, assessed - meeting, required - assessed)]
    rated = parts[0] + parts[1]
    whole = rated + parts[2]
    mask = np.zeros(parts[0].shape, dtype=np.bool_)
    for counts in (*parts, whole, rated):
        mask |= is_small(counts)
    if people is not None:
        mask |= is_small(people)
    cost = np.where(mask, 0.0, np.sqrt(whole) + 1.0)
    # a total tells more than a cell, and is given up later
    cost[-1, :] *= 8
    cost[:, -1] *= 8
    if required.size:  # a table without cells is nothing but noughts: there is nothing to give away
        _protect([moves(counts, np.ones_like(mask)) for counts in parts], mask, cost)
    return Hidden(mask[:-1, :-1], mask[:-1, -1], mask[-1, :-1], bool(mask[-1, -1]))


def hidden_counts(counts: Counts, forced: Flags | None = None) -> Hidden:
    """What to hide of one table of counts of people with its totals: small ones, and what would give them away.

    ``forced`` [rows + 1 × columns + 1], totals last, are hidden whatever they are: they are hidden elsewhere.
    """
    table = with_totals(counts)
    mask = is_small(table)
    if forced is not None:
        mask |= forced
    cost = np.where(mask, 0.0, np.sqrt(table) + 1.0)
    cost[-1, :] *= 8
    cost[:, -1] *= 8
    if counts.size:
        _protect([moves(table, np.ones_like(mask))], mask, cost)
    return Hidden(mask[:-1, :-1], mask[:-1, -1], mask[-1, :-1], bool(mask[-1, -1]))


def hidden_list(counts: Counts) -> tuple[Flags, bool]:
    """What to hide of a list of counts and of its total: small counts, and a second one where there is just one."""
    mask = is_small(counts)
    if int(mask.sum()) != 1:
        return mask, False
    others = np.flatnonzero(~mask & (counts > 0))
    if not len(others):
        return mask, True
    mask[others[np.argmin(counts[others])]] = True
    return mask, False


def with_totals(counts: Counts) -> Counts:
    """The table with its row totals, column totals and grand total as last column and row."""
    wide = np.concatenate([counts, counts.sum(axis=1, keepdims=True)], axis=1)
    return np.concatenate([wide, wide.sum(axis=0, keepdims=True)], axis=0).astype(np.int64)


def hidden_changes(before: list[Counts], after: list[Counts], small: Flags) -> Flags:
    """What to hide of figures on two days and of the changes between them.

    Each row reads: before, then what each part added or took off, then after; the last row is the total of the others.
    ``before`` and ``after`` [rows] are counts of several measures that are hidden together; ``small`` [rows × (parts
    + 2)] says what must be hidden, and the answer has that shape. Before and after cannot be negative, a part can.
    """
    mask = np.concatenate([small, np.zeros((len(small), 1), dtype=np.bool_)], axis=1)
    # before + parts - after is 0 in every row: a sum that is known, and can be neither hidden nor moved
    cost = np.where(mask, 0.0, np.sqrt(before[0] + after[0])[:, None] + 1.0)
    cost[-1, :] *= 8
    cost[:, -1] = np.inf
    able: list[tuple[Flags, Flags]] = []
    for first, last in zip(before, after, strict=True):
        ups, downs = np.ones_like(mask), np.ones_like(mask)
        downs[:-1, 0], ups[-1, 0] = first[:-1] > 0, first[-1] > 0
        ups[:-1, -2], downs[-1, -2] = last[:-1] > 0, last[-1] > 0
        ups[:, -1] = downs[:, -1] = False
        able.append((ups, downs))
    _protect(able, mask, cost)
    return mask[:, :-1]


def _protect(able: list[tuple[Flags, Flags]], mask: Flags, cost: Floats) -> None:
    """Hide further figures in ``mask`` until nothing hidden can be told; ``able`` is how each table can move."""
    found = True
    while found:
        found = False
        for can in able:
            for row, column in np.argwhere(_fixed(can[0] & mask, can[1] & mask, mask)).tolist():
                # an earlier one of this round may have brought the cycle already
                if not _has_square(row, column, can, mask):
                    _hide_cycle(row, column, can, mask, cost)
                found = True


def _has_square(row: int, column: int, can: tuple[Flags, Flags], mask: Flags) -> bool:
    ups, downs = can[0] & mask, can[1] & mask
    for first, second in ((ups, downs), (downs, ups)):
        if first[row, column]:
            corners = second[row, :][None, :] & second[:, column][:, None] & first
            corners[row, :] = corners[:, column] = False
            if corners.any():
                return True
    return False


def moves(counts: Counts, mask: Flags) -> tuple[Flags, Flags]:
    """Which hidden figures can move up and down, in the sense of their lines.

    A cell may rise without limit and fall to 0. Totals stand on the other side of their line's sum: they move down
    without limit (as the total rises) and up as far as 0 (as it falls); the grand total is on the cells' side.
    """
    is_total = np.zeros(mask.shape, dtype=np.bool_)
    is_total[-1, :] = is_total[:, -1] = True
    is_total[-1, -1] = False
    can_fall = counts > 0
    return mask & (~is_total | can_fall), mask & (is_total | can_fall)


def told(counts: Counts, mask: Flags) -> Flags:
    """Which hidden figures follow exactly from what is shown, for one table with its totals."""
    return _fixed(*moves(counts, mask), mask)


def _fixed(ups: Flags, downs: Flags, mask: Flags) -> Flags:
    """Which hidden figures lie on no cycle of these moves."""
    free = _on_short_cycle(ups, downs)
    doubtful = np.argwhere(mask & ~free)
    result = np.zeros(mask.shape, dtype=np.bool_)
    if len(doubtful):
        reach = _Reach(ups, downs)
        for row, column in doubtful.tolist():
            result[row, column] = not reach.is_on_cycle(row, column)
    return result


def _on_short_cycle(ups: Flags, downs: Flags) -> Flags:
    """Figures on a cycle of four: up here, down in the row, up there, down in the column; or the other way."""
    up, down = ups.astype(np.float64), downs.astype(np.float64)
    return (ups & (_squares(up, down) > 0.5)) | (downs & (_squares(down, up) > 0.5))


def _squares(first: Floats, second: Floats) -> Floats:
    """[row, column]: ways to close a square whose other corners move second, first, second."""
    every = second @ first.T @ second
    same_row = second * (first * second).sum(axis=1, keepdims=True)
    same_column = second * (first * second).sum(axis=0, keepdims=True)
    return every - same_row - same_column + second * first * second


class _Reach:
    """Cycles of any length, for the few figures on no cycle of four."""

    def __init__(self, ups: Flags, downs: Flags) -> None:
        self._ups, self._downs = ups, downs
        self._to_columns = [np.flatnonzero(line).tolist() for line in ups]
        self._to_rows = [np.flatnonzero(line).tolist() for line in downs.T]

    def is_on_cycle(self, row: int, column: int) -> bool:
        """Whether the figure can move, one way or the other, and all lines still add up."""
        if self._ups[row, column] and self._leads(column, row, row, column):
            return True
        return bool(self._downs[row, column]) and self._leads_back(row, column)

    def _leads(self, start_column: int, goal_row: int, row: int, column: int) -> bool:
        """Whether moves lead from a column to a row without the figure itself."""
        seen_rows: set[int] = set()
        seen_columns, waiting = {start_column}, [start_column]
        while waiting:
            here = waiting.pop()
            for reached in self._to_rows[here]:
                if (reached, here) == (row, column) or reached in seen_rows:
                    continue
                if reached == goal_row:
                    return True
                seen_rows.add(reached)
                for onward in self._to_columns[reached]:
                    if onward not in seen_columns and (reached, onward) != (row, column):
                        seen_columns.add(onward)
                        waiting.append(onward)
        return False

    def _leads_back(self, row: int, column: int) -> bool:
        """Whether moves lead from the figure's row to its column without the figure itself."""
        return any(
            first != column and self._leads_to_column(first, row, column) for first in self._to_columns[row]
        )

    def _leads_to_column(self, start_column: int, row: int, column: int) -> bool:
        seen, waiting = {start_column}, [start_column]
        while waiting:
            here = waiting.pop()
            for reached in self._to_rows[here]:
                for onward in self._to_columns[reached]:
                    if (reached, onward) == (row, column) or (reached, here) == (row, column):
                        continue
                    if onward == column:
                        return True
                    if onward not in seen:
                        seen.add(onward)
                        waiting.append(onward)
        return False


def _hide_cycle(row: int, column: int, can: tuple[Flags, Flags], mask: Flags, cost: Floats) -> None:
    """Hide the three figures that, with this one, make the cheapest cycle of four."""
    ups, downs = can
    price = np.where(mask, 0.0, cost)
    total = price[row, :][None, :] + price[:, column][:, None] + price
    best: tuple[float, int, int] | None = None
    for first, second in ((ups, downs), (downs, ups)):
        if not first[row, column]:
            continue
        allowed = second[row, :][None, :] & second[:, column][:, None] & first
        allowed[row, :] = allowed[:, column] = False
        if allowed.any():
            place = int(np.where(allowed, total, np.inf).argmin())
            other_row, other_column = divmod(place, mask.shape[1])
            candidate = (float(total[other_row, other_column]), other_row, other_column)
            best = candidate if best is None or candidate < best else best
    if best is None:
        raise AssertionError("the totals of the line always make a cycle")
    mask[row, best[2]] = mask[best[1], column] = mask[best[1], best[2]] = True
