"""Fits the weights of the evidence and the calibration on labelled titles, in seconds, with NumPy alone.

The weights are those of a conditional logit: the probability of an answer is the softmax of its weighted
evidence.
They are pulled towards the hand-set :data:`PRIOR`, so that three hundred titles cannot teach them
oddities. The
calibration (Platt: slope and offset on the log-odds of the first answer) is fitted on answers to titles
the weights
did not see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.analysis.role_match.evidence import FEATURES, Contribution
from app.analysis.role_match.normalise import plain
from app.analysis.role_match.reading import singular
from app.analysis.role_match.records import BoolArray, FloatArray, IntArray

PRIOR: Mapping[str, float] = {
    "first_3": 13.0, "second_3": 10.0, "third_3": 9.0,
    "digital_word_3": 0.5, "digital_profession_3": 1.0, "other_profession_3": 0.0, "other_word_3": 0.0,
    "first_2": 9.5, "second_2": 7.0, "third_2": 6.2,
    "digital_word_2": 1.0, "digital_profession_2": 1.5, "other_profession_2": -1.0, "other_word_2": -1.0,
    "first_1": 5.7, "second_1": 4.6, "third_1": 4.0,
    "digital_word_1": 2.5, "digital_profession_1": 3.2, "other_profession_1": -1.5, "other_word_1": -1.0,
    "covered": 0.5, "ends_title": 0.3, "starts_title": 0.3, "interrupted": -2.0,
    "name": 3.0, "name_digital_profession": 1.0, "own_name": 8.0,
    "none": 7.0, "none_digital_word": -1.0, "none_other_word": 1.0,
    "none_digital_profession": -2.0, "none_other_profession": 1.0,
    "none_phrase_1": 1.0, "none_phrase_2": 3.0, "none_phrase_3": 6.0,
    "unmapped": 3.0, "unmapped_digital_word": 3.0, "unmapped_other_word": 0.0,
    "unmapped_digital_profession": 2.0, "unmapped_other_profession": 0.0,
    "unmapped_phrase_1": 3.5, "unmapped_phrase_2": 6.0, "unmapped_phrase_3": 9.5,
}  # fmt: skip
"""What an expert would say before seeing any labelled title, in log-odds."""

_STEPS = 400
_STEP = 0.05


@dataclass(frozen=True, slots=True)
class Design:
    """Evidence of labelled titles: one row per (title, answer) that anything speaks for.

    ``title`` numbers the title of each row, ``evidence`` is rows × features, ``right`` is true for answers that
    count as right. ``idle`` is, per title, how many answers nothing speaks for (their log-odds are 0).
    """

    title: IntArray
    evidence: FloatArray
    right: BoolArray
    idle: FloatArray

    def only(self, titles: BoolArray) -> Design:
        """The titles for which ``titles`` is true, renumbered."""
        kept = titles[self.title]
        number = np.cumsum(titles) - 1
        return Design(number[self.title[kept]], self.evidence[kept], self.right[kept], self.idle[titles])

    def chances(self, weights: FloatArray) -> FloatArray:
        """The probability of each row's answer under some weights."""
        powers = np.exp(self.evidence @ weights)
        return powers / (np.bincount(self.title, powers, len(self.idle)) + self.idle)[self.title]


def design(parts: Sequence[Contribution], right: BoolArray) -> Design:
    """The evidence of ``RoleMatcher.evidence``; ``right`` (titles × answers) says which answers count as right."""
    titles, answers = right.shape
    keys = [part.title * answers + part.answer for part in parts]
    rows, place = np.unique(np.concatenate(keys), return_inverse=True)
    evidence = np.zeros((len(rows), len(FEATURES)))
    feature = np.concatenate([part.feature for part in parts])
    np.add.at(evidence, (place, feature), np.concatenate([part.value for part in parts]))
    title = rows // answers
    idle = answers - np.bincount(title, minlength=titles).astype(np.float64)
    return Design(title, evidence, right.reshape(-1)[rows], idle)


def prior_weights() -> FloatArray:
    """:data:`PRIOR` in the order of the features."""
    return np.array([PRIOR[name] for name in FEATURES])


def fit_weights(labelled: Design, pull: float = 0.003) -> FloatArray:
    """Weights that make the right answers likely, pulled towards the prior by ``pull`` per squared distance.

    Adam steps from the prior, so that the same input gives the same weights. Titles without a right answer that
    anything speaks for teach nothing and are left out.
    """
    prior = prior_weights()
    weights, first, second = prior.copy(), np.zeros_like(prior), np.zeros_like(prior)
    known = np.bincount(labelled.title, labelled.right, len(labelled.idle)) > 0
    labelled = labelled.only(known)
    for step in range(1, _STEPS + 1):
        chance = labelled.chances(weights)
        wanted = chance * labelled.right
        wanted /= np.maximum(np.bincount(labelled.title, wanted, len(labelled.idle)), 1e-12)[labelled.title]
        gradient = (wanted - chance) @ labelled.evidence / len(labelled.idle) - 2 * pull * (weights - prior)
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        corrected = np.sqrt(second / (1 - 0.999**step)) + 1e-8
        weights += _STEP * (first / (1 - 0.9**step)) / corrected
    return weights


def fit_calibration(chance: FloatArray, correct: FloatArray, pull: float = 1.0) -> tuple[float, float]:
    """Slope and offset of Platt's correction for first answers with ``chance`` that were ``correct`` (0 or
    1).

    Newton's method on the log-likelihood; ``pull`` draws the slope to 1 and the offset to 0.
    """
    clipped = np.clip(chance, 1e-9, 1 - 1e-9)
    columns = np.stack([np.log(clipped / (1 - clipped)), np.ones(len(chance))], axis=1)
    start = np.array([1.0, 0.0])
    values = start.copy()
    for _ in range(50):
        guess = 1 / (1 + np.exp(-columns @ values))
        gradient = columns.T @ (correct - guess) - pull * (values - start)
        curvature = (columns * (guess * (1 - guess))[:, None]).T @ columns + pull * np.eye(2)
        values = values + np.linalg.solve(curvature, gradient)
    return float(values[0]), float(values[1])


def word_evidence(posts: Sequence[tuple[str, bool]], least: int = 6, shrink: float = 4.0) -> dict[str, float]:
    """How strongly each word speaks for digital work: log-odds from distinct titles of posts in and out of
    it.

    Words in fewer than ``least`` titles are left out; ``shrink`` is the number of titles of doubt added.
    """
    seen: dict[str, list[int]] = {}
    totals = [0, 0]
    for title, digital in sorted(set(posts)):
        totals[digital] += 1
        for word in {singular(word) for word in plain(title).split() if len(word) > 2 and word.isalpha()}:
            seen.setdefault(word, [0, 0])[digital] += 1
    share = totals[1] / max(sum(totals), 1)
    return {
        word: round(
            float(np.log((yes + shrink * share) / (no + shrink * (1 - share)) * (1 - share) / share)), 2
        )
        for word, (no, yes) in sorted(seen.items())
        if yes + no >= least
    }
