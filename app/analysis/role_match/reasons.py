"""Why an answer was suggested, in one line: "'Snr' → senior; 'Dev' → Software developer; grade SEO
agrees".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from app.analysis.role_match.compiled import CompiledLexicon
from app.analysis.role_match.evidence import profession_kind
from app.analysis.role_match.lexicon import Lexicon
from app.analysis.role_match.normalise import plain_titles
from app.analysis.role_match.phrases import Found
from app.analysis.role_match.reading import Reading
from app.analysis.role_match.records import RoleTarget, TitleQuery
from app.terms import GRADES

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


class Reasons:
    """Reasons for the titles of one reading."""

    def __init__(
        self,
        lexicon: Lexicon,
        compiled: CompiledLexicon,
        targets: Sequence[RoleTarget],
        queries: Sequence[TitleQuery],
        reading: Reading,
        found: Found,
    ) -> None:
        self._lexicon, self._compiled, self._targets, self._queries = lexicon, compiled, targets, queries
        self._words = [words.split() for words in plain_titles([query.title for query in queries])]
        self._shown: dict[int, list[str]] = {}
        starts = [0, *accumulate(len(words) + 1 for words in self._words)]
        self._found: list[list[tuple[int, int, list[int]]]] = [[] for _ in queries]
        places = zip(
            reading.title[found.start].tolist(),
            reading.origin[found.start].tolist(),
            reading.origin[found.start + found.length - 1].tolist(),
            compiled.book.answers[found.phrase].tolist(),
            strict=True,
        )
        for title, first, last, answers in places:
            self._found[title].append((first - starts[title], last - starts[title], answers))

    def why(self, number: int, answer: int, level: int, grade: int) -> str:
        """One line for one answer of one title."""
        parts = [
            self._phrase(number, first, last, answer, answers) for first, last, answers in self._found[number]
        ]
        parts = [part for part in parts if part]
        if answer < len(self._targets):
            parts = [*self._seniority(number), *(parts or ["its words are like the role's name"])]
            agrees = self._compiled.levels.grade_agrees(answer, level, grade)
            if agrees is not None:
                parts.append(f"grade {GRADES[grade]} {'agrees' if agrees else 'is unusual for this level'}")
            return "; ".join(parts)
        kind = profession_kind(self._queries[number].profession)
        if answer == self._compiled.none:
            parts = parts or ["no words of a digital, data or technology role"]
        else:
            parts = parts or ["digital words, but none of a single role"]
        if kind:
            parts.append(f"profession {self._queries[number].profession.strip()!r}")
        return "; ".join(parts)

    def _phrase(self, number: int, first: int, last: int, answer: int, answers: list[int]) -> str:
        if answer not in answers:
            return ""
        text = self._written(number, first, last)
        if answer < len(self._targets):
            meant = self._targets[answer].role
            also = " (one of its readings)" if answers[0] != answer else ""
            return f"'{text}' → {meant}{also}"
        meant = "not a digital role" if answer == self._compiled.none else "digital, no single role"
        if answers[0] != answer:
            meant += " (one of its readings)"
        return f"'{text}' → {meant}"

    def _written(self, number: int, first: int, last: int) -> str:
        """Words of the title as somebody wrote them, where they can be told apart; otherwise in plain
        form.
        """
        words, shown = self._words[number], self._shown.get(number)
        if shown is None:
            shown = self._shown[number] = _WORD.findall(self._queries[number].title)
        return " ".join((shown if len(shown) == len(words) else words)[first : last + 1])

    def _seniority(self, number: int) -> list[str]:
        meanings, ranks = self._lexicon.meanings, self._lexicon.seniority
        out: list[str] = []
        for place, word in enumerate(self._words[number]):
            means = meanings.get(word, word)
            if means in ranks and means != word:
                out.append(f"'{self._written(number, place, place)}' → {means}")
            elif means in ranks:
                out.append(f"'{self._written(number, place, place)}'")
        return out[:1]
