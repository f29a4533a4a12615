"""What a department's need is that could at all be closed, and the share of it that a plan must close."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from app.analysis.training_plan.demands import FairShare
from app.analysis.training_plan.enrol import candidates
from app.analysis.training_plan.problem import PlanProblem

Ints = npt.NDArray[np.int64]

WHOLE_SHARE = 10_000
"""Shares are in ten-thousandths: 10,000 is all of it."""


def closable_steps(problem: PlanProblem) -> Ints:
    """Weighted steps (ten-thousandths) that courses could close, one entry per need, each need by itself.

    A course counts where the person may be enrolled on it at all: open to them, in time, within their hours,
    with places and a mentor in reach. Money, groups, released teams and what others take are left aside.
    """
    found = candidates(problem)
    need = found.routes.need
    held = problem.needs.held[need]
    ends = found.quarter + problem.offers.duration[found.course]
    horizon = int(max(ends.max(initial=0), problem.quarters)) + 1
    level = np.repeat(held[:, None], horizon, axis=1)
    at = found.quarter[found.credit_of]
    for quarter in range(horizon):
        if quarter:
            level[:, quarter] = np.maximum(level[:, quarter], level[:, quarter - 1])
        row = found.credit_need
        now = ((at == quarter) & (found.credit_entry <= level[row, quarter])).nonzero()[0]
        np.maximum.at(level, (row[now], ends[found.credit_of[now]]), found.credit_exit[now])
    total = np.zeros(len(problem.needs.person), dtype=np.int64)
    total[need] = (level[:, -1] - held) * problem.needs.weight[need]
    return total


def fair_shares(
    problem: PlanProblem, share: int, departments: Iterable[tuple[str, frozenset[int]]]
) -> tuple[FairShare, ...]:
    """``share`` (ten-thousandths) of what each department could close, rounded up; departments by name and homes."""
    closable = closable_steps(problem)
    home = problem.learners.homes[problem.needs.person]
    shares: list[FairShare] = []
    for name, homes in departments:
        own = int(closable[np.isin(home, np.array(sorted(homes), dtype=np.int64))].sum())
        needed = -(-own * share // WHOLE_SHARE)
        if needed:
            words = f"{name} gets at least {share / 100:g} % of its need closed"
            shares.append(FairShare(words, homes, needed))
    return tuple(shares)
