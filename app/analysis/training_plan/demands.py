"""What may be asked of a plan beside money, hours and places: records only, checked when a problem is built.

Reserves, release of teams, mentors, targets and fair shares. A plan without any of them has none of these
records, and every solver then works as if this file did not exist.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NO_MENTOR = -1
"""In ``Offers.mentor_hours``: the offer needs no mentor."""

NOT_A_LEARNER = -1
"""In ``Mentors.learner``: the mentor takes no course in this plan."""


@dataclass(frozen=True, slots=True)
class Reserve:
    """Money that departments share once their own is spent: Σ max(0, spent − own) ≤ ``pence``.

    ``accounts`` are (place in the problem's limits, pence of its own). Those limits say own + reserve, which
    no department can exceed whatever the others do; so a solver that knows limits only stays right in what it
    calls impossible.
    """

    pence: int
    accounts: tuple[tuple[int, int], ...]
    words: str = "the reserve"


@dataclass(frozen=True, slots=True)
class Release:
    """At most ``most`` (teams × quarters) people of a team are on a course in a quarter.

    ``team`` is the team of each learner. Those ``away`` (people × quarters) already for other reasons are
    taken off ``most`` and not counted again. Past the plan the last quarter's figure holds.
    """

    team: Ints
    most: Ints
    away: Bools
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mentors:
    """Who may mentor: in the mentee's unit or its parent, ``able`` (mentors × courses), there to the end.

    ``learner`` is the mentor's place among the learners, whose hours mentoring then shares, or
    :data:`NOT_A_LEARNER`: ``hours`` (mentors × quarters) count. ``parent`` is the unit above each unit or -1,
    ``unit_of`` the unit of each learner.
    """

    staff_ids: tuple[str, ...]
    learner: Ints
    unit: Ints
    hours: Ints
    last_quarter: Ints
    able: Bools
    parent: Ints
    unit_of: Ints


@dataclass(frozen=True, slots=True)
class Target:
    """``needs`` are to stand at ``levels`` by the end of quarter ``by`` (counted from 0).

    ``price`` is what each step met in time is worth beside its own weight, in ten-thousandths of a weighted
    step; ``None``: the target must be met. No level is above what is required.
    """

    words: str
    needs: Ints
    levels: Ints
    by: int
    price: int | None = None


@dataclass(frozen=True, slots=True)
class FairShare:
    """The people of ``homes`` have weighted steps worth ``needed`` ten-thousandths or more closed."""

    words: str
    homes: frozenset[int]
    needed: int
