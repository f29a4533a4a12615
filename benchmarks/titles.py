"""How well job titles are matched to roles: every figure by 5-fold cross-validation, with intervals and misses.

    python -m benchmarks.titles [LABELLED.csv]        the figures, the misses, plain rapidfuzz beside them
    python -m benchmarks.titles [LABELLED.csv] --fit  fit weights and calibration anew into resources/titles

Without a file the labelled sample in ``shared/data/jobs`` beside the checkout is read. The weights of each fold are
fitted on the other four and on ``resources/titles/training_titles.csv``; its calibration on answers to titles that
the weights had not seen. The phrases of the lexicon were written by hand with the labelled sample known, so the
figures say how well weights and calibration carry over, not how the phrases fare on titles of another world.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np

from app.analysis.role_match import RoleMatcher, RoleTarget, Suggestion, TitleQuery, bundled_lexicon
from app.analysis.role_match.evidence import FEATURES
from app.analysis.role_match.fit import Design, design, fit_calibration, fit_weights
from app.analysis.role_match.lexicon import Fitted, Lexicon
from app.resources import resource
from app.terms import MatchKind
from benchmarks.title_scores import (
    FIGURES,
    Row,
    acceptable,
    answer_of,
    figures,
    fold,
    intervals,
    is_right,
    marks,
)

FOLDS = 5
UNWRITTEN = 0.15
"""Share of phrases left out for the calibration. Titles labelled before the lexicon had been tried on them were
answered rightly about as often as its own titles are with this share missing (94 to 95 in 100)."""

FRAMEWORK = "government-digital-and-data-2025-09.csv"


@dataclass(frozen=True, slots=True)
class Labelled:
    """Titles with their labels and the evidence for every answer."""

    rows: list[Row]
    queries: list[TitleQuery]
    design: Design


def official_targets() -> list[RoleTarget]:
    """The roles of the bundled framework, levels from most junior to most senior."""
    with resource("frameworks", FRAMEWORK).open(encoding="utf-8", newline="") as file:
        lines = sorted(
            {
                (r["role_family"], r["role"], int(r["seniority"]), r["role_level"])
                for r in csv.DictReader(file)
            }
        )
    return [
        RoleTarget(family, role, tuple(level for *_, level in levels))
        for (family, role), levels in groupby(lines, key=lambda line: line[:2])
    ]


def read_labelled(path: Path) -> list[Row]:
    """The rows of a labelled file (its columns are explained beside it)."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def own_titles() -> list[Row]:
    """The project's own labelled titles in the same form; the first answer stands for the label.

    Each stands there twice, with and without what stood beside it, because extracts often hold the title alone.
    """
    with resource("titles", "training_titles.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(line for line in file if not line.startswith("#")))
    out: list[Row] = []
    for line in lines:
        first = line["answers"].split(";")[0].strip()
        kind = first if first in {"none", "digital_unmapped"} else "role"
        row = {
            "title": line["title"],
            "label_kind": kind,
            "role": first if kind == "role" else "",
            "also_acceptable": line["answers"],
        }
        out += [row | {"grade": line["grade"], "profession_in_source": line["profession"]}, row]
    return out


def labelled(rows: list[Row], matcher: RoleMatcher, targets: Sequence[RoleTarget]) -> Labelled:
    """Titles ready for fitting. A family label makes every role of the family right."""
    queries = [
        TitleQuery(
            row["title"], row.get("grade") or "", row.get("unit") or "", row.get("profession_in_source") or ""
        )
        for row in rows
    ]
    names = [*(fold(target.role) for target in targets), str(MatchKind.DIGITAL_UNMAPPED), str(MatchKind.NONE)]
    families = [*(fold(target.role_family) for target in targets), "", ""]
    right = np.zeros((len(rows), len(names)), dtype=np.bool_)
    for number, row in enumerate(rows):
        wanted = acceptable(row) | {row["label_kind"]}
        family = fold(row.get("role_family")) if row["label_kind"] == "family" else None
        right[number] = [n in wanted or f == family for n, f in zip(names, families, strict=True)]
    return Labelled(rows, queries, design(matcher.evidence(queries), right))


class Trial:
    """Fits on some titles and answers others."""

    def __init__(self, path: Path) -> None:
        self.targets = official_targets()
        matcher = RoleMatcher(self.targets)
        self.sample = labelled(read_labelled(path), matcher, self.targets)
        self.own = labelled(own_titles(), matcher, self.targets)
        order = np.random.default_rng(2025).permutation(len(self.sample.rows))
        self.fold = np.empty(len(order), dtype=np.int64)
        self.fold[order] = np.arange(len(order)) % FOLDS
        self.own_fold = np.arange(len(self.own.rows)) // 2 % FOLDS

    def fit(self, sample: np.ndarray, own: np.ndarray) -> np.ndarray:
        """Weights fitted on the titles marked in both lots."""
        return fit_weights(joined(self.sample.design.only(sample), self.own.design.only(own)))

    def answers(
        self, lot: Labelled, chosen: np.ndarray, fitted: Fitted, lexicon: Lexicon | None = None
    ) -> list[tuple[Suggestion, ...]]:
        """The product's own suggestions for the marked titles under some weights."""
        lexicon = replace(lexicon or bundled_lexicon(), fitted=fitted)
        queries = [query for query, here in zip(lot.queries, chosen, strict=True) if here]
        return RoleMatcher(self.targets, lexicon=lexicon).suggest(queries)

    def calibrated(self, sample: np.ndarray, own: np.ndarray) -> Fitted:
        """Weights from the marked titles, and a calibration from answers to those left out in turn.

        Those answers are given by a lexicon that lacks a share of its phrases, another share in every fold: the
        phrases were written with these titles known, and titles of the world will hold words that nobody wrote down.
        """
        chance: list[float] = []
        right: list[bool] = []
        for number in range(FOLDS):
            kept, kept_own = sample & (self.fold != number), own & (self.own_fold != number)
            plain = Fitted(named(self.fit(kept, kept_own)))
            for lot, chosen in ((self.sample, sample & ~kept), (self.own, own & ~kept_own)):
                rows = [row for row, here in zip(lot.rows, chosen, strict=True) if here]
                found = self.answers(lot, chosen, plain, with_gaps(number))
                chance += [ranked[0].score for ranked in found]
                right += [is_right(row, ranked) for row, ranked in zip(rows, found, strict=True)]
        slope, offset = fit_calibration(np.array(chance), np.array(right, dtype=np.float64))
        return Fitted(named(self.fit(sample, own)), slope, offset)

    def cross_validated(self) -> list[tuple[Suggestion, ...]]:
        """An answer to every title of the sample from weights and calibration that have not seen it."""
        out: list[tuple[Suggestion, ...]] = [()] * len(self.sample.rows)
        for number in range(FOLDS):
            held = self.fold == number
            fitted = self.calibrated(~held, np.ones(len(self.own.rows), dtype=np.bool_))
            for place, ranked in zip(
                np.flatnonzero(held), self.answers(self.sample, held, fitted), strict=True
            ):
                out[place] = ranked
        return out


def with_gaps(fold_number: int) -> Lexicon:
    """The bundled lexicon without a share of its phrases, a different one for each fold."""
    whole = bundled_lexicon()
    chance = np.random.default_rng(fold_number).random(len(whole.phrases))
    return replace(
        whole, phrases=tuple(p for p, c in zip(whole.phrases, chance, strict=True) if c >= UNWRITTEN)
    )


def joined(first: Design, second: Design) -> Design:
    """Two lots of titles as one."""
    return Design(
        np.concatenate((first.title, second.title + len(first.idle))),
        np.concatenate((first.evidence, second.evidence)),
        np.concatenate((first.right, second.right)),
        np.concatenate((first.idle, second.idle)),
    )


def named(weights: np.ndarray) -> dict[str, float]:
    """Weights by the name of their feature, as ``fitted.json`` keeps them."""
    return {name: round(float(value), 4) for name, value in zip(FEATURES, weights, strict=True)}


def plain_rapidfuzz(rows: list[Row], targets: Sequence[RoleTarget]) -> list[tuple[Suggestion, ...]]:
    """The comparison: closest role-level names by rapidfuzz, its scorer and its cut-off for "none" chosen to suit it.

    They are chosen on the very titles it is scored on, which flatters it.
    """
    from rapidfuzz import fuzz, process  # slow to import, and only this needs it

    levels = [(target, level) for target in targets for level in target.levels]
    titles, names = [fold(row["title"]) for row in rows], [fold(level) for _, level in levels]
    best: list[tuple[Suggestion, ...]] = []
    most = -1
    for scorer in (fuzz.ratio, fuzz.token_sort_ratio, fuzz.token_set_ratio, fuzz.WRatio):
        ranked = [_closest(line, levels) for line in process.cdist(titles, names, scorer=scorer)]
        for cut in range(30, 100, 2):
            cut_off = [_none_below(found, cut / 100) for found in ranked]
            right = sum(is_right(row, found) for row, found in zip(rows, cut_off, strict=True))
            if right > most:
                best, most = cut_off, right
    return best


def _closest(line: np.ndarray, levels: Sequence[tuple[RoleTarget, str]]) -> list[Suggestion]:
    out: list[Suggestion] = []
    for place in np.argsort(-line, kind="stable"):
        (target, level), score = levels[place], float(line[place]) / 100
        if target.role not in {s.role for s in out}:
            rank = len(out) + 1
            out.append(
                Suggestion(rank, MatchKind.ROLE, target.role_family, target.role, level, score, "likeness")
            )
        if len(out) == 3:
            break
    return out


def _none_below(found: list[Suggestion], cut: float) -> tuple[Suggestion, ...]:
    if found[0].score >= cut:
        return tuple(found)
    return Suggestion(1, MatchKind.NONE, "", "", "", 1 - found[0].score, "nothing alike"), *found[:2]


def report(trial: Trial) -> str:
    """The figures and the misses as text."""
    rows, found = trial.sample.rows, trial.cross_validated()
    ours, fuzzy = marks(rows, found), marks(rows, plain_rapidfuzz(rows, trial.targets))
    figure, interval, plain = figures(ours), intervals(ours), figures(fuzzy)
    lines = [
        f"{len(rows)} labelled titles, {FOLDS}-fold cross-validation, 95 % bootstrap intervals",
        "",
        f"{'':38}{'titles':>7}{'figure':>9}{'interval':>17}{'rapidfuzz':>11}",
    ]
    for name, words in FIGURES:
        low, high = interval[name]
        counted = int(ours.counted[name].sum()) if name in ours.counted else len(rows)
        lines.append(f"{words:38}{counted:7d}{figure[name]:9.3f}{low:9.3f}–{high:.3f}{plain[name]:11.3f}")
    misses = [(row, ranked) for row, ranked in zip(rows, found, strict=True) if not is_right(row, ranked)]
    lines += ["", f"{len(misses)} misses (label → first answer, its score, why):"]
    for row, ranked in misses:
        wanted = row["role"] or row["role_family"] or row["label_kind"]
        first = ranked[0]
        lines.append(f"  {row['title']!r}: {wanted} → {answer_of(first)} {first.score:.2f} ({first.reason})")
    return "\n".join(lines)


def write_fitted(trial: Trial, path: Path) -> None:
    """Fit on everything and keep the result."""
    fitted = trial.calibrated(
        np.ones(len(trial.sample.rows), dtype=np.bool_), np.ones(len(trial.own.rows), dtype=np.bool_)
    )
    content = {
        "made_by": "python -m benchmarks.titles LABELLED.csv --fit",
        "titles": len(trial.sample.rows) + len(trial.own.rows),
        "weights": dict(fitted.weights),
        "calibration": {"slope": round(fitted.slope, 4), "offset": round(fitted.offset, 4)},
    }
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8", newline="\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report, or fit anew."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    sample = Path(os.environ.get("MUSTER_SHARED_DATA", beside)) / "jobs" / "labelled_titles_sample.csv"
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.titles", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("labelled", type=Path, nargs="?", default=sample, help="labelled titles (CSV)")
    parser.add_argument(
        "--fit", action="store_true", help="fit weights and calibration into resources/titles"
    )
    chosen = parser.parse_args(arguments)
    if not chosen.labelled.exists():
        print(f"{chosen.labelled} is not there. Name a file of labelled titles.")
        return 1
    trial = Trial(chosen.labelled)
    if chosen.fit:
        write_fitted(trial, resource("titles", "fitted.json"))
    else:
        print(report(trial))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
