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

_NOTHING = "no words of a digital, data or technology role"


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
        self._compiled, self._roles, self._queries = compiled, len(targets), queries
        self._meant = [*(target.role for target in targets), "digital, no single role", "not a digital role"]
        meanings, ranks = lexicon.meanings, lexicon.seniority
        self._seniority = {word: "" for word in ranks if word not in meanings}
        self._seniority |= {word: f" → {means}" for word, means in meanings.items() if means in ranks}
        self._words = [words.split() for words in plain_titles([query.title for query in queries])]
        starts = [0, *accumulate([len(words) + 1 for words in self._words])]
        self._found: list[list[tuple[int, int, list[int]]]] = [[] for _ in queries]
        places = zip(
            reading.title[found.start].tolist(),
            reading.origin[found.start].tolist(),
            reading.origin[found.start + found.length - 1].tolist(),
            compiled.book.answers[found.phrase].tolist(),
            strict=True,
        )
        for title, first, last, answers in places:
            self._found[title].append((first - starts[title], last + 1 - starts[title], answers))

    def of_title(self, number: int, answers: Sequence[int], levels: Sequence[int], grade: int) -> list[str]:
        """One line for each ranked answer of one title."""
        shown = self._shown(number)
        phrases = [(" ".join(shown[start:end]), meant) for start, end, meant in self._found[number]]
        seniority = next(
            (
                f"'{as_written}'{self._seniority[word]}"
                for word, as_written in zip(self._words[number], shown, strict=True)
                if word in self._seniority
            ),
            "",
        )
        return [
            self._of_answer(number, phrases, seniority if answer < self._roles else "", answer, level, grade)
            for answer, level in zip(answers, levels, strict=True)
        ]

    def _of_answer(
        self,
        number: int,
        phrases: list[tuple[str, list[int]]],
        seniority: str,
        answer: int,
        level: int,
        grade: int,
    ) -> str:
        meant = self._meant[answer]
        parts = [seniority] if seniority else []
        said = [
            f"'{text}' → {meant}" if readings[0] == answer else f"'{text}' → {meant} (one of its readings)"
            for text, readings in phrases
            if answer in readings
        ]
        if answer < self._roles:
            parts += said or ["its words are like the role's name"]
            agrees = self._compiled.levels.grade_agrees(answer, level, grade)
            if agrees is not None:
                parts.append(f"grade {GRADES[grade]} {'agrees' if agrees else 'is unusual for this level'}")
            return "; ".join(parts)
        none = answer == self._compiled.none
        parts += said or [_NOTHING if none else "digital words, but none of a single role"]
        profession = self._queries[number].profession
        if profession and profession_kind(profession):
            parts.append(f"profession {profession.strip()!r}")
        return "; ".join(parts)

    def _shown(self, number: int) -> list[str]:
        """The words of a title as somebody wrote them, or in plain form where the two cannot be matched up."""
        words, shown = self._words[number], _WORD.findall(self._queries[number].title)
        return shown if len(shown) == len(words) else words
