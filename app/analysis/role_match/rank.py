"""Ranks the roles of the framework in use for job titles, and says how sure it is and why.

A title is read into known words (``reading``), phrases of the lexicon and the roles' own names are found
in it
(``phrases``), what they and their surroundings say is added up with fitted weights (``evidence``,
``fit``), and a
softmax over all roles, "digital_unmapped" and "none" gives the probability, corrected by a fitted
calibration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from app.analysis.role_match.compiled import CompiledLexicon
from app.analysis.role_match.evidence import (
    FEATURES,
    Contribution,
    Surroundings,
    covered_words,
    name_evidence,
    phrase_evidence,
    standing_evidence,
    surroundings,
)
from app.analysis.role_match.lexicon import Lexicon, bundled_lexicon
from app.analysis.role_match.normalise import grade_rank, normal_title
from app.analysis.role_match.phrases import Found
from app.analysis.role_match.reading import Reading
from app.analysis.role_match.reasons import Reasons
from app.analysis.role_match.records import (
    FloatArray,
    IntArray,
    Ranking,
    RoleTarget,
    Rule,
    Suggestion,
    TitleQuery,
)
from app.progress import Progress
from app.terms import MatchKind, name_key

RULE_SCORE = 0.99
RULE_REASON = "confirmed for this title by your organisation"
_CELLS_AT_ONCE = 2_000_000
_MOST_EVIDENCE = 200.0


class RoleMatcher:
    """Suggests roles for job titles. ``rules`` maps normal titles to what the organisation confirmed for
    them.
    """

    def __init__(
        self,
        targets: Sequence[RoleTarget],
        rules: Mapping[str, Rule] | None = None,
        lexicon: Lexicon | None = None,
    ) -> None:
        self._targets = tuple(targets)
        self._rules = dict(rules or {})
        self._lexicon = lexicon or bundled_lexicon()
        self.compiled = CompiledLexicon(self._lexicon, self._targets, self._rules)
        self._answers = len(self._targets) + 2
        fitted = self._lexicon.fitted
        self._weights = np.array([fitted.weights.get(name, 0.0) for name in FEATURES])
        self._slope, self._offset = fitted.slope, fitted.offset

    def rank(self, queries: Sequence[TitleQuery], top: int = 3, progress: Progress | None = None) -> Ranking:
        """The best ``top`` answers per query as columns, without rules and reasons: the fast way to very
        many.
        """
        none = np.zeros(0, dtype=np.int64)
        width = min(top, self._answers)
        parts = [Ranking(none.reshape(0, width), none.reshape(0, width), np.zeros((0, width)), none, none)]
        parts += [self._rank(batch, top)[0] for batch in self._batches(queries, progress)]
        return Ranking(*(np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS))

    def suggest(
        self, queries: Sequence[TitleQuery], top: int = 3, progress: Progress | None = None
    ) -> list[tuple[Suggestion, ...]]:
        """Ranked suggestions for each query, in the order of the queries, each with at least rank 1.

        Ranks are of distinct answers: a role with its likeliest level, ``digital_unmapped`` or ``none``.
        Raises ``Cancelled`` when ``progress`` was asked to stop.
        """
        out: list[tuple[Suggestion, ...]] = []
        for batch in self._batches(queries, progress):
            ranking, reading, found = self._rank(batch, max(top, 1))
            reasons = Reasons(self._lexicon, self.compiled, self._targets, batch, reading, found)
            out += self._suggestions(ranking, reasons)
        if self._rules:
            out = [self._with_rule(query, found, top) for query, found in zip(queries, out, strict=True)]
        return out

    def _batches(
        self, queries: Sequence[TitleQuery], progress: Progress | None
    ) -> Iterator[Sequence[TitleQuery]]:
        """Parts of the queries small enough that titles × answers stays within a few tens of megabytes."""
        size = max(_CELLS_AT_ONCE // self._answers, 1)
        for start in range(0, len(queries), size):
            if progress is not None:
                progress.step(start / len(queries), "Matching job titles to roles")
            yield queries[start : start + size]

    def evidence(self, queries: Sequence[TitleQuery]) -> list[Contribution]:
        """Everything that speaks for an answer in these titles, as the fitting reads it."""
        reading, found, around = self._read(queries)
        return self._evidence(reading, found, around)

    def probabilities(self, queries: Sequence[TitleQuery]) -> FloatArray:
        """Softmax over the answers, one row per query, before calibration."""
        powers = self._powers(self.evidence(queries), len(queries))
        return powers / powers.sum(axis=1, keepdims=True)

    def _powers(self, parts: Sequence[Contribution], titles: int) -> FloatArray:
        """e to the weighted evidence of each answer; a few dozen at most, so nothing can overflow."""
        key = np.concatenate([part.title * self._answers + part.answer for part in parts])
        value = np.concatenate([self._weights[part.feature] * part.value for part in parts])
        evidence = np.bincount(key, value, titles * self._answers).reshape(titles, self._answers)
        return np.exp(np.minimum(evidence, _MOST_EVIDENCE, out=evidence), out=evidence)

    def _read(self, queries: Sequence[TitleQuery]) -> tuple[Reading, Found, Surroundings]:
        compiled = self.compiled
        reading = compiled.vocabulary.read([query.title for query in queries])
        found = compiled.find(reading, len(queries))
        digital = compiled.book.answers[found.phrase, 0] < self._answers - 1
        covered = covered_words(reading, found, digital)
        return reading, found, surroundings(reading, covered, compiled.word_weight, queries)

    def _evidence(self, reading: Reading, found: Found, around: Surroundings) -> list[Contribution]:
        out = phrase_evidence(reading, found, self.compiled.book, around, self._answers - 1)
        out += standing_evidence(around, self._answers - 1)
        alike = self.compiled.likeness(reading, len(around.digital_word))
        out += name_evidence(*alike, self.compiled.own_role, around)
        return out

    def _rank(self, queries: Sequence[TitleQuery], top: int) -> tuple[Ranking, Reading, Found]:
        titles, top = len(queries), min(top, self._answers)
        reading, found, around = self._read(queries)
        power = self._powers(self._evidence(reading, found, around), titles)
        total = power.sum(axis=1)
        answer = np.empty((titles, top), dtype=np.int64)
        score = np.empty((titles, top))
        rows = np.arange(titles)
        for rank in range(top):
            best = power.argmax(axis=1)
            answer[:, rank] = best
            score[:, rank] = power[rows, best] / total
            power[rows, best] = -1.0
        grade = _grades(queries)
        grade = np.where(grade >= 0, grade, reading.grade)
        marks = self.compiled.levels.marks(reading.word, reading.title, titles)
        level = np.full((titles, top), -1, dtype=np.int64)
        row, rank_ = np.nonzero(answer < len(self._targets))
        level[row, rank_] = self.compiled.levels.choose(
            answer[row, rank_], reading.seniority[row], grade[row], marks[row]
        )
        return Ranking(answer, level, self._calibrated(score), reading.seniority, grade), reading, found

    def _calibrated(self, chance: FloatArray) -> FloatArray:
        """Scores of ranked chances: the first corrected as fitted, the others sharing what is left of it.

        Three places, so that they read the same everywhere; they never rise with the rank.
        """
        if not chance.size:
            return chance
        first = np.clip(chance[:, :1], 1e-9, 1 - 1e-9)
        logit = np.log(first / (1 - first))
        score = 1 / (1 + np.exp(-(self._slope * logit + self._offset)))
        others = chance[:, 1:] * (1 - score) / (1 - first)
        ranked = np.minimum.accumulate(np.concatenate((score, others), axis=1), axis=1)
        return np.asarray(np.round(ranked, 3), dtype=np.float64)

    def _suggestions(self, ranking: Ranking, reasons: Reasons) -> list[tuple[Suggestion, ...]]:
        columns = zip(
            ranking.answer.tolist(),
            ranking.level.tolist(),
            ranking.score.tolist(),
            ranking.grade.tolist(),
            strict=True,
        )
        out: list[tuple[Suggestion, ...]] = []
        for number, (answers, levels, scores, grade) in enumerate(columns):
            why = reasons.of_title(number, answers, levels, grade)
            ranks = range(1, len(answers) + 1)
            out.append(tuple(map(self._suggestion, ranks, answers, levels, scores, why)))
        return out

    def _suggestion(self, rank: int, answer: int, level: int, score: float, reason: str) -> Suggestion:
        if answer >= len(self._targets):
            kind = MatchKind.NONE if answer == self._answers - 1 else MatchKind.DIGITAL_UNMAPPED
            return Suggestion(rank, kind, "", "", "", score, reason)
        target = self._targets[answer]
        name = target.levels[level] if level >= 0 else ""
        return Suggestion(rank, MatchKind.ROLE, target.role_family, target.role, name, score, reason)

    def _with_rule(
        self, query: TitleQuery, found: tuple[Suggestion, ...], top: int
    ) -> tuple[Suggestion, ...]:
        rule = self._rules.get(normal_title(query.title))
        if rule is None:
            return found
        first = Suggestion(
            1, rule.kind, rule.role_family, rule.role, rule.role_level, RULE_SCORE, RULE_REASON
        )
        others = [s for s in found if (s.kind, name_key(s.role)) != (rule.kind, name_key(rule.role))][
            : top - 1
        ]
        return first, *(
            Suggestion(rank, s.kind, s.role_family, s.role, s.role_level, min(s.score, 0.01), s.reason)
            for rank, s in enumerate(others, 2)
        )


_COLUMNS = ("answer", "level", "score", "seniority", "grade")


def _grades(queries: Sequence[TitleQuery]) -> IntArray:
    """The grade of each query as a place in ``terms.GRADES``, -1 where it has none that is known."""
    grades = [query.grade for query in queries]
    known = {grade: grade_rank(grade) for grade in set(grades)}
    return np.fromiter(map(known.__getitem__, grades), dtype=np.int64, count=len(grades))
