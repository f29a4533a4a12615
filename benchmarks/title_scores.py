"""Scores ranked role suggestions against labelled titles, each with its uncertainty.

The definitions are those of the labelled file: a role counts as right where it is the label or among the other
acceptable answers; a digital title without a role may also be answered "none"; precision of "none" counts what was
said to be none. Every figure is a mean over titles, so one pass of marks gives figures and bootstrap intervals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.analysis.role_match import Suggestion
from app.terms import MatchKind

FIGURES: tuple[tuple[str, str], ...] = (
    ("all_top1", "any kind right, first place"),
    ("role_top1", "role right, first place"),
    ("role_top3", "role right, first three"),
    ("clear_top1", "role right where the label is clear"),
    ("level_top1", "role and level right where clear"),
    ("none_recall", "not digital: recall"),
    ("none_precision", "not digital: precision"),
    ("unmapped_ok", "digital without a role: recognised"),
    ("ece", "expected calibration error"),
)
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Marks:
    """For each figure, whether each title counts in it and whether it is right; and the first answer's score."""

    counted: dict[str, np.ndarray]
    right: dict[str, np.ndarray]
    score: np.ndarray


def fold(text: str | None) -> str:
    """Names as they are compared: lower case, single blanks."""
    return " ".join((text or "").lower().split())


def acceptable(row: Row) -> set[str]:
    """The label and the other answers that do not count as wrong, folded."""
    also = (row.get("also_acceptable") or "").replace("|", ";").split(";")
    return {fold(part) for part in (row.get("role") or "", *also) if part.strip()}


def answer_of(suggestion: Suggestion) -> str:
    """The role, or the kind where there is none, folded."""
    return fold(suggestion.role) if suggestion.kind is MatchKind.ROLE else str(suggestion.kind)


def is_right(row: Row, ranked: Sequence[Suggestion]) -> bool:
    """Whether the first answer is right, whatever the kind of label."""
    first, wanted = answer_of(ranked[0]), acceptable(row)
    if row["label_kind"] == "family":
        return fold(ranked[0].role_family) == fold(row.get("role_family")) or str(ranked[0].kind) in wanted
    if row["label_kind"] == "digital_unmapped":
        return first in {MatchKind.NONE, MatchKind.DIGITAL_UNMAPPED} or first in wanted
    return first in wanted or (row["label_kind"] == "none" and first == MatchKind.NONE)


def marks(rows: Sequence[Row], ranked: Sequence[Sequence[Suggestion]]) -> Marks:
    """What each title adds to each figure."""
    one: dict[str, list[tuple[bool, bool]]] = {name: [] for name, _ in FIGURES if name != "ece"}
    for row, found in zip(rows, ranked, strict=True):
        kind, ok = row["label_kind"], is_right(row, found)
        role, level = kind == "role", row.get("role_level") or ""
        said_none = found[0].kind is MatchKind.NONE
        in_three = any(answer_of(s) in acceptable(row) for s in found[:3])
        one["all_top1"].append((True, ok))
        one["role_top1"].append((role, ok))
        one["role_top3"].append((role, in_three))
        one["clear_top1"].append((role and row.get("confidence") == "clear", ok))
        one["level_top1"].append((role and bool(level), ok and fold(found[0].role_level) == fold(level)))
        one["none_recall"].append((kind == "none", said_none))
        one["none_precision"].append((said_none, kind == "none" or (kind == "digital_unmapped" and ok)))
        one["unmapped_ok"].append((kind == "digital_unmapped", ok))
    return Marks(
        {name: np.array([c for c, _ in pairs]) for name, pairs in one.items()},
        {name: np.array([r for _, r in pairs]) for name, pairs in one.items()},
        np.array([found[0].score for found in ranked]),
    )


def figures(of: Marks, rows: np.ndarray | None = None) -> dict[str, float]:
    """The figures over all titles, or over the rows given (repeats count)."""
    rows = np.arange(len(of.score)) if rows is None else rows
    out: dict[str, float] = {}
    for name, counted in of.counted.items():
        here = counted[rows]
        out[name] = float(of.right[name][rows][here].mean()) if here.any() else float("nan")
    out["ece"] = calibration_error(of.score[rows], of.right["all_top1"][rows])
    return out


def calibration_error(score: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error over ten bins of equal width."""
    place = np.minimum((score * 10).astype(int), 9)
    weight = np.bincount(place, minlength=10)
    gap = np.abs(np.bincount(place, score, 10) - np.bincount(place, right, 10))
    return float(gap[weight > 0].sum() / max(len(score), 1))


def intervals(of: Marks, seed: int = 1, draws: int = 2000) -> dict[str, tuple[float, float]]:
    """95 % bootstrap intervals: titles drawn anew with replacement."""
    chance = np.random.default_rng(seed)
    drawn = [figures(of, chance.integers(0, len(of.score), len(of.score))) for _ in range(draws)]
    return {
        name: (float(low), float(high))
        for name, _ in FIGURES
        for low, high in [np.nanpercentile([figure[name] for figure in drawn], (2.5, 97.5))]
    }
