"""How far it is from what somebody holds to what a role level asks: steps missing, between levels and for people.

A step is one level of one skill (PRODUCT, "Steps"). Whoever holds a role level is taken to meet what it asks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.terms import NOT_ASSESSED, Level

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]


def level_distances(required: Bytes) -> Ints:
    """Steps missing [R × R] from each role level (rows) to each other one (columns).

    ``required`` [R × S] has the level each asks, 0 where it asks for nothing.
    """
    found: Ints = np.zeros((len(required), len(required)), dtype=np.int64)
    for level in range(1, int(Level.EXPERT) + 1):
        reached = (required >= level).astype(np.float64)
        found += np.rint((1.0 - reached) @ reached.T).astype(np.int64)
    return found


@dataclass(frozen=True, slots=True)
class Distances:
    """How far people are from one role level, one entry per person in each.

    ``steps`` are missing in assessed skills, ``met`` and ``assessed`` count the skills the level asks for.
    """

    steps: Ints
    met: Ints
    assessed: Ints


def distances_to(held: Bytes, needed: Bytes) -> Distances:
    """How far people are from a role level: ``held`` [P × N] levels in the N skills it asks, ``needed`` [N]."""
    is_assessed = held != NOT_ASSESSED
    missing = np.maximum(needed[None, :].astype(np.int64) - held.astype(np.int64), 0)
    steps = np.where(is_assessed, missing, 0).sum(axis=1)
    met = (is_assessed & (held >= needed[None, :])).sum(axis=1)
    return Distances(steps.astype(np.int64), met.astype(np.int64), is_assessed.sum(axis=1).astype(np.int64))


_ROUNDS = 60
_LEAST_APART = 0.5
"""Levels that ask for the same stand half a step apart, so that both are seen."""


def map_places(distances: Ints) -> Floats:
    """Places in the plane [R × 2] whose distances follow those given as well as two numbers can.

    Classical scaling of the distances made symmetric, then bettered so that *relative* errors are small (stress with
    weights 1 ÷ d²): neighbours stand near one another, which is what the map is read for. The same distances give the
    same map.
    """
    size = len(distances)
    if size < 2:
        return np.zeros((size, 2))
    wanted = (distances + distances.T) / 2.0
    return _bettered(_classical(wanted), wanted)


def _bettered(places: Floats, wanted: Floats) -> Floats:
    """Weighted stress brought down by majorisation (SMACOF), a fixed number of rounds from a fixed beginning."""
    apart = np.maximum(wanted, _LEAST_APART)
    weight = 1.0 / apart**2
    np.fill_diagonal(weight, 0.0)
    pull = np.diag(weight.sum(axis=1)) - weight
    back = np.linalg.pinv(pull)
    for _ in range(_ROUNDS):
        away = np.linalg.norm(places[:, None] - places[None, :], axis=2)
        ratio = np.where(away > 1e-9, weight * apart / np.maximum(away, 1e-9), 0.0)
        push = np.diag(ratio.sum(axis=1)) - ratio
        places = back @ push @ places
    return places - places.mean(axis=0)


def _classical(wanted: Floats) -> Floats:
    """Classical scaling; signs are settled so that the same distances give the same places."""
    size = len(wanted)
    both = wanted**2
    centre = np.eye(size) - 1.0 / size
    values, vectors = np.linalg.eigh(-0.5 * centre @ both @ centre)
    order = np.argsort(values)[::-1][:2]
    found = vectors[:, order] * np.sqrt(np.maximum(values[order], 0.0))
    if found.shape[1] < 2:
        found = np.pad(found, ((0, 0), (0, 2 - found.shape[1])))
    largest = np.abs(found).argmax(axis=0)
    signs = np.where(found[largest, np.arange(2)] < 0, -1.0, 1.0)
    return found * signs
